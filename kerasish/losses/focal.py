"""Cross-entropies that ask more of hard samples, or less, as losses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.types import DTypeLike
from kerasish.functional import (
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
)
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = [
    "BinaryFocalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
]


@losses.register()
class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Binary cross-entropy in which easy samples count little.

    Args:
        apply_class_balancing: whether each of the two classes has a factor.
        alpha: the factor of 1 then; that of 0 is `1 - alpha`.
        gamma: how little an easy sample counts; with 0 all count the same.
        from_logits: whether predictions are logits. A sigmoid output needs no
            care: its loss is computed from its logits anyway.
        label_smoothing: moves the targets this far towards 1/2.
        axis: the axis to average over.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> loss = BinaryFocalCrossentropy()([[1.0], [1.0]], [[0.5], [0.9]])
        >>> round(float(loss), 3)
        0.087

    References:
        Lin et al., 2017, Focal Loss for Dense Object Detection.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@losses.register()
class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot targets in which easy samples count little.

    Args:
        alpha: a factor, or one for each class.
        gamma: how little an easy sample counts; with 0 all count the same.
        from_logits: whether predictions are logits. A softmax output needs no
            care: its loss is computed from its logits anyway.
        label_smoothing: this share of each target is spread over all classes.
        axis: the axis of the classes.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> y, p = [[0.0, 1.0], [0.0, 1.0]], [[0.5, 0.5], [0.1, 0.9]]
        >>> round(float(CategoricalFocalCrossentropy(alpha=1.0)(y, p)), 3)
        0.087

    References:
        Lin et al., 2017, Focal Loss for Dense Object Detection.
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        alpha = np.asarray(alpha).tolist()
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@losses.register()
class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """Cross-entropy of class numbers of which some are wrong: no sample costs more than `1 / q`.

    Args:
        q: between 0, where it is the cross-entropy, and 1, where it is the absolute error.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Raises:
        ArgumentError: if `q` is not between 0 and 1.

    Examples:
        >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
        1.0

    References:
        Zhang and Sabuncu, 2018, Generalized Cross Entropy Loss for Training Deep Neural
        Networks with Noisy Labels.
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        if not 0 < q < 1:
            raise ArgumentError(f"q must be between 0 and 1, without these two; got {q}.")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)


# After the classes: a name in small letters means the function, as in Keras.
losses.register()(binary_focal_crossentropy)
losses.register()(categorical_focal_crossentropy)
losses.register()(categorical_generalized_cross_entropy)
