"""Layers that normalize: over the batch, within each sample, or their weights."""

from kerasish.layers.normalization.batch import BatchNormalization
from kerasish.layers.normalization.group import GroupNormalization
from kerasish.layers.normalization.layer import LayerNormalization
from kerasish.layers.normalization.rms import RMSNormalization
from kerasish.layers.normalization.spectral import SpectralNormalization
from kerasish.layers.normalization.unit import UnitNormalization

__all__ = [
    "BatchNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "SpectralNormalization",
    "UnitNormalization",
]
