"""Attention layers."""

from kerasish.layers.attention.grouped_query import GroupedQueryAttention
from kerasish.layers.attention.multi_head import MultiHeadAttention
from kerasish.layers.attention.single_head import AdditiveAttention, Attention

__all__ = ["AdditiveAttention", "Attention", "GroupedQueryAttention", "MultiHeadAttention"]
