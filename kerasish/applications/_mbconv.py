"""Blocks of EfficientNet and EfficientNetV2."""

from __future__ import annotations

from kerasish.applications._shared import channel_axis, num_channels
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike, InitializerLike
from kerasish.initializers import VarianceScaling
from kerasish.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    Multiply,
    Reshape,
)

__all__ = ["batch_norm", "convolution", "dense", "residual_add", "squeeze_excite"]


def _initializer() -> VarianceScaling:
    return VarianceScaling(2.0, "fan_out", "truncated_normal")


def convolution(
    x: SymbolicTensor,
    filters: int | None,
    kernel: int,
    name: str,
    strides: int = 1,
    padding: str = "same",
) -> SymbolicTensor:
    """Return a convolution without a bias; a depthwise one where `filters` is None."""
    if filters is None:
        return DepthwiseConv2D(
            kernel,
            strides=strides,
            padding=padding,
            use_bias=False,
            depthwise_initializer=_initializer(),
            name=name,
        )(x)
    return Conv2D(
        filters,
        kernel,
        strides=strides,
        padding=padding,
        use_bias=False,
        kernel_initializer=_initializer(),
        name=name,
    )(x)


def batch_norm(
    x: SymbolicTensor, name: str, activation: str | None = None, momentum: float = 0.99
) -> SymbolicTensor:
    """Return `x` normalized, and then through silu where there is a name for that."""
    x = BatchNormalization(axis=channel_axis(), momentum=momentum, name=name)(x)
    return x if activation is None else Activation("silu", name=activation)(x)


def squeeze_excite(x: SymbolicTensor, inner: int, name: str) -> SymbolicTensor:
    """Return channels times what the means of all of them say (Hu et al., 2018)."""
    filters = num_channels(x)
    gate = GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    shape = (filters, 1, 1) if channel_axis() == 1 else (1, 1, filters)
    gate = Reshape(shape, name=f"{name}se_reshape")(gate)
    for width, activation, what in ((inner, "silu", "reduce"), (filters, "sigmoid", "expand")):
        gate = Conv2D(
            width,
            1,
            padding="same",
            activation=activation,
            kernel_initializer=_initializer(),
            name=f"{name}se_{what}",
        )(gate)
    return Multiply(name=f"{name}se_excite")([x, gate])


def residual_add(
    x: SymbolicTensor, before: SymbolicTensor, rate: float, name: str
) -> SymbolicTensor:
    """Return `x`, left out at that rate in training (Huang et al., 2016), plus what was before."""
    if rate > 0:
        x = Dropout(rate, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x)
    return Add(name=f"{name}add")([x, before])


def dense(
    x: SymbolicTensor,
    classes: int,
    activation: ActivationLike,
    bias_initializer: InitializerLike = "zeros",
) -> SymbolicTensor:
    """Return the classifier."""
    return Dense(
        classes,
        activation=activation,
        kernel_initializer=VarianceScaling(1 / 3, "fan_out", "uniform"),
        bias_initializer=bias_initializer,
        name="predictions",
    )(x)
