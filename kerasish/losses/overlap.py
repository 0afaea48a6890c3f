"""How much of two regions is common, as losses."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.core.types import DTypeLike
from kerasish.functional import dice, tversky
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = ["Dice", "Tversky"]


@losses.register()
class Dice(LossFunctionWrapper):
    """The share of two regions that is not common, see `dice`.

    Args:
        reduction: see `Loss`.
        name: a name.
        axis: the axes to sum over; None for all of them, which gives one value for the
            batch. It should leave the first where samples have weights.
        dtype: see `Loss`.

    Examples:
        >>> float(Dice()([[1.0, 1.0, 0.0]], [[1.0, 0.0, 1.0]]))
        0.5

    References:
        Milletari et al., 2016, V-Net.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "dice",
        axis: int | Sequence[int] | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


@losses.register()
class Tversky(LossFunctionWrapper):
    """The share of two regions that is not common, the two kinds of error weighed apart.

    Args:
        alpha: what a target costs that is missed.
        beta: what a prediction costs where there is nothing.
        reduction: see `Loss`.
        name: a name.
        axis: the axes to sum over; None for all of them, which gives one value for the
            batch. It should leave the first where samples have weights.
        dtype: see `Loss`.

    Examples:
        >>> float(Tversky(alpha=1.0, beta=0.0)([[1.0, 1.0, 0.0]], [[1.0, 0.0, 1.0]]))
        0.5

    References:
        Salehi et al., 2017, Tversky loss function for image segmentation.
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "tversky",
        axis: int | Sequence[int] | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)


# After the classes: a name in small letters means the function, as in Keras.
losses.register()(dice)
losses.register()(tversky)
