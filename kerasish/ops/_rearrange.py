"""rearrange: reorder, split and merge axes by a pattern, as in einops."""

from __future__ import annotations

import math
import re
from itertools import chain

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array
from kerasish.ops._define import operation

__all__ = ["rearrange"]


@operation("einops", arguments="tensor pattern")
def rearrange(tensor: Array, pattern: str, **axes_lengths: int) -> Array:
    """Reorder, split and merge the axes of an array.

    Args:
        tensor: an array.
        pattern: the axes before and after, for example `"b (h p) c -> b h (p c)"`.
        **axes_lengths: sizes of axes that are split, where they cannot be inferred.

    Raises:
        ArgumentError: if the pattern does not fit the array.

    Examples:
        >>> rearrange(ones((2, 6, 5)), "b (h p) c -> b h (p c)", p=3).shape
        (2, 2, 15)
    """
    before, arrow, after = pattern.partition("->")
    given, wanted = _groups(before), _groups(after)
    names, new = list(chain(*given)), list(chain(*wanted))
    if not arrow or sorted(names) != sorted(new) or len(set(names)) != len(names):
        raise ArgumentError(
            f"The pattern {pattern!r} must name each axis once on either side of `->`."
        )
    if len(given) != tensor.ndim:
        raise ArgumentError(
            f"The pattern {pattern!r} is for {len(given)} axes; the tensor has {tensor.ndim}."
        )
    sizes: dict[str, int] = dict(axes_lengths)
    for group, size in zip(given, tensor.shape, strict=True):
        open_ = [name for name in group if name not in sizes]
        if len(open_) > 1:
            raise ArgumentError(
                f"Of the axes {open_} in {pattern!r} only one size can be inferred; "
                "pass the others."
            )
        known = math.prod(sizes[name] for name in group if name in sizes)
        if open_:
            sizes[open_[0]] = size // known
        if math.prod(sizes[name] for name in group) != size:
            raise ArgumentError(
                f"({' '.join(group)}) in {pattern!r} is an axis of size {size}, which is not a "
                f"multiple of {known}."
            )
    split = tensor.reshape([sizes[name] for name in names])
    turned = jnp.transpose(split, [names.index(name) for name in new])
    return turned.reshape([math.prod(sizes[name] for name in group) for group in wanted])


def _groups(side: str) -> list[list[str]]:
    """Return the names of the axes on one side, joined ones together."""
    found = re.findall(r"\(([^()]*)\)|(\S+)", side)
    return [joined.split() if not alone else [alone] for joined, alone in found]
