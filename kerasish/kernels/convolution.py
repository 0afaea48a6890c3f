"""Convolution whose gradients are fast in a loop on a CPU.

XLA brings a convolution into its fast form only in the entry computation of a
program. The automatic gradients are not in that form: in the body of a loop the
filter's takes 20 to 60 times as long, the input's up to 40 times. Written in
the fast form to begin with, they take the same time everywhere, or less.

That form has its channels last and no groups. What has not is brought to it: channels
that come first are moved, and groups are convolved one after another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from kerasish.core.types import Array
from kerasish.kernels.depthwise import depthwise_convolution
from kerasish.kernels.trace_context import inside_loop, on_cpu

__all__ = ["convolution"]

# Of the batch, for the gradient of a kernel: as many as there are numbers in a register.
_PORTION = 16


class _Setting(NamedTuple):
    """What does not change from call to call; channels are last throughout."""

    strides: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    spread: tuple[int, ...]  # of the input: how far apart its elements are, zeros between them


def convolution(
    x: Array,
    kernel: Array,
    strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    dilation: Sequence[int],
    groups: int,
    layout: tuple[str, str, str],
    spread: Sequence[int] | None = None,
) -> Array:
    """Return the convolution of `x` with `kernel`.

    Args:
        x: the input.
        kernel: `(*kernel_size, channels / groups, filters)`.
        strides: the step in each spatial axis.
        padding: `"VALID"`, `"SAME"`, or how much before and behind each spatial axis.
        dilation: the distance of neighbouring kernel elements.
        groups: into how many groups the channels are split.
        layout: the axes of input, kernel and output, as in `("NHWC", "HWIO", "NHWC")`.
        spread: the distance that neighbouring elements of the input are brought to, with
            zeros between them; 1 by default. It makes a transposed convolution.
    """
    known = all(isinstance(n, int) for n in x.shape[1:])
    size, spread = kernel.shape[:-2], tuple(spread or (1,) * len(kernel.shape[:-2]))
    channels = layout[0].index("C")
    if groups == x.shape[channels] > 1:
        kernel = kernel.reshape(*size, groups, -1)
        return depthwise_convolution(x, kernel, strides, padding, dilation, layout)
    if not (on_cpu() and known):
        return jax.lax.conv_general_dilated(
            x,
            kernel,
            strides,
            padding,
            lhs_dilation=spread,
            rhs_dilation=dilation,
            dimension_numbers=layout,
            feature_group_count=groups,
        )
    sizes = [n for axis, n in enumerate(x.shape) if axis not in (0, channels)]
    if isinstance(padding, str):
        extent = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
        padding = jax.lax.padtype_to_pads(sizes, extent, strides, padding)
    setting = _Setting(tuple(strides), tuple(padding), tuple(dilation), spread)
    y = _grouped(setting, jnp.moveaxis(x, channels, -1), kernel, groups)
    return jnp.moveaxis(y, -1, channels)


def _grouped(setting: _Setting, x: Array, kernel: Array, groups: int) -> Array:
    """Return the convolutions of the groups of channels, side by side."""
    kernels = jnp.split(kernel, groups, -1)
    parts = jnp.split(x, groups, -1)
    each = [_fastest(setting, *pair) for pair in zip(parts, kernels, strict=True)]
    return each[0] if groups == 1 else jnp.concatenate(each, -1)


def _fastest(setting: _Setting, x: Array, kernel: Array) -> Array:
    padded = any(low or high for low, high in setting.padding)
    if math.prod(kernel.shape[:-2]) == math.prod(setting.spread) == 1 and not padded:
        return _pointwise(x, kernel, setting.strides)
    return (_convolution if inside_loop() else _plain)(setting, x, kernel)


def _plain(setting: _Setting, x: Array, kernel: Array) -> Any:
    space = "DHW"[-len(setting.strides) :]
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        setting.strides,
        setting.padding,
        lhs_dilation=setting.spread,
        rhs_dilation=setting.dilation,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
    )


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _convolution(setting: _Setting, x: Array, kernel: Array) -> Array:
    result: Array = _plain(setting, x, kernel)
    return result


def _forward(setting: _Setting, x: Array, kernel: Array) -> Any:
    return _plain(setting, x, kernel), (x, kernel)


def _backward(setting: _Setting, residual: Any, gradient: Array) -> Any:
    x, kernel = residual
    return (
        _input_gradient(setting, x, gradient, kernel),
        _filter_gradient(setting, x, gradient, kernel),
    )


_convolution.defvjp(_forward, _backward)


def _input_gradient(setting: _Setting, x: Array, gradient: Array, kernel: Array) -> Array:
    """Return the gradient of the input: that of the output convolved with the turned kernel.

    What was a step becomes a distance in the input, and the other way round.
    """
    rank = len(setting.strides)
    turned = jnp.swapaxes(jnp.flip(kernel, range(rank)), -1, -2)
    padding = []
    for axis in range(rank):
        reach = (kernel.shape[axis] - 1) * setting.dilation[axis]
        low = reach - setting.padding[axis][0]
        wide = _wide(gradient, axis, setting.strides)
        # Just so much that the result has the size of the input; a negative padding crops.
        padding.append((low, _wide(x, axis, setting.spread) + reach - wide - low))
    result: Array = _plain(
        _Setting(setting.spread, tuple(padding), setting.dilation, setting.strides),
        gradient,
        turned,
    )
    return result


def _wide(x: Array, axis: int, spread: tuple[int, ...]) -> int:
    """Return the size of a spatial axis with its elements so far apart."""
    size: int = (x.shape[1 + axis] - 1) * spread[axis] + 1
    return size


def _filter_gradient(setting: _Setting, x: Array, gradient: Array, kernel: Array) -> Array:
    """Return the gradient of the kernel, summed over portions of the batch.

    A portion stays in the cache while its axes are turned. And what has to go
    into a loop is computed once: XLA would fuse the turning with all that led
    to `x` and `gradient`, and compute it again in an order that no cache likes.
    """
    turned = partial(_turned_gradient, setting, kernel.shape[:-2])
    count = x.shape[0] // _PORTION
    if count < 2:
        return turned(x, gradient).astype(kernel.dtype)

    def add(i: Array, total: Any) -> Any:
        portion = (jax.lax.dynamic_slice_in_dim(a, i * _PORTION, _PORTION) for a in (x, gradient))
        return total + turned(*portion)

    wide = jnp.promote_types(kernel.dtype, jnp.float32)
    total = jax.lax.fori_loop(0, count, add, jnp.zeros(kernel.shape, wide))
    done = count * _PORTION
    if done < x.shape[0]:
        total = total + turned(x[done:], gradient[done:])
    result: Array = total.astype(kernel.dtype)
    return result


def _turned_gradient(setting: _Setting, size: tuple[int, ...], x: Array, gradient: Array) -> Array:
    """Return the gradient of a kernel of a size: the input convolved with the output's gradient.

    The batch takes the place of the channels, the channels that of the batch.
    """
    x_turned = jnp.moveaxis(x, (-1, 0), (0, -1))
    gradient_turned = jnp.moveaxis(gradient, 0, -2)
    padding = []
    for axis, extent in enumerate(size):
        low, _ = setting.padding[axis]
        # Just so much that the result has the size of the kernel; a negative padding crops.
        needed = _wide(gradient, axis, setting.strides) + (extent - 1) * setting.dilation[axis]
        padding.append((low, needed - _wide(x, axis, setting.spread) - low))
    turned = _plain(
        _Setting(setting.dilation, tuple(padding), setting.strides, setting.spread),
        x_turned,
        gradient_turned,
    )
    return jnp.moveaxis(turned, 0, -2)


def _pointwise(x: Array, kernel: Array, strides: Sequence[int]) -> Array:
    """Return the convolution with a kernel of size 1: a matrix product, fast with its gradients."""
    picked = x[(slice(None), *(slice(None, None, step) for step in strides))]
    return picked @ kernel.reshape(kernel.shape[-2:])
