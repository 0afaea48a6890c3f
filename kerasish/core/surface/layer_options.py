"""The arguments that every layer takes, for type checkers and editors.

`def __init__(self, units: int, **kwargs: Unpack[LayerOptions])` lets them see a misspelt name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from jax.typing import ArrayLike

__all__ = ["BaseOptions", "LayerOptions"]


class BaseOptions(TypedDict, total=False):
    """What a layer takes whose constructor has an `activity_regularizer` of its own.

    Attributes:
        name: a name, unique within the parent.
        trainable: whether optimizers change the weights.
        dtype: a dtype, a policy, or its name or config.
        autocast: whether inputs of floats are cast to the compute dtype.
        input_shape: the shape of a sample, in a layer that begins a `Sequential`.
        input_dim: the same, for samples of one axis.
        batch_input_shape: its shape, the batch included.
        batch_shape: the same.
        batch_size: the size of the batch, beside `input_shape`.
        weights: values that the weights begin with.
    """

    name: str | None
    trainable: bool
    dtype: Any
    autocast: bool
    input_shape: Sequence[int | None] | int | None
    input_dim: int | None
    batch_input_shape: Sequence[int | None] | None
    batch_shape: Sequence[int | None] | None
    batch_size: int | None
    weights: Sequence[ArrayLike] | None


class LayerOptions(BaseOptions, total=False):
    """What every other layer takes.

    Attributes:
        activity_regularizer: a penalty on the output: a name, or a function of it.
    """

    activity_regularizer: str | dict[str, Any] | Callable[[Any], Any] | None
