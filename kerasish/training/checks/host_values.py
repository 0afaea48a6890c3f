"""Values that a program computes from its inputs alone, computed on the host for any batch size.

A program is traced for one batch. What it does to inputs before some place is often no more than
taking parts and shapes of them. Such ways are followed here, and NumPy goes them with all samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from kerasish.core.jaxprs import called_program, is_var
from kerasish.core.types import DTypeLike, Params, PyTree

__all__ = ["INPUT_CAST", "HostValue", "host_values"]

# The scope of a cast to the dtype that an `Input` declares, which is not part of what the
# program says of the values.
INPUT_CAST = "input_cast"

Compute = Callable[[Sequence[Any]], Any]


class HostValue(NamedTuple):
    """A value of a program as a function of its inputs.

    Attributes:
        compute: that function of the leaves of the inputs, as NumPy arrays of any batch size.
        shape: the shape in the program.
        leaves: the numbers of the inputs that it depends on; none for a constant.
        same: whether its numbers are some of those of the inputs, as they are.
        aligned: whether the first axis is that of the samples, or there is none (a constant).
    """

    compute: Compute
    shape: tuple[int, ...]
    leaves: frozenset[int] = frozenset()
    same: bool = True
    aligned: bool = True


def host_values(
    program: Any, inputs: Sequence[int], is_wanted: Callable[[str], bool]
) -> dict[str, HostValue | None]:
    """Return the named values of a program that it computes from some arguments alone.

    Args:
        program: a closed jaxpr.
        inputs: the numbers of these arguments. All have the samples in the first axis.
        is_wanted: which names to look at, as given by `checkpoint_name`.

    Returns:
        The values by name, None for one that cannot be computed on the host.
    """
    given: list[HostValue | None] = [None] * len(program.jaxpr.invars)
    for leaf, number in enumerate(inputs):
        shape = program.jaxpr.invars[number].aval.shape
        given[number] = HostValue(itemgetter(leaf), shape, frozenset([leaf]))
    found: dict[str, HostValue | None] = {}
    list(_walk(program, given, is_wanted, found))
    return found


def _walk(
    program: Any,
    given: Sequence[HostValue | None],
    is_wanted: Callable[[str], bool],
    found: dict[str, HostValue | None],
) -> Iterator[HostValue | None]:
    """Yield the outputs of a program; what is wanted on the way goes to `found`."""
    jaxpr = program.jaxpr
    known: dict[Any, HostValue | None] = dict(zip(jaxpr.invars, given, strict=True))
    known |= {v: _constant(c) for v, c in zip(jaxpr.constvars, program.consts, strict=True)}

    def read(atom: Any) -> HostValue | None:
        return known.get(atom) if is_var(atom) else _constant(atom.val)

    for equation in jaxpr.eqns:
        values = [read(atom) for atom in equation.invars]
        name = equation.primitive.name
        label = str(equation.params.get("name", "")) if name == "name" else ""
        if label and is_wanted(label):
            found[label] = values[0]
        inner = called_program(equation)
        if inner is not None:
            known |= zip(equation.outvars, _walk(inner, values, is_wanted, found), strict=True)
        elif all(value is not None for value in values) and values:
            known |= zip(equation.outvars, _applied(equation, values), strict=False)
    yield from map(read, jaxpr.outvars)


def _constant(value: PyTree) -> HostValue:
    return HostValue(lambda _: np.asarray(value), np.shape(value))


def _applied(equation: Any, values: Sequence[Any]) -> list[HostValue | None]:
    """Return the results of an operation, if they can be had on the host."""
    name, params, shape = equation.primitive.name, equation.params, equation.outvars[0].aval.shape
    first: HostValue = values[0]
    leaves = frozenset().union(*(value.leaves for value in values))
    if name == "convert_element_type" and INPUT_CAST in str(equation.source_info.name_stack):
        return [first]
    if not first.aligned or not all(value.aligned for value in values):
        # Only the numbers are known, not where they are.
        return [first._replace(shape=shape) if name in _SAME_NUMBERS else None]
    if name in _ELEMENTWISE:
        cast = name == "convert_element_type"
        dtype, rule = equation.outvars[0].aval.dtype, _ELEMENTWISE[name]
        compute = lambda x: _quietly(rule, dtype, [value.compute(x) for value in values])
        return [HostValue(compute, shape, leaves, first.same and cast and dtype.kind in "iuf")]
    if name == "concatenate" and params["dimension"]:
        return [HostValue(_joined(values, params["dimension"]), shape, leaves)]
    if name == "split" and params["axis"]:
        return _split(first, params)
    structure = _STRUCTURE.get(name)
    if structure is None or not leaves or len(values) > 1:
        # Constants that are spread out are constants still.
        return (
            [first._replace(shape=shape)] if name == "broadcast_in_dim" and not leaves else [None]
        )
    function = structure(params, first.shape, shape)
    if function is None:
        return [first._replace(shape=shape, aligned=False) if name in _SAME_NUMBERS else None]
    return [first._replace(compute=lambda x: function(first.compute(x)), shape=shape)]


def _quietly(rule: Callable[..., Any], dtype: DTypeLike, values: list[Any]) -> Any:
    with np.errstate(all="ignore"):
        return np.asarray(rule(*values)).astype(dtype)


_SAME_NUMBERS = {
    "reshape",
    "transpose",
    "squeeze",
    "expand_dims",
    "broadcast_in_dim",
    "rev",
    "copy",
}


def _truncated(a: Any, b: Any) -> Any:
    quotient = np.true_divide(a, b)
    return np.trunc(quotient) if np.asarray(a).dtype.kind in "iu" else quotient


# In the forms of JAX: `rem` has the sign of the dividend, `div` of whole numbers truncates.
_ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "convert_element_type": lambda a: a,
    "copy": lambda a: a,
    "name": lambda a: a,
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": _truncated,
    "rem": np.fmod,
    "neg": np.negative,
    "abs": np.abs,
    "floor": np.floor,
    "ceil": np.ceil,
    "max": np.maximum,
    "min": np.minimum,
    "clamp": lambda low, a, high: np.clip(a, low, high),
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "not": np.invert,
    "select_n": lambda which, *cases: np.choose(np.asarray(which).astype("int8"), cases),
}


def _reshape(params: Params, old: Sequence[int], new: Sequence[int]) -> Any:
    if not old or not new or not old[0] or new[0] % old[0]:
        return None
    factor = new[0] // old[0]
    return lambda a: a.reshape(len(a) * factor, *new[1:])


def _transpose(params: Params, old: Sequence[int], new: Sequence[int]) -> Any:
    axes = params["permutation"]
    return (lambda a: a.transpose(axes)) if axes[0] == 0 else None


def _squeeze(params: Params, old: Sequence[int], new: Sequence[int]) -> Any:
    axes = tuple(params["dimensions"])
    return None if 0 in axes else lambda a: a.squeeze(axes)


def _broadcast(params: Params, old: Sequence[int], new: Sequence[int]) -> Any:
    axes = params["broadcast_dimensions"]
    if not axes or axes[0] != 0 or new[0] != old[0]:
        return None
    others = [axis for axis in range(len(new)) if axis not in axes]
    return lambda a: np.broadcast_to(np.expand_dims(a, others), (len(a), *new[1:]))


def _slice(params: Params, old: Sequence[int], new: Sequence[int]) -> Any:
    strides = params["strides"] or (1,) * len(old)
    limits = zip(params["start_indices"], params["limit_indices"], strides, old, strict=True)
    rows, *others = (slice(i, None if j == n else j, s) for i, j, s, n in limits)
    return None if rows != slice(0, None, 1) else lambda a: a[(slice(None), *others)]


def _rev(params: Params, old: Sequence[int], new: Sequence[int]) -> Any:
    axes = params["dimensions"]
    return None if 0 in axes else lambda a: np.flip(a, axes)


# Each returns a function for any number of samples; None if they do not stay in the first axis.
_STRUCTURE: Mapping[str, Callable[..., Any]] = {
    "reshape": _reshape,
    "transpose": _transpose,
    "squeeze": _squeeze,
    "broadcast_in_dim": _broadcast,
    "slice": _slice,
    "rev": _rev,
}


def _joined(values: Sequence[HostValue], axis: int) -> Compute:
    def compute(x: Sequence[Any]) -> Any:
        rows = len(x[0])
        arrays = [value.compute(x) for value in values]
        shaped = [
            a if v.leaves else np.broadcast_to(a, (rows, *v.shape[1:]))
            for a, v in zip(arrays, values, strict=True)
        ]
        return np.concatenate(shaped, axis)

    return compute


def _split(value: HostValue, params: Params) -> list[HostValue | None]:
    axis, sizes = params["axis"], [int(size) for size in params["sizes"]]
    found: list[HostValue | None] = []
    for i, size in enumerate(sizes):
        place = (slice(None),) * axis + (slice(sum(sizes[:i]), sum(sizes[:i]) + size),)
        compute = lambda x, place=place: value.compute(x)[place]
        shape = (*value.shape[:axis], size, *value.shape[axis + 1 :])
        found.append(value._replace(compute=compute, shape=shape))
    return found
