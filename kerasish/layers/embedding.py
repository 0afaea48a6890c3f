"""Vectors for whole numbers."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from kerasish import constraints, initializers, regularizers
from kerasish.core.layer import Layer
from kerasish.layers._shared import register

__all__ = ["Embedding"]


@register()
class Embedding(Layer):
    """Looks up a vector for each whole number.

    Shapes: `(batch, ...) -> (batch, ..., output_dim)`.

    Args:
        input_dim: how many numbers there are: they run from 0 to `input_dim - 1`.
        output_dim: the size of the vectors.
        embeddings_initializer: where the table, `(input_dim, output_dim)`, starts.
        embeddings_regularizer: a penalty on the table.
        embeddings_constraint: a projection of the table after each update.
        mask_zero: whether 0 stands for padding, to be masked in the layers that follow.
        **kwargs: `name`, `trainable`, `dtype`, `activity_regularizer`.

    Example:
        >>> import numpy as np
        >>> Embedding(1000, 64)(np.zeros((2, 7), "int32")).shape
        (2, 7, 64)
    """

    foreign_config: ClassVar = {"quantization_config": (None,)}

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )

    def call(self, x: Any) -> Any:
        return jnp.take(self.embeddings.value, x.astype("int32"), axis=0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return inputs != 0 if self.mask_zero else None
