"""Cross-entropies as metrics."""

from __future__ import annotations

from kerasish.core.types import DTypeLike
from kerasish.functional import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from kerasish.metrics.base import metrics
from kerasish.metrics.reduction import MeanMetricWrapper

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "KLDivergence",
    "Poisson",
    "SparseCategoricalCrossentropy",
]

# There is no class of these.
metrics.register()(binary_focal_crossentropy)
metrics.register()(categorical_focal_crossentropy)


@metrics.register()
class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of one-hot targets.

    Args:
        name: a name.
        dtype: the dtype of the sums.
        from_logits: whether predictions are logits.
        label_smoothing: this share of each target is spread over all classes.
        axis: the axis of the classes.

    Examples:
        >>> metric = CategoricalCrossentropy()
        >>> metric.update_state([[0.0, 1.0]], [[0.5, 0.5]])
        >>> round(float(metric.result()), 3)
        0.693
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@metrics.register()
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of class numbers.

    Args:
        name: a name.
        dtype: the dtype of the sums.
        from_logits: whether predictions are logits.
        ignore_class: a class number whose samples have value 0.
        axis: the axis of the classes.

    Examples:
        >>> metric = SparseCategoricalCrossentropy()
        >>> metric.update_state([1], [[0.5, 0.5]])
        >>> round(float(metric.result()), 3)
        0.693
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


@metrics.register("bce", "BCE")
class BinaryCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of targets that are 0 or 1.

    Args:
        name: a name.
        dtype: the dtype of the sums.
        from_logits: whether predictions are logits.
        label_smoothing: moves the targets this far towards 1/2.

    Examples:
        >>> metric = BinaryCrossentropy()
        >>> metric.update_state([[1.0]], [[0.5]])
        >>> round(float(metric.result()), 3)
        0.693
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


@metrics.register()
class KLDivergence(MeanMetricWrapper):
    """The mean of `sum(y_true * log(y_true / y_pred))` of probabilities.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = KLDivergence()
        >>> metric.update_state([[0.0, 1.0]], [[0.5, 0.5]])
        >>> round(float(metric.result()), 3)
        0.693
    """

    def __init__(self, name: str = "kl_divergence", dtype: DTypeLike | None = None) -> None:
        super().__init__(kl_divergence, name, dtype)


@metrics.register()
class Poisson(MeanMetricWrapper):
    """The mean of `y_pred - y_true * log(y_pred)`: for counts, whose rates are predicted.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = Poisson()
        >>> metric.update_state([[3.0]], [[1.0]])
        >>> round(float(metric.result()), 3)
        1.0
    """

    def __init__(self, name: str = "poisson", dtype: DTypeLike | None = None) -> None:
        super().__init__(poisson, name, dtype)
