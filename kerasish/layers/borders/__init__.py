"""Layers that put zeros around an input, or cut its borders off."""

from kerasish.layers.borders.cropping import Cropping1D, Cropping2D, Cropping3D
from kerasish.layers.borders.padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D

__all__ = [
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]
