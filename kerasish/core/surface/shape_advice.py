"""What to do about an array whose shape does not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["shape_advice"]

Shape = Sequence[int | None]


def shape_advice(got: Shape, wanted: Shape, name: str = "x") -> str:
    """Return a sentence with the expression that makes an array fit; an empty text if none does.

    Args:
        got: the shape of the array; None where it is not known.
        wanted: the shape that it should have; None where any size does.
        name: what the array is called in the expression.

    Examples:
        >>> shape_advice((28, 28), (None, 28, 28))
        ' The batch axis is missing: `x[None]` is a batch of one.'
        >>> shape_advice((60, 784), (None, 28, 28, 1))
        ' `x.reshape(-1, 28, 28, 1)` has that shape.'
    """
    if len(got) == len(wanted) - 1:
        return _missing_axis(got, wanted, name)
    if len(got) == len(wanted) > 2 and _meet((got[0], *got[2:], got[1]), wanted):
        return f" `np.moveaxis({name}, 1, -1)` has the channels last."
    if len(got) == len(wanted) > 2 and _meet((got[0], got[-1], *got[1:-1]), wanted):
        return f" `np.moveaxis({name}, -1, 1)` has the channels first."
    sizes, places = list(got[1:]), list(wanted[1:])
    known = [n for n in (*sizes, *places) if n is not None]
    if len(known) == len(sizes) + len(places) and math.prod(sizes) == math.prod(places):  # type: ignore[arg-type]
        rest = "-1" if len(places) == 1 else ", ".join(map(str, places))
        first = f"len({name})" if len(places) == 1 else "-1"
        return f" `{name}.reshape({first}, {rest})` has that shape."
    return ""


def _missing_axis(got: Shape, wanted: Shape, name: str) -> str:
    if _meet(got, wanted[1:]):
        return f" The batch axis is missing: `{name}[None]` is a batch of one."
    for axis in (len(got), *range(1, len(got))):
        size = wanted[axis]
        if not _meet((*got[:axis], size, *got[axis:]), wanted):
            continue
        place = "..., None" if axis == len(got) else ", ".join([":"] * axis + ["None"])
        added = f"{name}[{place}]"
        if size not in (1, None):
            if len(wanted) < 4 or axis != len(got):
                continue  # an axis of features, which there is no way to make
            added = f"np.repeat({added}, {size}, axis=-1)"
        return f" An axis is missing: `{added}` has it."
    return ""


def _meet(a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and all(
        m is None or n is None or m == n for m, n in zip(a, b, strict=True)
    )
