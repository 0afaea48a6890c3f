"""Preprocessing layers, whose statistics are computed before training."""

from kerasish.layers.preprocessing.normalization import Normalization

__all__ = ["Normalization"]
