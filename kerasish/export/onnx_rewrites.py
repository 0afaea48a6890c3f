"""Programs in the words that the converter to ONNX knows.

It knows most of JAX's primitives, but some only in part: loops that run forwards, convolutions
of images, windows over one axis. What lies outside is said here in those words. The rules are
functions of arrays that compute what their primitive does. Floats of 16 bits become floats of 32,
since most runtimes have few operators for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend import core, source_info_util

from kerasish.core.jaxprs import called_program, scan_arity

__all__ = ["spelled"]


def spelled(program: core.ClosedJaxpr, *inputs: Any) -> list[Any]:
    """Run a program, its primitives replaced where there is a rule.

    Args:
        program: what `jax.make_jaxpr` gives.
        *inputs: arrays, or what stands for them while JAX traces.

    Returns:
        The list of its outputs.
    """
    return _run(program.jaxpr, program.consts, [_wide(x) for x in inputs])


def _wide(x: Any) -> Any:
    """Return an array, or a dtype among parameters, with 32 bits for floats of 16."""
    if isinstance(x, np.dtype):
        return np.dtype("float32") if jnp.issubdtype(x, jnp.floating) and x.itemsize == 2 else x
    dtype = getattr(x, "dtype", None)
    if not isinstance(dtype, np.dtype) or _wide(dtype) == dtype:
        return x
    return lax.convert_element_type(x, _wide(dtype))


def _run(jaxpr: core.Jaxpr, consts: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    given = (*map(_wide, consts), *inputs)
    values = dict(zip((*jaxpr.constvars, *jaxpr.invars), given, strict=True))

    def read(atom: Any) -> Any:
        return _wide(atom.val) if isinstance(atom, core.Literal) else values[atom]

    for equation in jaxpr.eqns:
        source = equation.source_info
        names = source_info_util.current_name_stack() + source.name_stack
        # Errors tell where in the model a primitive comes from.
        with source_info_util.user_context(source.traceback, name_stack=names):
            results = _apply(equation, [read(atom) for atom in equation.invars])
        values.update(zip(equation.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(equation: core.JaxprEqn, inputs: list[Any]) -> Sequence[Any]:
    primitive = equation.primitive
    params = {name: _wide(value) for name, value in equation.params.items()}
    if (inner := called_program(equation)) is not None:
        return _run(inner.jaxpr, inner.consts, inputs)
    if primitive.name == "scan":
        return _scan(equation, inputs)
    if primitive.name in _RULES:
        return [_RULES[primitive.name](*inputs, **params)]
    outputs = primitive.bind(*inputs, **primitive.get_bind_params(params))
    return outputs if primitive.multiple_results else [outputs]


def _scan(equation: core.JaxprEqn, inputs: list[Any]) -> list[Any]:
    """Loop forwards, over reversed arrays if need be."""
    params = equation.params
    first, carried = scan_arity(equation)
    last = first + carried

    def turned(arrays: Sequence[Any]) -> list[Any]:
        return [lax.rev(x, [0]) for x in arrays] if params["reverse"] else list(arrays)

    def body(carry: list[Any], now: list[Any]) -> tuple[list[Any], list[Any]]:
        outputs = spelled(params["jaxpr"], *inputs[:first], *carry, *now)
        return outputs[: last - first], outputs[last - first :]

    moments = turned(inputs[last:])
    length = None if moments else params["length"]  # an open one can only be read off arrays
    carry, outputs = lax.scan(body, inputs[first:last], moments, length)
    return [*carry, *turned(outputs)]


def _pad(x: Any, fill: Any, *, padding_config: Sequence[tuple[int, int, int]]) -> Any:
    """Put the padding there by concatenation: the converter wants all sizes known."""
    for axis, (low, high, between) in enumerate(padding_config):
        if between and x.shape[axis] > 1:
            x = _spread(x, fill, axis, between)
        x = lax.slice_in_dim(x, max(-low, 0), x.shape[axis] - max(-high, 0), axis=axis)
        parts = [_filled(x, fill, axis, low), x, _filled(x, fill, axis, high)]
        parts = [part for part in parts if part is not None]
        x = lax.concatenate(parts, axis) if len(parts) > 1 else x
    return x


def _filled(like: Any, fill: Any, axis: int, size: int) -> Any:
    shape = (*like.shape[:axis], size, *like.shape[axis + 1 :])
    return lax.broadcast(fill, shape) if size > 0 else None


def _spread(x: Any, fill: Any, axis: int, between: int) -> Any:
    """Put `between` elements behind each along an axis, the last excepted."""
    size = x.shape[axis]
    apart = lax.expand_dims(x, [axis + 1])
    apart = lax.concatenate([apart, _filled(apart, fill, axis + 1, between)], axis + 1)
    whole = apart.reshape((*x.shape[:axis], size * (1 + between), *x.shape[axis + 1 :]))
    return lax.slice_in_dim(whole, 0, size * (1 + between) - between, axis=axis)


def _window_max(
    x: Any,
    *,
    window_dimensions: Sequence[int],
    window_strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    base_dilation: Sequence[int],
    window_dilation: Sequence[int],
) -> Any:
    """Pool one axis after the other: the largest of the largest is the same."""
    settings = (window_dimensions, window_strides, base_dilation, window_dilation)
    floating = jnp.issubdtype(x.dtype, jnp.floating)
    lowest = np.asarray(-np.inf if floating else jnp.iinfo(x.dtype).min, x.dtype)
    for axis in range(x.ndim):
        size, stride, apart, step = ((1, each[axis], 1) for each in settings)
        if size == stride == (1, 1, 1) and tuple(padding[axis]) == (0, 0):
            continue
        shape, pads = x.shape, [(0, 0), padding[axis], (0, 0)]
        flat = x.reshape(math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))
        flat = lax.reduce_window(flat, lowest, lax.max, size, stride, pads, apart, step)
        x = flat.reshape((*shape[:axis], flat.shape[1], *shape[axis + 1 :]))
    return x


def _convolution(x: Any, kernel: Any, *, dimension_numbers: Any, **params: Any) -> Any:
    """Add up convolutions of one dimension less, until there are two."""
    if x.ndim <= 4:
        return lax.conv_general_dilated_p.bind(
            x, kernel, dimension_numbers=dimension_numbers, **params
        )
    of_input, of_kernel, of_output = dimension_numbers
    x, kernel = lax.transpose(x, of_input), lax.transpose(kernel, of_kernel)
    each = ("window_strides", "padding", "lhs_dilation", "rhs_dilation")
    stride, pads, between, step = (params[name][0] for name in each)
    zero, nothing = np.zeros((), x.dtype), (0, 0, 0)
    config = [nothing, nothing, (*pads, between - 1), *[nothing] * (x.ndim - 3)]
    x = _pad(x, zero, padding_config=config)
    count = (x.shape[2] - (kernel.shape[2] - 1) * step - 1) // stride + 1
    plain = tuple(range(x.ndim - 1))
    rest = params | {name: params[name][1:] for name in each}
    rest["dimension_numbers"] = lax.ConvDimensionNumbers(plain, plain, plain)
    total: Any = 0
    for place in range(kernel.shape[2]):
        start = place * step
        part = lax.slice_in_dim(x, start, start + (count - 1) * stride + 1, stride, axis=2)
        flat = jnp.moveaxis(part, 2, 1).reshape(x.shape[0] * count, x.shape[1], *x.shape[3:])
        total = total + _convolution(flat, kernel[:, :, place], **rest)
    total = jnp.moveaxis(total.reshape(x.shape[0], count, *total.shape[1:]), 1, 2)
    return lax.transpose(total, np.argsort(of_output))


def _fourier(x: Any, *, fft_type: Any, fft_lengths: Sequence[int]) -> Any:
    """Write the transform of real signals as two matrix products."""
    if fft_type != lax.FftType.RFFT or len(fft_lengths) != 1:
        return lax.fft_p.bind(x, fft_type=fft_type, fft_lengths=fft_lengths)
    size = fft_lengths[0]
    angles = np.outer(np.arange(size), np.arange(size // 2 + 1)) % size * (2 * np.pi / size)
    return lax.complex(x @ np.cos(angles).astype(x.dtype), x @ -np.sin(angles).astype(x.dtype))


def _absolute(x: Any) -> Any:
    if not jnp.issubdtype(x.dtype, jnp.complexfloating):
        return lax.abs(x)
    return lax.sqrt(lax.real(x) ** 2 + lax.imag(x) ** 2)


_RULES: dict[str, Callable[..., Any]] = {
    "abs": _absolute,
    "conv_general_dilated": _convolution,
    "fft": _fourier,
    "pad": _pad,
    "reduce_window_max": _window_max,
}
