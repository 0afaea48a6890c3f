"""Convolutions, from their kernels."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish import kernels
from kerasish.core.argument_validation import channels_axis, layout, padding_mode, sizes
from kerasish.ops._define import operation

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]


@operation("nn")
def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Return the convolution of inputs with a kernel, over one to three spatial axes.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        kernel: `(*kernel_size, channels / groups, filters)`; the channels say how many groups
            there are.
        strides: the step in each spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring kernel elements.

    Examples:
        >>> conv(ones((2, 8, 8, 3)), ones((3, 3, 3, 5))).shape
        (2, 6, 6, 5)
    """
    inputs, kernel = _of_one_dtype(inputs, kernel)
    rank = inputs.ndim - 2
    _, channels = channels_axis(data_format, rank)
    return kernels.convolution(
        inputs,
        kernel,
        sizes(strides, rank, "strides"),
        padding_mode(padding).upper(),
        sizes(dilation_rate, rank, "dilation_rate"),
        inputs.shape[channels] // kernel.shape[-2],
        layout(data_format, rank),
    )


@operation("nn")
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Return the convolution of each channel with kernels of its own.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        kernel: `(*kernel_size, channels, multiplier)`.
        strides: the step in each spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: as in `conv`.
        dilation_rate: the distance of neighbouring kernel elements.
    """
    inputs, kernel = _of_one_dtype(inputs, kernel)
    rank = inputs.ndim - 2
    return kernels.depthwise_convolution(
        inputs,
        kernel,
        sizes(strides, rank, "strides"),
        padding_mode(padding).upper(),
        sizes(dilation_rate, rank, "dilation_rate"),
        layout(data_format, rank),
    )


@operation("nn", arguments="inputs depthwise_kernel pointwise_kernel")
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Return a convolution of each channel, then one over the channels alone.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        depthwise_kernel: `(*kernel_size, channels, multiplier)`.
        pointwise_kernel: `(*ones, channels * multiplier, filters)`.
        strides: the step in each spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: as in `conv`.
        dilation_rate: the distance of neighbouring kernel elements.
    """
    inner = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(inner, pointwise_kernel, data_format=data_format)


@operation("nn")
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Return the transpose of a convolution: from its outputs' size to its inputs'.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        kernel: `(*kernel_size, filters, channels)`.
        strides: how many elements of the output there are to one of the input.
        padding: `"valid"` (the whole output) or `"same"` (cut to `strides` times the input).
        output_padding: by how much the output is longer than the shortest possible.
        data_format: as in `conv`.
        dilation_rate: the distance of neighbouring kernel elements.

    Examples:
        >>> conv_transpose(ones((2, 4, 3)), ones((3, 5, 3)), strides=2).shape
        (2, 9, 5)
    """
    inputs, kernel = _of_one_dtype(inputs, kernel)
    rank = inputs.ndim - 2
    steps = sizes(strides, rank, "strides")
    dilation = sizes(dilation_rate, rank, "dilation_rate")
    longer = (
        (None,) * rank
        if output_padding is None
        else sizes(output_padding, rank, "output_padding", least=0)
    )
    same = padding_mode(padding) == "same"
    pads = [
        _pads((size - 1) * distance + 1, step, more, same)
        for size, distance, step, more in zip(kernel.shape, dilation, steps, longer, strict=False)
    ]
    return kernels.convolution(
        inputs,
        jnp.swapaxes(jnp.flip(kernel, range(rank)), -1, -2),
        (1,) * rank,
        pads,
        dilation,
        1,
        layout(data_format, rank),
        steps,
    )


def _pads(extent: int, step: int, more: int | None, same: bool) -> tuple[int, int]:
    """Return how many zeros there are around a spatial axis, whose elements are spread."""
    # By how much the output is smaller than all that the kernels reach.
    if more is None:
        cut = extent - step if same else min(extent - step, 0)
    else:
        cut = (2 * (extent // 2) if same else 0) - more
    before = max(cut, 0) // 2
    return extent - 1 - before, extent - 1 - (cut - before)


def _of_one_dtype(inputs: Any, kernel: Any) -> tuple[Any, Any]:
    dtype = jnp.result_type(inputs, kernel)
    return inputs.astype(dtype), kernel.astype(dtype)
