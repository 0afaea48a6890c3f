"""Cross-entropies as losses."""

from __future__ import annotations

from typing import Any

from kerasish.criteria import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]


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
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: Any = None,
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
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
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

    def call(self, y_true: Any, y_pred: Any) -> Any:
        # Class numbers have one axis less than predictions: nothing to align.
        return self.fn(y_true, y_pred, **self.fn_arguments)

    def counts(self, y_true: Any) -> Any:
        ignored = self.fn_arguments["ignore_class"]
        return None if ignored is None else y_true != ignored


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
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: Any = None,
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


# After the classes: a name in small letters means the function, as in Keras.
losses.register("bce", "BCE")(binary_crossentropy)
losses.register()(categorical_crossentropy)
losses.register()(sparse_categorical_crossentropy)
