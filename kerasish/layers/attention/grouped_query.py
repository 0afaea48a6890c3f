"""GroupedQueryAttention: several query heads share keys and values."""

from __future__ import annotations

from typing import ClassVar, Unpack

from kerasish.core.errors import ArgumentError
from kerasish.core.input_spec import InputSpec
from kerasish.core.surface.layer_options import BaseOptions
from kerasish.core.types import ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers._shared import positive_int, register, standardize_tuple
from kerasish.layers._weights import constructor_arguments
from kerasish.layers.attention._multi_head_base import MultiHeadBase

__all__ = ["GroupedQueryAttention"]


@register("GroupQueryAttention", "group_query_attention")
class GroupedQueryAttention(MultiHeadBase):
    """Attention with fewer heads of keys and values than of queries (Ainslie et al., 2023).

    With one head of keys it is multi-query attention; with as many as of
    queries it is `MultiHeadAttention`.

    Shapes: `(batch, steps, features), (batch, source, ...) -> (batch, steps, features)`.

    Args:
        head_dim: size of each head.
        num_query_heads: number of query heads.
        num_key_value_heads: number of key and value heads; a divisor of `num_query_heads`.
        dropout: dropout rate of the attention weights in training.
        use_bias: whether the projections have biases.
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
        ArgumentError: if the heads of queries cannot be shared out evenly.
        ShapeError: if query, value, key and masks do not fit together.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((2, 7, 16), "float32")
        >>> GroupedQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)(x, x).shape
        (2, 7, 16)
    """

    public_name: ClassVar[str] = "GroupQueryAttention"
    projection_attributes: ClassVar[dict[str, str]] = {
        "query": "_query_dense",
        "key": "_key_dense",
        "gate": "_gate_dense",
        "value": "_value_dense",
        "output": "_output_dense",
    }

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
            locals(), "head_dim", "num_query_heads", "num_key_value_heads"
        )
        super().__init__(**shared)
        self.head_dim = positive_int(head_dim, "head_dim")
        self.num_query_heads = positive_int(num_query_heads, "num_query_heads")
        self.num_key_value_heads = standardize_tuple(num_key_value_heads, 1, "num_key_value_heads")[
            0
        ]
        if self.num_query_heads % self.num_key_value_heads:
            raise ArgumentError(
                f"num_query_heads must be a multiple of num_key_value_heads; got "
                f"{num_query_heads} and {num_key_value_heads}."
            )
        self.input_spec = InputSpec(ndim=3)

    def build(  # type: ignore[override]
        self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None
    ) -> None:
        many, few = (
            (heads, self.head_dim) for heads in (self.num_query_heads, self.num_key_value_heads)
        )
        gate = {"gate": many} if self.use_gate else {}
        units = {"query": many, "key": few, **gate, "value": few}
        self._build_projections(units, query_shape[-1:], 1)
