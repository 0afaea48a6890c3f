"""MultiHeadAttention: several heads with projections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

from kerasish.core.errors import ArgumentError
from kerasish.core.surface.layer_options import BaseOptions
from kerasish.core.types import Config, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers._shared import positive_int, register, standardize_tuple
from kerasish.layers._weights import constructor_arguments
from kerasish.layers.attention._multi_head_base import MultiHeadBase

__all__ = ["MultiHeadAttention"]


@register()
class MultiHeadAttention(MultiHeadBase):
    """Attention of several heads, each with projections of its own (Vaswani et al., 2017).

    Each head computes `softmax(query @ key.T / sqrt(key_dim)) @ value` of projected inputs; an
    output projection joins the heads.

    Shapes: `(batch, steps, features), (batch, source, ...) -> (batch, steps, features)`.
    There may be several axes of steps.

    Args:
        num_heads: number of heads.
        key_dim: size of each query and key head.
        value_dim: size of each value head; `key_dim` if None.
        dropout: dropout rate of the attention weights in training.
        use_bias: whether the projections have biases.
        output_shape: sizes of the feature axes of the output; those of the query if None.
        attention_axes: the axes to attend over; all axes between batch and features if None.
        sliding_window: number of positions that a position attends to in either direction, itself
            included; None for all.
        flash_attention: whether to use a fused attention kernel on a GPU; None uses it where it
            applies.
        kernel_initializer: initializer of the projections' kernels.
        bias_initializer: initializer of the projections' biases.
        kernel_regularizer: regularizer of each kernel.
        bias_regularizer: regularizer of each bias.
        activity_regularizer: regularizer of the output of each projection.
        kernel_constraint: constraint of the kernels, applied after each update.
        bias_constraint: constraint of the biases, applied after each update.
        use_gate: whether to multiply each head by a sigmoid of the query (Qiu et al., 2025).
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if query, value, key and masks do not fit together.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((2, 7, 16), "float32")
        >>> layer = MultiHeadAttention(num_heads=2, key_dim=8)
        >>> layer(x, x, use_causal_mask=True).shape
        (2, 7, 16)
        >>> _, scores = layer(x, x, return_attention_scores=True)
        >>> scores.shape
        (2, 2, 7, 7)
    """

    projection_attributes: ClassVar[dict[str, str]] = {
        "query": "query_dense",
        "key": "key_dense",
        "gate": "_gate_dense",
        "value": "value_dense",
        "output": "output_dense",
    }

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Unpack[BaseOptions],
    ) -> None:
        shared = constructor_arguments(
            locals(), "num_heads", "key_dim", "value_dim", "output_shape", "attention_axes"
        )
        super().__init__(**shared)
        self.num_heads = positive_int(num_heads, "num_heads")
        self.key_dim = positive_int(key_dim, "key_dim")
        self.value_dim = standardize_tuple(
            key_dim if value_dim is None else value_dim, 1, "value_dim"
        )[0]
        self.units: tuple[int, ...] | None = None
        if output_shape is not None:
            given = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
            self.units = standardize_tuple(given, len(given), "output_shape")
        if isinstance(attention_axes, int):
            attention_axes = (attention_axes,)
        self.attention_axes = None if attention_axes is None else tuple(attention_axes)

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal layer."""
        return super().get_config() | {"output_shape": self.units and list(self.units)}

    def build(  # type: ignore[override]
        self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None
    ) -> None:
        sized = {"query": self.key_dim, "key": self.key_dim, "gate": self.value_dim}
        if not self.use_gate:
            sized.pop("gate")
        units = {role: (self.num_heads, size) for role, size in sized.items()}
        units["value"] = (self.num_heads, self.value_dim)
        self._build_projections(units, self.units or query_shape[-1:], len(query_shape) - 2)

    def _axes(self, positions: int) -> tuple[int, ...]:
        if self.attention_axes is None:
            return super()._axes(positions)
        ndim = positions + 2
        axes = tuple(axis % ndim if -ndim <= axis < ndim else 0 for axis in self.attention_axes)
        if not axes or len(set(axes)) < len(axes) or min(axes) < 1 or max(axes) > positions:
            raise ArgumentError(
                f"attention_axes must be axes between batch and features, each once; an input of "
                f"{ndim} dimensions has {', '.join(map(str, range(1, positions + 1)))}. Got "
                f"{self.attention_axes}."
            )
        return axes
