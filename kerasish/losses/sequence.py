"""Labels in order, without saying when, as a loss."""

from __future__ import annotations

from kerasish.core.types import DTypeLike
from kerasish.functional import ctc
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = ["CTC"]


@losses.register()
class CTC(LossFunctionWrapper):
    """Connectionist temporal classification, see `ctc`.

    Targets are class numbers from 1 with zeros after their end, `(batch, labels)`;
    predictions are logits `(batch, steps, classes)`, where class 0 is the blank. Frames
    that a mask leaves out do not count.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(CTC()([[1, 0]], [[[0.0, 0.0]]])), 3)
        0.693

    References:
        Graves et al., 2006, Connectionist Temporal Classification.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "ctc",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(ctc, reduction, name, dtype)


# After the classes: a name in small letters means the function, as in Keras.
losses.register()(ctc)
