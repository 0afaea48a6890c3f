"""ONNX files: programs for other runtimes, in browsers, on phones, in C++ or C#.

The library jax2onnx converts what JAX traces, in the words of `spelling.py`. Before the file is
written, onnxruntime runs it once and its numbers are compared with those of the model.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from kerasish.core.errors import ArgumentError, KerasishError
from kerasish.core.settings.quiet import quiet
from kerasish.export._shared import first_line, place
from kerasish.export.onnx_rewrites import spelled
from kerasish.kernels import elsewhere
from kerasish.saving.files import atomic_write

__all__ = ["ENDING", "write_onnx"]

ENDING = ".onnx"

# Sizes to try a program with, where they are open: few samples, and steps enough for any window.
_BATCH, _STEPS = 2, 32

_INSTEAD = "`format='stablehlo'` takes any program."


def write_onnx(
    function: Callable[..., Any],
    avals: Sequence[Any],
    filepath: str | os.PathLike[str],
    input_names: Iterable[str] = (),
    output_names: Iterable[str] = (),
    opset_version: int | None = None,
) -> None:
    """Write a function of arrays as an ONNX file; what models do is `Model.export`.

    Args:
        function: a pure function. The arrays that it holds become part of the file.
        avals: shapes and dtypes for its arguments, each a structure. Sizes may be symbols.
        filepath: where to, ending in `.onnx`; a file that is there is replaced.
        input_names: names for the inputs in order, `input`, `input_1` where there are none; what
            is in a dictionary is named by its key.
        output_names: likewise, `output` where there are none.
        opset_version: the version of ONNX's operators; the converter's default if None.

    Raises:
        ArgumentError: if the program cannot be converted, or computes something else after it,
            or the file cannot be written.
    """
    path = place(filepath, ENDING)
    library, runtime = _libraries()
    flat = jax.tree.leaves(tuple(avals))
    program, outputs = _traced(function, avals)
    inputs_told = _names(tuple(avals), input_names, "input", [])
    outputs_told = _names(outputs, output_names, "output", inputs_told)
    content = _converted(library, program, flat, inputs_told, outputs_told, opset_version)
    _compare(runtime, content, program, flat, inputs_told)
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def _traced(function: Callable[..., Any], avals: Sequence[Any]) -> tuple[core.ClosedJaxpr, Any]:
    """Return the program, and its outputs in their structure, without values."""
    try:
        with elsewhere():
            return jax.make_jaxpr(function, return_shape=True)(*avals)
    except KerasishError:
        raise
    except Exception as error:  # whatever the function raises
        raise ArgumentError(
            f"The function cannot be traced: {first_line(error)} Sizes that must be known are "
            "given with `input_signature`."
        ) from error


def _converted(
    library: ModuleType,
    program: core.ClosedJaxpr,
    avals: Sequence[Any],
    input_names: Sequence[str],
    output_names: Sequence[str],
    opset_version: int | None,
) -> bytes:
    asked = {} if opset_version is None else {"opset": opset_version}
    try:
        # Traced here, since the converter puts functions of its own in the place of JAX's while
        # it traces: it is to convert what the model computes, and JAX keeps what it has traced.
        plain = jax.make_jaxpr(lambda *inputs: _apart(spelled(program, *inputs), inputs))(*avals)
        with quiet("onnx_ir"), _left_alone():
            converted = library.to_onnx(
                core.jaxpr_as_fun(plain),
                list(avals),
                input_names=input_names,
                output_names=output_names,
                return_mode="ir",
                **asked,
            )
            content = _tidied(converted)
    except Exception as error:  # whatever a rule of the converter raises
        raise ArgumentError(
            f"{_source(error)} cannot be converted to ONNX: {first_line(error)} {_INSTEAD}"
        ) from error
    return content


def _tidied(model: Any) -> bytes:
    """Return the model as a file, without the constants of loops that nothing reads."""
    import onnx_ir
    from onnx_ir.passes import common

    for change in (common.LiftSubgraphInitializersToMainGraphPass, common.RemoveUnusedNodesPass):
        change()(model)
    content: bytes = onnx_ir.to_proto(model).SerializeToString()
    return content


@contextmanager
def _left_alone() -> Iterator[None]:
    """Take back what the converter puts in the place of JAX's functions and leaves there."""
    before = [(module, dict(vars(module))) for module in (jax, jax.lax, jax.nn, jnp, jnp.linalg)]
    try:
        yield
    finally:
        for module, names in before:
            for name, value in names.items():
                if getattr(module, name) is not value:
                    setattr(module, name, value)


