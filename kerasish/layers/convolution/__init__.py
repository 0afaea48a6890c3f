"""Convolution layers: standard, transposed, depthwise and separable."""

from kerasish.layers.convolution.conv import Conv1D, Conv2D, Conv3D
from kerasish.layers.convolution.depthwise import DepthwiseConv1D, DepthwiseConv2D
from kerasish.layers.convolution.separable import SeparableConv1D, SeparableConv2D
from kerasish.layers.convolution.transposed import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
]
