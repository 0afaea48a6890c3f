"""Embedding: a table of vectors, looked up by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import DataError, ShapeError
from kerasish.core.types import (
    Array,
    ArrayLike,
    Config,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.layers._lora import LoraMixin, LoraWeight
from kerasish.layers._shared import positive_int, register
from kerasish.layers._weights import set_weight_options

__all__ = ["Embedding", "out_of_range"]


@register()
class Embedding(LoraMixin):
    """Embedding lookup: `embeddings[x]`, a vector for each integer index.

    A number that is not from 0 to `input_dim - 1`, or not whole, raises an error where numbers can
    be looked at: in a call outside of `jax.jit`, and, before a batch goes to the device, in `fit`,
    `evaluate` and `predict`, if the numbers are the inputs of the model or are made of them by
    shaping, taking parts and simple arithmetic. Numbers that are computed otherwise inside of a
    model cannot be looked at; those out of range give vectors of NaN there.

    Shapes: `(batch, ...) -> (batch, ..., output_dim)`.

    Args:
        input_dim: number of rows of the table; the indices are 0 to `input_dim - 1`.
        output_dim: size of the vectors.
        embeddings_initializer: initializer of the table, of shape `(input_dim, output_dim)`.
        embeddings_regularizer: regularizer of the table.
        embeddings_constraint: constraint of the table, applied after each update.
        mask_zero: whether index 0 is padding, which the layers that follow mask.
        weights: the initial table, used instead of the initializer.
        lora_rank: rank of low-rank adapters (LoRA; Hu et al., 2021). The table is then frozen and
            the adapters are trained. None for no adapters.
        lora_alpha: scale of the adapters: their product is multiplied by `lora_alpha / lora_rank`;
            equal to `lora_rank` by default.
        quantization_config: must be None, since layers are not quantized.
        **kwargs: `name`, `trainable`, `dtype`, `activity_regularizer`; `input_length`, the length
            of the sequences, which a Sequential that begins with this layer has an input of.

    Raises:
        ArgumentError: if `input_dim` or `output_dim` is not a positive integer.
        ShapeError: if `weights` has another shape.
        DataError: when called on a number that it has no row for.

    Examples:
        >>> Embedding(1000, 64)(np.zeros((2, 7), "int32")).shape
        (2, 7, 64)
    """

    lora_target = "embeddings"
    embeddings = LoraWeight()
    _kerasish_takes_integers = True
    # The values are in the file of weights.
    _kerasish_foreign_config: ClassVar = {"weights": (None,)}

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        weights: ArrayLike | Sequence[ArrayLike] | None = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: None = None,
        **kwargs: Any,
    ) -> None:
        length = kwargs.pop("input_length", None)
        if length is not None and not kwargs.keys() & {"input_shape", "batch_input_shape"}:
            kwargs["input_shape"] = tuple(length) if isinstance(length, Sequence) else (length,)
        super().__init__(**kwargs)
        self.input_dim = positive_int(input_dim, "input_dim")
        self.output_dim = positive_int(output_dim, "output_dim")
        set_weight_options(
            self,
            "embeddings",
            embeddings_initializer,
            embeddings_regularizer,
            embeddings_constraint,
        )
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self._table = None if weights is None else self._check_table(weights)
        self._refuse_quantization(quantization_config)
        self._set_lora_options(lora_rank, lora_alpha)

    def get_config(self) -> Config:
        return {"activity_regularizer": None} | super().get_config()

    def _check_table(self, weights: ArrayLike | Sequence[ArrayLike]) -> np.ndarray:
        # Keras takes the table alone or in a list.
        table = np.asarray(weights[0] if isinstance(weights, (list, tuple)) else weights)
        if table.shape != (self.input_dim, self.output_dim):
            raise ShapeError(
                f"{type(self).__name__} has a table of shape {(self.input_dim, self.output_dim)}; "
                f"weights was given with shape {table.shape}."
            )
        return table

    def build(self, input_shape: Shape | None = None) -> None:
        table = self._table
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer if table is None else lambda shape, dtype: table,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )
        self._add_lora_weights()

    def call(self, inputs: Array) -> Array:
        return self._kerasish_lookup(inputs)

    def _kerasish_lookup(self, inputs: Array) -> Array:
        """Return the rows of the table at some indices."""
        if not isinstance(inputs, jax.core.Tracer):
            wrong = out_of_range(inputs, self.input_dim)
            if wrong is not None:
                raise DataError(f"The indices hold {self.describe_out_of_range(wrong)}")
        # The rows only, and not what the whole table and its adapters make.
        return self._lora_weight(lambda table: jnp.take(table, inputs.astype("int32"), axis=0))

    def compute_mask(self, inputs: Array, mask: Array | None = None) -> Array | None:
        return inputs != 0 if self.mask_zero else None

    def describe_out_of_range(self, number: float, path: str = "") -> str:
        """Return what there is to say of an index that the table has no row for."""
        kind, name, last = type(self).__name__, path or self.name, self.input_dim - 1
        found = f"{number}, but the {kind} {name!r} has rows 0 to {last}."
        if number != np.floor(number):
            return f"{found} Give it whole numbers."
        if number < 0:
            return f"{found} Number what it looks up from 0."
        return f"{found} Give it `input_dim={int(number) + 1}` or more, or number from 0."


def out_of_range(indices: Array | np.ndarray, rows: int) -> float | None:
    """Return a number among indices that is not one of a table's rows; None if all are."""
    if not np.size(indices):
        return None
    indices = indices if hasattr(indices, "min") else np.asarray(indices)
    for number in (indices.min(), indices.max()):
        if not 0 <= number < rows:
            return number.item()
    if jnp.issubdtype(indices.dtype, jnp.floating):
        indices = np.asarray(indices)
        parts = indices[indices != np.floor(indices)]
        return parts[0].item() if parts.size else None
    return None