def _apart(outputs: list[Any], inputs: Sequence[Any]) -> list[Any]:
    """Return outputs of which none is an input or another one: each has its own name."""
    seen = {id(x) for x in inputs}
    results = []
    for output in outputs:
        results.append(jnp.copy(output) if id(output) in seen else output)
        seen.add(id(output))
    return results


def _source(error: Exception) -> str:
    """Return which primitive it was, and which layer it belongs to, as far as is known."""
    frames = [frame.f_locals.get("eqn") for frame, _ in traceback.walk_tb(error.__traceback__)]
    equations = [eqn for eqn in frames if isinstance(eqn, core.JaxprEqn)]
    if not equations:
        return "The program"
    layer = str(equations[-1].source_info.name_stack)
    told = f"JAX's {equations[-1].primitive.name!r}"
    return f"{told} in layer {layer!r}" if layer else told


def _compare(
    runtime: ModuleType,
    content: bytes,
    program: core.ClosedJaxpr,
    avals: Sequence[Any],
    names: Sequence[str],
) -> None:
    """Check that the converted program computes what the program does."""
    inputs = [_made_up(aval) for aval in avals]
    try:
        expected = jax.jit(core.jaxpr_as_fun(program))(*inputs)
    except Exception:  # sizes that the model cannot take: there is nothing to compare with
        return
    try:
        options = runtime.SessionOptions()
        options.log_severity_level = 4  # what it says is in the exception
        session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        taken = {value.name for value in session.get_inputs()}
        given = {name: x for name, x in zip(names, inputs, strict=True) if name in taken}
        found = session.run(None, given)
    except Exception as error:  # the runtime has classes for errors that it does not show
        raise ArgumentError(
            f"The converted program does not run: {first_line(error)} {_INSTEAD}"
        ) from error
    for one, two in zip(found, expected, strict=True):
        if not _alike(one, np.asarray(two)):
            raise ArgumentError(
                "The converted program does not compute what the model does, by a mistake of the "
                f"converter or the runtime. {_INSTEAD}"
            )


def _made_up(aval: Any) -> Any:
    """Return random numbers for an input; 0 for whole ones, which every vocabulary has."""
    opened = [_BATCH, *[_STEPS] * len(aval.shape)]
    known = zip(aval.shape, opened, strict=False)
    shape = [size if isinstance(size, int) else instead for size, instead in known]
    if jnp.issubdtype(aval.dtype, jnp.floating):
        return np.random.default_rng(0).random(shape).astype(aval.dtype)
    return np.zeros(shape, aval.dtype)


def _alike(one: Any, two: Any) -> bool:
    if one.shape != two.shape:
        return False
    loose = 1e-3 if two.dtype.itemsize > 2 else 0.1
    one, two = np.asarray(one, "float64"), np.asarray(two, "float64")
    largest = np.abs(two[np.isfinite(two)]).max(initial=1.0)
    return np.allclose(one, two, rtol=0, atol=loose * largest, equal_nan=True)


def _names(tree: Any, given: Iterable[str], default: str, taken: Sequence[str]) -> list[str]:
    """Return a name for each leaf: its keys, or what is given, or the default with a number."""
    leaves = jax.tree_util.tree_flatten_with_path(tree)[0]
    told, found = list(given), list(taken)
    for number, (path, _) in enumerate(leaves):
        keys = [str(key.key) for key in path if isinstance(key, jax.tree_util.DictKey)]
        fallback = told[number] if len(told) == len(leaves) else default
        name = base = "_".join(keys) or fallback
        count = 0
        while name in found:
            name = f"{base}_{(count := count + 1)}"
        found.append(name)
    return found[len(taken) :]


def _libraries() -> tuple[ModuleType, ModuleType]:
    try:
        import onnxruntime

        with _left_alone():
            import jax2onnx
    except ImportError as error:
        raise ArgumentError(
            "ONNX files need the libraries jax2onnx and onnxruntime: `pip install kerasish[onnx]`."
        ) from error
    return jax2onnx, onnxruntime
