"""StableHLO artifacts: a function with everything that it holds, in one file.

`jax` (and flatbuffers, which its reader needs) runs such a file without kerasish::

    from jax import export
    with open("model.stablehlo", "rb") as file:
        program = export.deserialize(bytearray(file.read()))
    y = program.call(x)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, FileFormatError, KerasishError, ShapeError
from kerasish.core.graph.symbolic import shape_of
from kerasish.export._shared import first_line, place
from kerasish.saving.files import atomic_write, source

__all__ = ["load", "write"]

_PLATFORMS = ("cpu", "cuda", "rocm", "tpu")


def write(
    function: Callable[..., Any],
    avals: Sequence[Any],
    filepath: str | os.PathLike[str],
    platforms: Sequence[str] = ("cpu", "cuda", "tpu"),
) -> None:
    """Write a function of arrays as a program; what models do is `Model.export`.

    Args:
        function: a pure function. The arrays that it holds become part of the program.
        avals: shapes and dtypes for its arguments, each a structure. Sizes may be symbols.
        filepath: where to; a file that is there is replaced.
        platforms: where the program shall run: `"cpu"`, `"cuda"`, `"rocm"`, `"tpu"`.

    Raises:
        ArgumentError: if JAX cannot make such a program, or the file cannot be written.
    """
    if not platforms or not set(platforms) <= set(_PLATFORMS):
        raise ArgumentError(f"platforms is a list of some of {_PLATFORMS}; got {platforms!r}.")
    path = place(filepath)
    try:
        program = jax.export.export(jax.jit(function), platforms=list(platforms))(*avals)
        content = program.serialize()
    except KerasishError:
        raise
    except ImportError as error:
        raise _without_flatbuffers() from error
    except Exception as error:  # whatever the function or a lowering raises
        raise ArgumentError(
            f"The function cannot be exported for {list(platforms)} and inputs of shapes "
            f"{shape_of(list(avals))}: {first_line(error)} Another platform is asked for with "
            "`platforms=['cpu']`, sizes that must be known with `input_signature`."
        ) from error
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def load(filepath: str | os.PathLike[str]) -> Callable[..., Any]:
    """Return what `Model.export` has written, as a function of the model's inputs.

    The file is a program: load only what you would run. JAX alone loads it, too, with
    `jax.export.deserialize`; this one also takes NumPy arrays of other dtypes, and compiles
    for each shape once.

    Args:
        filepath: the file.

    Returns:
        A function of arrays, in the structure that the model takes.

    Raises:
        FileFormatError: if there is no such file, or it is damaged.

    Examples:
        >>> import os, tempfile
        >>> import numpy as np
        >>> from kerasish import Input, Sequential, export, layers
        >>> model = Sequential([Input((4,)), layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "model.stablehlo")
        ...     model.export(path)
        ...     predict = export.load(path)
        >>> predict(np.ones((3, 4))).shape
        (3, 2)
    """
    path = source(filepath)
    try:
        program = jax.export.deserialize(bytearray(path.read_bytes()))
        avals, _ = jax.tree.unflatten(program.in_tree, program.in_avals)
    except ImportError as error:
        raise _without_flatbuffers() from error
    except Exception as error:  # the reader trusts what it reads
        raise FileFormatError(
            f"{str(path)!r} is no exported program, or it is damaged: {first_line(error)}"
        ) from error
    compiled = jax.jit(program.call)

    def call(*inputs: Any) -> Any:
        try:
            return compiled(*jax.tree.map(_cast, avals, inputs))
        except ValueError as error:
            raise ShapeError(
                f"The program takes inputs of shapes {shape_of(avals)}: {first_line(error)}"
            ) from error

    return call


def _cast(aval: Any, x: Any) -> jax.Array:
    return jnp.asarray(x, aval.dtype)


def _without_flatbuffers() -> ArgumentError:
    return ArgumentError(
        "Exported programs need the library flatbuffers: `pip install kerasish[export]`."
    )
