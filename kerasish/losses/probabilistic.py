"""Cross-entropies as losses."""

from __future__ import annotations

from kerasish.core.types import Array, DTypeLike
from kerasish.functional import (
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "KLDivergence",
    "Poisson",
    "SparseCategoricalCrossentropy",
]


@losses.register()
class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot targets, see `categorical_crossentropy`.

    Args:
        from_logits: whether predictions are logits. A softmax output needs no
            care: its loss is computed from its logits anyway.
        label_smoothing: this share of each target is spread over all classes.
        axis: the axis of the classes.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 3)
        0.693
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@losses.register()
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of class numbers, see `sparse_categorical_crossentropy`.

    Args:
        from_logits: whether predictions are logits. A softmax output needs no
            care: its loss is computed from its logits anyway.
        ignore_class: a class number whose samples do not count, in the mean either.
        reduction: see `Loss`.
        axis: the axis of the classes.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 3)
        0.693
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )

    def call(self, y_true: Array, y_pred: Array) -> Array:
        # Class numbers have one axis less than predictions: nothing to align.
        result: Array = self.fn(y_true, y_pred, **self.fn_arguments)
        return result


@losses.register()
class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of targets that are 0 or 1, see `binary_crossentropy`.

    Args:
        from_logits: whether predictions are logits. A sigmoid output needs no
            care: its loss is computed from its logits anyway.
        label_smoothing: moves the targets this far towards 1/2.
        axis: the axis to average over.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(BinaryCrossentropy()([[1.0]], [[0.5]])), 3)
        0.693
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@losses.register()
class KLDivergence(LossFunctionWrapper):
    """`sum(y_true * log(y_true / y_pred))` of probabilities (Kullback and Leibler, 1951).

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]])), 3)
        0.693
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "kl_divergence",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


@losses.register()
class Poisson(LossFunctionWrapper):
    """`y_pred - y_true * log(y_pred)`: for counts, whose rates are predicted.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(Poisson()([[3.0]], [[1.0]])), 3)
        1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "poisson",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)


# After the classes: a name in small letters means the function, as in Keras.
losses.register("bce", "BCE")(binary_crossentropy)
losses.register()(categorical_crossentropy)
losses.register()(sparse_categorical_crossentropy)
losses.register("kld", "KLD")(kl_divergence)
losses.register()(poisson)
