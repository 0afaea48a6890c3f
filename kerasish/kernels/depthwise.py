"""Convolution of each channel by itself, as a sum of shifted products.

XLA has no fast form for it on a CPU. One product of whole arrays for each element of
the kernel takes a tenth of the time there. The automatic gradients are of that form too;
in the body of a loop the kernel's takes a fifth to a hundredth.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import jax
import jax.numpy as jnp

from kerasish.core.types import Array
from kerasish.kernels.trace_context import on_cpu

__all__ = ["depthwise_convolution"]


def depthwise_convolution(
    x: Array,
    kernel: Array,
    strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    dilation: Sequence[int],
    layout: tuple[str, str, str],
) -> Array:
    """Return the convolution of each channel of `x` with kernels of its own.

    Args:
        x: the input.
        kernel: `(*kernel_size, channels, multiplier)`; the outputs of a channel are neighbours.
        strides: the step in each spatial axis.
        padding: `"VALID"`, `"SAME"`, or how much before and behind each spatial axis.
        dilation: the distance of neighbouring kernel elements.
        layout: the axes of input, kernel and output, as in `("NHWC", "HWIO", "NHWC")`.
    """
    *size, channels, multiplier = kernel.shape
    axis = layout[0].index("C")
    if not (on_cpu() and all(isinstance(n, int) for n in x.shape[1:])):
        return jax.lax.conv_general_dilated(
            x,
            kernel.reshape(*size, 1, channels * multiplier),
            strides,
            padding,
            rhs_dilation=dilation,
            dimension_numbers=layout,
            feature_group_count=channels,
        )
    space = [i for i in range(1, x.ndim) if i != axis]
    extent = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    if isinstance(padding, str):
        padding = jax.lax.padtype_to_pads([x.shape[i] for i in space], extent, strides, padding)
    around = dict(zip(space, padding, strict=True))
    x = jnp.pad(x, [around.get(i, (0, 0)) for i in range(x.ndim)])
    counts = [(x.shape[i] - e) // s + 1 for i, e, s in zip(space, extent, strides, strict=True)]
    beside = [channels * multiplier if i == axis else 1 for i in range(x.ndim)]
    # Sums of products are kept in 32 bits, as in a convolution.
    wide = jnp.promote_types(x.dtype, jnp.float32)
    x, kernel = jnp.repeat(x, multiplier, axis), kernel.reshape(*size, *beside).astype(wide)
    total = jnp.zeros((), wide)
    for place in itertools.product(*map(range, size)):
        window = [slice(None)] * x.ndim
        for i, k, d, n, step in zip(space, place, dilation, counts, strides, strict=True):
            window[i] = slice(k * d, k * d + max((n - 1) * step + 1, 0), step)
        total = total + x[tuple(window)].astype(wide) * kernel[place]
    return total.astype(x.dtype)
