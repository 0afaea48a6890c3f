"""Stubs for `kerasish.ops`, whose functions are made from tables: what type checkers and IDEs see.

python -m tests.ops_stubs          # write them
python -m tests.ops_stubs --check  # exit with 1 if they are not what would be written
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

from kerasish import ops
from kerasish.ops import _define

FOLDER = Path(ops.__file__).parent
MODULES = ("image", "linalg", "nn", "numpy")

HEADER = '''"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]
'''

# What returns something else than one array. Tensors of a graph are arrays to a type checker,
# since they have an array's operators.
RETURNS = {
    **dict.fromkeys(("eig", "eigh", "lu_factor", "moments", "qr", "slogdet"), "tuple[Array, ...]"),
    **dict.fromkeys(("histogram", "batch_normalization_moments"), "tuple[Array, ...]"),
    **dict.fromkeys(("nonzero", "stft", "top_k", "ctc_decode"), "tuple[Array, ...]"),
    **dict.fromkeys(("array_split", "hsplit", "vsplit", "dsplit"), "list[Array]"),
    **dict.fromkeys(("split", "unstack", "meshgrid"), "list[Array]"),
    **dict.fromkeys(("associative_scan", "cond", "custom_gradient", "fori_loop"), "Any"),
    **dict.fromkeys(("jvp", "map", "scan", "switch", "vectorize", "vectorized_map"), "Any"),
    **dict.fromkeys(("while_loop", "rearrange_all", "unique", "fft", "fft2"), "Any"),
    **dict.fromkeys(("ifft2", "rfft", "svd", "shape", "unravel_index"), "Any"),
    **dict.fromkeys(("linspace", "where"), "Any"),  # by their arguments
    "convert_to_numpy": "np.ndarray",
    "dtype": "str",
    "is_tensor": "bool",
    "ndim": "int",
    "size": "Any",
}

# A number for all axes, or one for each.
_SIZES = ("dilation_rate", "kernel_size", "output_padding", "pool_size", "strides")
DEFAULTS = {bool: "bool", float: "float", int: "int", str: "str"}


def stub(module: str | None) -> str:
    """Return the stub of `kerasish.ops`, or of one of its modules, which may share functions."""
    found = _names(module)
    names = [name for name in found if not inspect.ismodule(found[name])]
    shared = MODULES if module is None else [n for n in names if hasattr(ops, n)]
    lines = [HEADER, *(f"from kerasish.ops import {each} as {each}\n" for each in shared)]
    lines += [_function(name, found[name]) for name in names if name not in shared]
    listed = sorted([*names, *(MODULES if module is None else ())])
    lines.append("__all__: list[str] = [\n" + "".join(f'    "{n}",\n' for n in listed) + "]\n")
    return "".join(lines)


def _names(module: str | None) -> dict[str, Any]:
    holder = ops if module is None else getattr(ops, module)
    return {name: getattr(holder, name) for name in holder.__all__}


def _function(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    words = (inspect.getdoc(function) or "").split("\n")[0].replace("\\", "\\\\")
    parameters = ", ".join(map(_parameter, signature.parameters.values()))
    body = f'    """{words}"""\n' if words else "    ...\n"
    return f"\ndef {name}({parameters}) -> {RETURNS.get(name, 'Array')}:\n{body}\n"


def _parameter(parameter: inspect.Parameter) -> str:
    name, default = parameter.name, parameter.default
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    text = f"{stars}{name}: {_type(name, default)}"
    return text if default is parameter.empty else f"{text} = ..."


def _type(name: str, default: Any) -> str:
    if name in _define.LISTS:
        return "Sequence[TensorLike]"
    if name in _define.ARGUMENTS:
        return "TensorLike | None" if default is None else "TensorLike"
    if name in _SIZES:
        return "int | Sequence[int]"
    if name in ("axis", "axes"):
        return "int | Sequence[int] | None"
    return DEFAULTS.get(type(default), "Any")


def files() -> dict[Path, str]:
    """Return what each stub file holds."""
    return {FOLDER / "__init__.pyi": stub(None)} | {
        FOLDER / f"{module}.pyi": stub(module) for module in MODULES
    }


def main() -> int:
    """Write the stubs, or compare them."""
    wrong = 0
    for path, text in files().items():
        if "--check" in sys.argv:
            wrong += not path.exists() or path.read_text() != text
        else:
            path.write_text(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
