"""Image operations: sizes, colors, filters, geometric transformations."""

from kerasish.ops._define import functions

__all__: list[str] = sorted(functions("image"))
globals().update(functions("image"))
