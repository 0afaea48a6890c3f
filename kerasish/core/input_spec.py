"""What a built layer expects of its input, checked before any maths."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import ShapeError

__all__ = ["InputSpec"]


class InputSpec:
    """The rank and the sizes that an input must have.

    Args:
        ndim: the exact number of dimensions.
        min_ndim: the least number of dimensions.
        axes: sizes by axis, e.g. `{-1: 784}`.

    Examples:
        >>> InputSpec(min_ndim=2, axes={-1: 784}).check((32, 784), "dense")
    """

    def __init__(
        self,
        ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int] | None = None,
    ) -> None:
        self.ndim = ndim
        self.min_ndim = min_ndim
        self.axes = axes or {}

    def check(self, shape: tuple[Any, ...], who: str) -> None:
        """Compare a shape (sizes may be unknown) with the expectation.

        Raises:
            ShapeError: if it does not fit; `who` is named in the message.
        """
        shown = tuple(n if isinstance(n, int) else None for n in shape)
        if self.ndim is not None and len(shape) != self.ndim:
            raise ShapeError(
                f"Layer {who!r} takes an input of {self.ndim} dimensions, batch included; "
                f"it got {len(shape)}: shape {shown}."
            )
        if self.min_ndim is not None and len(shape) < self.min_ndim:
            raise ShapeError(
                f"Layer {who!r} takes an input of at least {self.min_ndim} dimensions, batch "
                f"included; it got {len(shape)}: shape {shown}."
            )
        for axis, size in self.axes.items():
            if isinstance(shape[axis], int) and shape[axis] != size:
                raise ShapeError(
                    f"Layer {who!r} was built for an input of size {size} in axis {axis}; "
                    f"it got {shape[axis]}: shape {shown}."
                )
