"""Layers that prepare data: what they need to know is found out before training."""

from kerasish.layers.preprocessing.normalization import Normalization

__all__ = ["Normalization"]
