"""Scaled dot-product attention."""

from __future__ import annotations

from typing import Literal

import jax

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array
from kerasish.ops._define import operation

__all__ = ["dot_product_attention"]


@operation("nn", arguments="query key value bias mask scale")
def dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Array:
    """Return `softmax(scale * query @ key + bias) @ value` for each head.

    Args:
        query: `(batch, target_length, heads, head_dim)`.
        key: `(batch, source_length, key_heads, head_dim)`; with fewer heads than the query, each is
            shared by a group of query heads.
        value: the same shape as `key`.
        bias: added to the scores; broadcasts to `(batch, heads, target_length, source_length)`.
        mask: True where attention is allowed; broadcasts like `bias`.
        scale: the factor for the scores; `1 / sqrt(head_dim)` by default.
        is_causal: whether each position attends only to itself and to earlier positions.
        flash_attention: whether to use the fused kernel of cuDNN; None lets JAX choose.
        attn_logits_soft_cap: accepted as in Keras; must be None.

    Returns:
        An array of shape `(batch, target_length, heads, head_dim)`.
    """
    if attn_logits_soft_cap is not None:
        raise ArgumentError("attn_logits_soft_cap is supported on TPUs only; leave it out.")
    implementations: dict[bool | None, Literal["xla", "cudnn"] | None] = {
        None: None,
        False: "xla",
        True: "cudnn",
    }
    return jax.nn.dot_product_attention(
        query,
        key,
        value,
        bias=bias,
        mask=mask,
        scale=scale,
        is_causal=is_causal,
        implementation=implementations[flash_attention],
    )
