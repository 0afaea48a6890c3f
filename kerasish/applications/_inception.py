"""Blocks of the Inception networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.applications._shared import LayerNames, channel_axis
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    MaxPooling2D,
)

__all__ = ["Convolutions", "average_pool", "concatenate", "convolutions", "max_pool", "stem"]

# Called on a tensor and convolutions: filters, kernel, strides, padding.
Convolutions = Callable[..., Any]


def convolutions() -> Convolutions:
    """Return a function that applies convolutions one after another, each named by its number.

    They are tuples of filters, kernel and, where they are not 1, strides; then there is no
    padding.
    """
    layer_name = LayerNames()

    def conv(x: SymbolicTensor, *each: tuple[Any, ...], padding: str = "same") -> SymbolicTensor:
        for filters, kernel, *strides in each:
            x = Conv2D(
                filters,
                kernel,
                strides=strides[0] if strides else 1,
                padding="valid" if strides else padding,
                use_bias=False,
                name=layer_name("conv2d"),
            )(x)
            x = BatchNormalization(
                axis=channel_axis(), scale=False, name=layer_name("batch_normalization")
            )(x)
            x = Activation("relu", name=layer_name("activation"))(x)
        return x

    return conv


def stem(image: SymbolicTensor, conv: Convolutions) -> SymbolicTensor:
    """Return what all of them begin with, at an eighth of the size."""
    x = conv(image, (32, 3, 2))
    x = conv(x, (32, 3), padding="valid")
    x = max_pool(conv(x, (64, 3)))
    return max_pool(conv(x, (80, 1), (192, 3), padding="valid"))


def max_pool(x: SymbolicTensor) -> SymbolicTensor:
    """Return the maxima of neighbours, at half the size."""
    return MaxPooling2D(3, strides=2)(x)


def average_pool(x: SymbolicTensor) -> SymbolicTensor:
    """Return the means of neighbours."""
    return AveragePooling2D(3, strides=1, padding="same")(x)


def concatenate(branches: Sequence[Any], name: str | None) -> SymbolicTensor:
    """Return the channels of all branches."""
    return Concatenate(axis=channel_axis(), name=name)(list(branches))
