"""Attention: each step a mean of what it looks at."""

from __future__ import annotations

from typing import Any

import jax

from kerasish.core.errors import ArgumentError
from kerasish.ops._define import operation

__all__ = ["dot_product_attention"]


@operation("nn", arguments="query key value bias mask scale")
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """Return `softmax(scale * query @ key + bias) @ value` for each head.

    Args:
        query: `(batch, steps, heads, size)`.
        key: `(batch, source, heads, size)`; of fewer heads, each serves several of the query's.
        value: as the key.
        bias: what is added to the scores; broadcasts to `(batch, heads, steps, source)`.
        mask: True where a step may look; broadcasts likewise.
        scale: what the scores are multiplied by; `1 / sqrt(size)` by default.
        is_causal: whether a step may look at those up to itself only.
        flash_attention: whether to use cuDNN's fused kernel; None where it can be used.
        attn_logits_soft_cap: accepted for Keras's sake; must be None.

    Returns:
        `(batch, steps, heads, size)`.
    """
    if attn_logits_soft_cap is not None:
        raise ArgumentError("attn_logits_soft_cap is known to TPUs only; leave it out.")
    implementation: Any = {None: None, False: "xla", True: "cudnn"}[flash_attention]
    return jax.nn.dot_product_attention(
        query,
        key,
        value,
        bias=bias,
        mask=mask,
        scale=scale,
        is_causal=is_causal,
        implementation=implementation,
    )
