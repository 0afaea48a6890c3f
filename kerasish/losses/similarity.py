"""Angles between vectors, as losses."""

from __future__ import annotations

from kerasish.core.types import DTypeLike
from kerasish.functional import circle, cosine_similarity
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = ["Circle", "CosineSimilarity"]


@losses.register()
class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between targets and predictions: -1 where they agree.

    Args:
        axis: the axis of the vectors.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(CosineSimilarity()([[3.0, 4.0]], [[1.0, 0.0]])), 3)
        -0.6
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


@losses.register()
class Circle(LossFunctionWrapper):
    """Vectors of one class should be close, those of different ones far apart, see `circle`.

    Targets are class numbers, predictions vectors of length 1, such as a `UnitNormalization`
    gives. The samples of a batch are compared with each other, so it should hold several
    of each class.

    Args:
        gamma: how much the hardest pairs outweigh the others.
        margin: how far apart the two kinds of distances should be.
        remove_diagonal: whether a sample is not compared with itself.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> vectors = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
        >>> float(Circle()([0, 0, 1], vectors)) < 1e-6
        True

    References:
        Sun et al., 2020, Circle Loss: A Unified Perspective of Pair Similarity Optimization.
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "circle",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )


# After the classes: a name in small letters means the function, as in Keras.
losses.register()(cosine_similarity)
losses.register()(circle)
