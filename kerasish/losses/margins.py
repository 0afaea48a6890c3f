"""Margins as losses."""

from __future__ import annotations

from kerasish.core.types import DTypeLike
from kerasish.functional import categorical_hinge, hinge, squared_hinge
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = ["CategoricalHinge", "Hinge", "SquaredHinge"]


@losses.register()
class Hinge(LossFunctionWrapper):
    """`max(1 - y_true * y_pred, 0)` for targets that are -1 or 1; 0 and 1 mean the same.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> float(Hinge()([[1], [0]], [[0.5], [-3.0]]))
        0.25
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "hinge",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


@losses.register()
class SquaredHinge(LossFunctionWrapper):
    """`max(1 - y_true * y_pred, 0)**2` for targets that are -1 or 1; 0 and 1 mean the same.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> float(SquaredHinge()([[1], [0]], [[0.5], [-3.0]]))
        0.125
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "squared_hinge",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@losses.register()
class CategoricalHinge(LossFunctionWrapper):
    """By how much the right one of several scores is not larger by 1 than all others.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> float(CategoricalHinge()([[0, 1], [0, 1]], [[0.5, 1.0], [0.0, 2.0]]))
        0.25
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_hinge",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)


# After the classes: a name in small letters means the function, as in Keras.
losses.register()(hinge)
losses.register()(squared_hinge)
losses.register()(categorical_hinge)
