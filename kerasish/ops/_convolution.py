"""Convolutions: regular, depthwise, separable, transposed."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp

from kerasish import kernels
from kerasish.core.argument_validation import (
    conv_dimension_numbers,
    standardize_data_format,
    standardize_padding,
    standardize_tuple,
)
from kerasish.core.types import Array
from kerasish.ops._define import operation

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]


@operation("nn")
def conv(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Compute a convolution over one to three spatial axes.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        kernel: `(*kernel_size, channels / groups, filters)`; the number of groups is computed
            from the number of channels.
        strides: the stride along each spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the spacing between kernel elements.

    Examples:
        >>> conv(ones((2, 8, 8, 3)), ones((3, 3, 3, 5))).shape
        (2, 6, 6, 5)
    """
    inputs, kernel = _promote(inputs, kernel)
    rank = inputs.ndim - 2
    _, channels = standardize_data_format(data_format, rank)
    result: Array = kernels.convolution(
        inputs,
        kernel,
        standardize_tuple(strides, rank, "strides"),
        standardize_padding(padding).upper(),
        standardize_tuple(dilation_rate, rank, "dilation_rate"),
        inputs.shape[channels] // kernel.shape[-2],
        conv_dimension_numbers(data_format, rank),
    )
    return result


@operation("nn")
def depthwise_conv(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Compute a depthwise convolution: each channel has its own kernels.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        kernel: `(*kernel_size, channels, multiplier)`.
        strides: the stride along each spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: as in `conv`.
        dilation_rate: the spacing between kernel elements.
    """
    inputs, kernel = _promote(inputs, kernel)
    rank = inputs.ndim - 2
    result: Array = kernels.depthwise_convolution(
        inputs,
        kernel,
        standardize_tuple(strides, rank, "strides"),
        standardize_padding(padding).upper(),
        standardize_tuple(dilation_rate, rank, "dilation_rate"),
        conv_dimension_numbers(data_format, rank),
    )
    return result


@operation("nn", arguments="inputs depthwise_kernel pointwise_kernel")
def separable_conv(
    inputs: Array,
    depthwise_kernel: Array,
    pointwise_kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Compute a depthwise convolution followed by a pointwise convolution.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        depthwise_kernel: `(*kernel_size, channels, multiplier)`.
        pointwise_kernel: `(*ones, channels * multiplier, filters)`.
        strides: the stride along each spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: as in `conv`.
        dilation_rate: the spacing between kernel elements.
    """
    inner = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(inner, pointwise_kernel, data_format=data_format)


@operation("nn")
def conv_transpose(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Compute a transposed convolution, as used for upsampling.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        kernel: `(*kernel_size, filters, channels)`.
        strides: the upsampling factor along each spatial axis.
        padding: `"valid"` (the whole output) or `"same"` (`strides` times the size of the input).
        output_padding: how much longer the output is than the shortest possible output.
        data_format: as in `conv`.
        dilation_rate: the spacing between kernel elements.

    Examples:
        >>> conv_transpose(ones((2, 4, 3)), ones((3, 5, 3)), strides=2).shape
        (2, 9, 5)
    """
    inputs, kernel = _promote(inputs, kernel)
    rank = inputs.ndim - 2
    steps = standardize_tuple(strides, rank, "strides")
    dilation = standardize_tuple(dilation_rate, rank, "dilation_rate")
    longer = (
        (None,) * rank
        if output_padding is None
        else standardize_tuple(output_padding, rank, "output_padding", minimum=0)
    )
    same = standardize_padding(padding) == "same"
    pads = [
        _pads((size - 1) * distance + 1, step, more, same)
        for size, distance, step, more in zip(kernel.shape, dilation, steps, longer, strict=False)
    ]
    result: Array = kernels.convolution(
        inputs,
        jnp.swapaxes(jnp.flip(kernel, range(rank)), -1, -2),
        (1,) * rank,
        pads,
        dilation,
        1,
        conv_dimension_numbers(data_format, rank),
        steps,
    )
    return result


def _pads(extent: int, step: int, more: int | None, same: bool) -> tuple[int, int]:
    """Return the padding before and after a spatial axis that is dilated by the stride."""
    # How much is cut from the full output.
    if more is None:
        cut = extent - step if same else min(extent - step, 0)
    else:
        cut = (2 * (extent // 2) if same else 0) - more
    before = max(cut, 0) // 2
    return extent - 1 - before, extent - 1 - (cut - before)


def _promote(inputs: Array, kernel: Array) -> tuple[Array, Array]:
    dtype = jnp.result_type(inputs, kernel)
    return inputs.astype(dtype), kernel.astype(dtype)
