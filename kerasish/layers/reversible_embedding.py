"""Vectors for integers, and the way back."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.scope import set_metadata
from kerasish.core.types import (
    Array,
    ConstraintLike,
    DTypeLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.embedding import Embedding

__all__ = ["ReversibleEmbedding"]


@register()
class ReversibleEmbedding(Embedding):
    """Embedding lookup and, in reverse, `x @ embeddings.T`: a logit for each row of the table.

    A language model looks tokens up with it at the one end, and gets the logits
    of the next token with `reverse=True` at the other (Press & Wolf, 2017).

    Shapes: `(batch, ...) -> (batch, ..., output_dim)`; in reverse
    `(batch, ..., output_dim) -> (batch, ..., input_dim)`.

    Args:
        input_dim: number of rows of the table; the indices are 0 to `input_dim - 1`.
        output_dim: size of the vectors.
        tie_weights: whether the way back uses the transposed table; otherwise a
            weight of its own.
        embeddings_initializer: initializer of the table, of shape `(input_dim, output_dim)`, and
            the weight of the way back.
        embeddings_regularizer: regularizer of the table.
        embeddings_constraint: constraint of the table, applied after each update.
        mask_zero: whether index 0 is padding, which the layers that follow mask.
        reverse_dtype: the dtype in which the way back is computed; the layer's by default.
        logit_soft_cap: bounds the result of the way back smoothly:
            `cap * tanh(logits / cap)`.
        **kwargs: `weights`, `name`, `trainable`, `dtype`, `activity_regularizer`.

    Raises:
        ArgumentError: if a size or the cap is not positive.
        ShapeError: if, in reverse, the input's last axis is not `output_dim`.

    Examples:
        >>> layer = ReversibleEmbedding(1000, 64)
        >>> hidden = layer(np.zeros((2, 7), "int32"))
        >>> layer(hidden, reverse=True).shape
        (2, 7, 1000)
    """

    reverse_embeddings: Variable

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        reverse_dtype: DTypeLike | None = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer,
            embeddings_regularizer,
            embeddings_constraint,
            mask_zero,
            **kwargs,
        )
        if logit_soft_cap is not None and not logit_soft_cap > 0:
            raise ArgumentError(f"logit_soft_cap must be positive; got {logit_soft_cap!r}.")
        self.tie_weights = tie_weights
        self.reverse_dtype = None if reverse_dtype is None else np.dtype(reverse_dtype).name
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: Shape | None = None) -> None:
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                (self.output_dim, self.input_dim),
                self.embeddings_initializer,
                name="reverse_embeddings",
            )

    def call(self, inputs: Array, reverse: bool = False, mask: Array | None = None) -> Array:
        y = self._project_back(inputs) if reverse else super().call(inputs)
        # Here, because only a call knows in which direction it goes.
        if not reverse:
            mask = super().compute_mask(inputs)
        if mask is not None:
            set_metadata(y, mask=mask)
        return y

    def compute_mask(self, inputs: Array, mask: Array | None = None) -> Array | None:
        """Return None: the mask comes with the output of `call`."""
        return None

    def _project_back(self, x: Array) -> Array:
        if x.shape[-1] != self.output_dim:
            raise ShapeError(
                f"Layer {self.name!r} in reverse takes vectors of size {self.output_dim}; it got "
                f"size {x.shape[-1]} in the last axis."
            )
        dtype = self.reverse_dtype or self.compute_dtype
        table = self.embeddings.T if self.tie_weights else self.reverse_embeddings.value
        logits = x.astype(dtype) @ table.astype(dtype)
        cap = self.logit_soft_cap
        return logits if cap is None else jnp.tanh(logits / cap) * cap
