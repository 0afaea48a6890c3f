"""Vectors for whole numbers."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from kerasish import constraints, initializers, regularizers
from kerasish.core.errors import ShapeError
from kerasish.layers._lora import Adaptable, Adapted
from kerasish.layers._shared import register, sizes

__all__ = ["Embedding"]


@register()
class Embedding(Adaptable):
    """Looks up a vector for each whole number.

    A number that is not from 0 to `input_dim - 1` gives a vector of NaN, but for
    those from `-input_dim` on, which count from the end.

    Shapes: `(batch, ...) -> (batch, ..., output_dim)`.

    Args:
        input_dim: how many numbers there are: they run from 0 to `input_dim - 1`.
        output_dim: the size of the vectors.
        embeddings_initializer: where the table, `(input_dim, output_dim)`, starts.
        embeddings_regularizer: a penalty on the table.
        embeddings_constraint: a projection of the table after each update.
        mask_zero: whether 0 stands for padding, to be masked in the layers that follow.
        weights: the table to start with, instead of the initializer's.
        lora_rank: the inner size of a product of two small weights that is learned in the
            place of the table, which is frozen (Hu et al., 2021); None for none.
        lora_alpha: that product is multiplied by `lora_alpha / lora_rank`; by default by 1.
        **kwargs: `name`, `trainable`, `dtype`, `activity_regularizer`.

    Raises:
        ArgumentError: if `input_dim` or `output_dim` is no positive whole number.
        ShapeError: if `weights` has another shape.

    Examples:
        >>> Embedding(1000, 64)(np.zeros((2, 7), "int32")).shape
        (2, 7, 64)
    """

    adapted = "embeddings"
    embeddings = Adapted()
    # The values are in the file of weights.
    foreign_config: ClassVar = Adaptable.foreign_config | {"weights": (None,)}

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_dim = sizes(input_dim, 1, "input_dim")[0]
        self.output_dim = sizes(output_dim, 1, "output_dim")[0]
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self._table = None if weights is None else self._checked(weights)
        self._describe_lora(lora_rank, lora_alpha)

    def _checked(self, weights: Any) -> np.ndarray:
        # Keras takes the table alone or in a list.
        table = np.asarray(weights[0] if isinstance(weights, (list, tuple)) else weights)
        if table.shape != (self.input_dim, self.output_dim):
            raise ShapeError(
                f"{type(self).__name__} has a table of shape {(self.input_dim, self.output_dim)}; "
                f"weights was given with shape {table.shape}."
            )
        return table

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        table = self._table
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer if table is None else lambda shape, dtype: table,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )
        self._declare_lora()

    def call(self, inputs: Any) -> Any:
        # The rows only, and not what the whole table and its adapters make.
        return self._read_adapted(lambda table: jnp.take(table, inputs.astype("int32"), axis=0))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return inputs != 0 if self.mask_zero else None
