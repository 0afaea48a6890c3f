"""Shapes as text, for summaries and drawings of models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

__all__ = ["Shapes", "shape_text"]

Shapes: TypeAlias = "Iterable[Shapes | int | None] | Mapping[str, Shapes] | None"
"""A shape, or a list, tuple or dict of them."""


def shape_text(shape: Shapes) -> str:
    """Return a shape, or several with commas between them, as text.

    Examples:
        >>> shape_text((None, 64)), shape_text([(1,), (2,)]), shape_text(None)
        ('(None, 64)', '(1,), (2,)', '?')
    """
    if shape is None:
        return "?"
    if isinstance(shape, tuple) and all(n is None or isinstance(n, int) for n in shape):
        return str(shape)
    shapes = shape.values() if isinstance(shape, Mapping) else shape
    return ", ".join(shape_text(each) for each in shapes)  # type: ignore[arg-type]
