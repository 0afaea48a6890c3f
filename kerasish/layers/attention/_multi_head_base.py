"""Base of multi-head attention layers: projections, masks and the computation."""

from __future__ import annotations

from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp

from kerasish import kernels, regularizers
from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.scope import set_metadata
from kerasish.core.serialization.registry import serialize
from kerasish.core.surface.layer_options import BaseOptions
from kerasish.core.types import (
    Array,
    Config,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.layers._shared import positive_int
from kerasish.layers._weights import set_weight_options
from kerasish.layers.activation import Softmax
from kerasish.layers.attention._masks import (
    add_heads_axis,
    combine_masks,
    padding_mask,
    position_mask,
)
from kerasish.layers.attention._scores import (
    attention_output,
    attention_scores,
    attention_scores_shape,
    check,
)
from kerasish.layers.einsum_dense import EinsumDense
from kerasish.layers.regularization import Dropout

__all__ = ["MultiHeadBase"]


class MultiHeadBase(Layer):
    """Base of multi-head attention: project to heads, attend in each head, project back.

    A subclass sets the sizes of the projections.
    """

    # The attributes that hold the projections; in files they are called after these.
    projection_attributes: ClassVar[dict[str, str]]

    def __init__(
        self,
        *,
        dropout: float,
        use_bias: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        kernel_initializer: InitializerLike,
        bias_initializer: InitializerLike,
        kernel_regularizer: RegularizerLike,
        bias_regularizer: RegularizerLike,
        activity_regularizer: RegularizerLike,
        kernel_constraint: ConstraintLike,
        bias_constraint: ConstraintLike,
        use_gate: bool,
        seed: int | None,
        **kwargs: Unpack[BaseOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.dropout = dropout
        self.use_bias = use_bias
        self.sliding_window = sliding_window
        if sliding_window is not None:
            self.sliding_window = positive_int(sliding_window, "sliding_window")
        self.flash_attention = flash_attention
        if flash_attention and dropout:
            raise ArgumentError(
                f"Flash attention drops no weights, and dropout is {dropout}; give "
                "flash_attention=None or dropout=0."
            )
        set_weight_options(
            self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        # Of the projections; the layer's own output is that of the last of them.
        self.projections_regularizer = regularizers.get(activity_regularizer)
        self.use_gate = use_gate
        self.seed = seed
        self.supports_masking = True
        self._dropout_layer = Dropout(dropout, seed=seed, dtype=self.dtype_policy)

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal layer."""
        penalty = serialize(self.projections_regularizer)
        return super().get_config() | {"activity_regularizer": penalty}

    def compute_mask(
        self, inputs: Array, previous_mask: Array | list[Array | None] | None
    ) -> Array | None:
        """Return the query's mask."""
        return None if isinstance(previous_mask, list) else previous_mask

    # Building.

    def _build_projections(
        self, units: dict[str, tuple[int, int]], output: Shape, positions: int
    ) -> None:
        """Make the projections.

        Args:
            units: the heads and the size of each, for query, key, value (and gate).
            output: the sizes of the output behind the positions.
            positions: number of axes between batch and features.
        """
        letters = "uvwxyz"[: len(output)]
        for role, shape in units.items():
            self._add_projection(role, "...a,abc->...bc", shape, "bc", role)
        self._add_projection(
            "output", f"...bc,bc{letters}->...{letters}", output, letters, "attention_output"
        )
        axes = self._axes(positions)
        self._softmax = Softmax(list(range(-len(axes), 0)), dtype="float32")
        # The plain way goes past these two, the first time perhaps.
        for layer in (self._softmax, self._dropout_layer):
            layer.build(None)

    def _add_projection(
        self, role: str, equation: str, shape: Shape, bias_axes: str, name: str
    ) -> None:
        dense = EinsumDense(
            equation,
            shape,
            bias_axes=bias_axes if self.use_bias else None,
            kernel_initializer=self.kernel_initializer,
            bias_initializer=self.bias_initializer,
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self.projections_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            name=name,
            trainable=self.trainable,
            dtype=self.dtype_policy,
        )
        setattr(self, self.projection_attributes[role], dense)

    def _project(self, role: str, x: Array) -> Array:
        return getattr(self, self.projection_attributes[role])(x)

    def _axes(self, positions: int) -> tuple[int, ...]:
        """Return the axes along which steps attend."""
        return tuple(range(1, positions + 1))

    # Computing.

    def call(
        self,
        query: Array,
        value: Array,
        key: Array | None = None,
        query_mask: Array | None = None,
        value_mask: Array | None = None,
        key_mask: Array | None = None,
        attention_mask: Array | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Array | tuple[Array, Array | None]:
        """Compute attention.

        Args:
            query: tensor of shape `(batch, steps, features)`.
            value: tensor of shape `(batch, source, features)`.
            key: tensor of shape `(batch, source, features)`; the value if None.
            query_mask: mask of shape `(batch, steps)`, True for valid query positions.
            value_mask: mask of shape `(batch, source)`, True for valid value positions.
            key_mask: likewise for the key.
            attention_mask: mask of shape `(batch, steps, source)`, True where a position may
                attend.
            return_attention_scores: whether to also return the attention weights.
            training: whether dropout is active.
            use_causal_mask: whether a position attends only to itself and earlier positions.

        Returns:
            The output, or the output and the weights `(batch, heads, steps, source)`.
        """
        key = value if key is None else key
        check(self.name, query, value, key, self._axes)
        q, k, v = (
            self._project(role, x) for role, x in (("query", query), ("key", key), ("value", value))
        )
        axes = self._axes(query.ndim - 2)
        plain = q.ndim == 4 and not self.dropout and not return_attention_scores
        masks = (
            padding_mask(query_mask, combine_masks(value_mask, key_mask), axes, query.ndim - 1),
            self._position_mask(q, k, axes, use_causal_mask and not plain),
            attention_mask,
        )
        shape = attention_scores_shape(q, k, axes)
        mask = combine_masks(*(add_heads_axis(each, shape, len(axes), self.name) for each in masks))
        if plain:
            output, scores = self._attend(q, k, v, mask, use_causal_mask), None
        else:
            output, scores = self._attend_with_scores(q, k, v, mask, axes)
        if self.use_gate:
            output = output * jax.nn.sigmoid(self._project("gate", query))
        output = self._project("output", output)
        if query_mask is not None:
            set_metadata(output, mask=query_mask)
        return (output, scores) if return_attention_scores else output

    def _position_mask(
        self, q: Array, k: Array, axes: tuple[int, ...], causal: bool
    ) -> Array | None:
        """Return where a step may look because of its place, or None if anywhere."""
        if not causal and self.sliding_window is None:
            return None
        if len(axes) > 1:
            raise ArgumentError(
                f"Layer {self.name!r} attends along the axes {axes} at once; a causal mask and a "
                "sliding window need a single one. Give attention_axes."
            )
        return position_mask(q.shape[axes[0]], k.shape[axes[0]], causal, self.sliding_window)

    def _attend(self, q: Array, k: Array, v: Array, mask: Array | None, causal: bool) -> Array:
        if self.flash_attention and not kernels.fits_flash(q, k, v, causal):
            raise ArgumentError(
                f"Layer {self.name!r} has flash_attention=True. It needs a GPU, 16-bit numbers and "
                f"heads of one size, at most 128; here are {q.dtype} on {jax.default_backend()} "
                f"and sizes {k.shape[-1]} and {v.shape[-1]}. Use flash_attention=None."
            )
        scale = q.shape[-1] ** -0.5
        flash = self.flash_attention
        return kernels.attention(q, k, v, mask, scale=scale, causal=causal, flash=flash)

    def _attend_with_scores(
        self, q: Array, k: Array, v: Array, mask: Array | None, axes: tuple[int, ...]
    ) -> tuple[Array, Array]:
        """Return output and weights. A step that may look at nothing gets zeros."""
        if self.flash_attention:
            raise ArgumentError(
                f"Layer {self.name!r} has flash_attention=True, which returns no scores and takes "
                "one axis of steps. Use flash_attention=None."
            )
        heads = q.shape[-2]
        k, v = (jnp.repeat(x, heads // x.shape[-2], axis=-2) for x in (k, v))
        scores = attention_scores(q * q.shape[-1] ** -0.5, k, axes)
        weights = self._softmax(scores, mask=mask).astype(v.dtype)
        return attention_output(self._dropout_layer(weights), v, axes), weights
