"""Quantization of arrays: scaling, rounding and packing into few bits, and back.

Layers are not quantized here (see `docs/keras-differences.md`); these are for programs that
quantize arrays themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.serialization.registry import Registry
from kerasish.core.types import Array, ArrayLike, Config, DTypeLike, PyTree

__all__ = [
    "AbsMaxQuantizer",
    "Quantizer",
    "abs_max_quantize",
    "abs_max_quantize_grouped_with_zero_point",
    "compute_float8_amax_history",
    "compute_float8_scale",
    "deserialize",
    "fake_quant_with_min_max_vars",
    "get",
    "pack_int4",
    "quantize_and_dequantize",
    "serialize",
    "unpack_int4",
]

quantizers = Registry("quantizer", "quantizers", instantiate=True)

Axis = int | Sequence[int] | None


def get(
    identifier: str | Config | Quantizer | type[Quantizer] | None, **kwargs: Any
) -> Quantizer | None:
    """Return the quantizer meant by a name, a config, a class or a quantizer; None is None.

    Args:
        identifier: such as `"abs_max_quantizer"`.
        **kwargs: arguments of the constructor, where a name is given.

    Raises:
        UnknownNameError: if there is no quantizer of that name.

    Examples:
        >>> get("abs_max_quantizer", axis=0).axis
        (0,)
    """
    if isinstance(identifier, str) and identifier in quantizers.entries:
        return quantizers.entries[identifier](**kwargs)
    return quantizers.get(identifier)


def serialize(initializer: Quantizer) -> Config | str:
    """Return the JSON-ready description of a quantizer, in Keras's form.

    Args:
        initializer: the quantizer; the argument has this name in Keras.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    return quantizers.serialize(initializer)


def deserialize(config: Config | str, custom_objects: Mapping[str, Any] | None = None) -> Quantizer:
    """Return the quantizer of a description.

    Args:
        config: what `serialize` returned, here or in Keras.
        custom_objects: names, besides registered ones, that it may hold.

    Examples:
        >>> deserialize(serialize(AbsMaxQuantizer(axis=1))).axis
        (1,)
    """
    return quantizers.deserialize(config, custom_objects)


def abs_max_quantize(
    inputs: ArrayLike,
    axis: Axis,
    value_range: Sequence[float] = (-127, 127),
    dtype: DTypeLike = "int8",
    epsilon: float = 1e-07,
    to_numpy: bool = False,
) -> tuple[Array, Array]:
    """Scale numbers so that the largest is the end of a range, and round them.

    Args:
        inputs: an array.
        axis: the axes along which the largest is looked for; None is all.
        value_range: the least and the greatest of the range.
        dtype: the dtype of the result.
        epsilon: keeps the scale finite.
        to_numpy: whether to compute on the host.

    Returns:
        The quantized array, and the scale that it was multiplied with.

    Examples:
        >>> q, scale = abs_max_quantize(np.array([[1.0, -2.0]]), axis=-1)
        >>> q.tolist(), float(scale[0, 0])
        ([[64, -127]], 63.5)
    """
    if to_numpy:
        with jax.default_device(jax.local_devices(backend="cpu")[0]):
            return abs_max_quantize(np.asarray(inputs), axis, value_range, dtype, epsilon)
    x = jnp.asarray(inputs)
    low, high = value_range
    axes = axis if axis is None or isinstance(axis, int) else tuple(axis)
    largest = jnp.max(jnp.abs(x), axis=axes, keepdims=True)
    scale = (high / (largest.astype("float32") + epsilon)).astype(x.dtype)
    rounded = jnp.clip(jnp.round(x * scale), low, high)
    return rounded.astype(dtype), scale


def abs_max_quantize_grouped_with_zero_point(
    inputs: ArrayLike,
    block_size: int,
    value_range: Sequence[int] = (-8, 7),
    dtype: DTypeLike = "int8",
    epsilon: float = 1e-07,
    to_numpy: bool = False,
) -> tuple[Array, Array, Array]:
    """Quantize a matrix in blocks of rows, each column of a block from its least to its greatest.

    Args:
        inputs: `(rows, columns)`.
        block_size: the number of rows in a block; the last may have fewer.
        value_range: the least and the greatest of the range.
        dtype: the dtype of the result.
        epsilon: keeps the scale above 0.
        to_numpy: whether to compute on the host.

    Returns:
        `q`, and `scale` and `zero_point` of shape `(blocks, columns)`: `inputs` is about
        `(q - zero_point) * scale`.

    Raises:
        ShapeError: if `inputs` is not a matrix.

    Examples:
        >>> x = np.array([[0.0], [1.5], [3.0], [2.0]])
        >>> q, scale, zero = abs_max_quantize_grouped_with_zero_point(x, 2)
        >>> q.shape, scale.shape, zero.tolist()
        ((4, 1), (2, 1), [[-8], [-8]])
    """
    if to_numpy:
        with jax.default_device(jax.local_devices(backend="cpu")[0]):
            return abs_max_quantize_grouped_with_zero_point(
                np.asarray(inputs), block_size, value_range, dtype, epsilon
            )
    x = jnp.asarray(inputs)
    if x.ndim != 2:
        raise ShapeError(f"`inputs` must be a matrix; its shape is {x.shape}.")
    low, high = value_range
    rows, columns = x.shape
    block_size = min(block_size, rows)
    blocks = -(-rows // block_size)
    # Rows of zeros fill the last block, and count for its ends, as in Keras.
    padded = jnp.pad(x, ((0, blocks * block_size - rows), (0, 0)))
    grouped = padded.reshape(blocks, block_size, columns)
    least, greatest = grouped.min(1), grouped.max(1)
    flat = least == greatest
    least, greatest = jnp.where(flat, least - 1, least), jnp.where(flat, greatest + 1, greatest)
    scale = (greatest - least + epsilon) / (high - low)
    zero = jnp.clip(jnp.round(-least / scale) + low, low, high)
    quantized = jnp.clip(jnp.round(grouped / scale[:, None]) + zero[:, None], low, high)
    quantized = quantized.reshape(blocks * block_size, columns)[:rows]
    return quantized.astype(dtype), scale, zero.astype("int8")


def compute_float8_scale(
    amax: ArrayLike, scale: ArrayLike, dtype_max: float, margin: int = 0
) -> Array:
    """Return the scale for a float of 8 bits, by the largest number seen.

    Args:
        amax: the largest magnitude.
        scale: the scale so far, which stays where `amax` is 0 or not finite.
        dtype_max: the largest number of the dtype.
        margin: number of powers of two to stay below it.

    Examples:
        >>> float(compute_float8_scale(224.0, 1.0, 448.0))
        0.5
    """
    amax, scale = jnp.asarray(amax), jnp.asarray(scale)
    usable = (amax > 0) & jnp.isfinite(amax)
    return jnp.where(usable, jnp.where(usable, amax, 1) * 2**margin / dtype_max, scale)


def compute_float8_amax_history(x: ArrayLike, amax_history: ArrayLike) -> Array:
    """Return a history of largest magnitudes with that of an array at its front.

    Args:
        x: the array.
        amax_history: `(length,)`; the number at index 1 is the oldest, and leaves.

    Examples:
        >>> compute_float8_amax_history(np.array([-5.0]), np.array([1.0, 2.0, 3.0])).tolist()
        [5.0, 3.0, 1.0]
    """
    history = jnp.asarray(amax_history)
    largest = jnp.max(jnp.abs(jnp.asarray(x))).astype(history.dtype)
    return jnp.roll(history, -1, axis=0).at[0].set(largest)


def quantize_and_dequantize(
    inputs: ArrayLike, scale: ArrayLike, quantized_dtype: DTypeLike, compute_dtype: DTypeLike
) -> Array:
    """Return an array as a dtype of few bits would hold it, in its own dtype.

    Args:
        inputs: an array.
        scale: what it is divided by, and multiplied with again.
        quantized_dtype: the dtype of few bits, such as `"float8_e4m3fn"`.
        compute_dtype: the dtype of the result.

    Examples:
        >>> quantize_and_dequantize(np.array([1.03, 1e6]), 1.0, "float8_e4m3fn", "float32").tolist()
        [1.0, 448.0]
    """
    scale = jnp.asarray(scale, compute_dtype)
    largest = float(jnp.finfo(quantized_dtype).max)
    within = jnp.clip(jnp.asarray(inputs, compute_dtype) / scale, -largest, largest)
    return within.astype(quantized_dtype).astype(compute_dtype) * scale


def fake_quant_with_min_max_vars(
    inputs: ArrayLike,
    min_vals: ArrayLike,
    max_vals: ArrayLike,
    num_bits: int = 8,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Array:
    """Return an array as it would be after quantization to a range, with a gradient for training.

    The ends of the range are moved so that 0 is one of the values. The gradient passes where an
    element is within the range; below and above, it goes to the ends.

    Args:
        inputs: an array of floats.
        min_vals: the least value, or one for each channel.
        max_vals: the greatest, likewise.
        num_bits: the number of bits.
        narrow_range: whether to leave out the lowest number of these bits.
        axis: where the channels are; None for one range.

    Examples:
        >>> x = np.array([-1.0, 0.3, 0.6])
        >>> fake_quant_with_min_max_vars(x, 0.0, 0.75, num_bits=2).tolist()
        [0.0, 0.25, 0.5]
    """
    x = jnp.asarray(inputs)
    least, greatest = jnp.asarray(min_vals, x.dtype), jnp.asarray(max_vals, x.dtype)
    if axis is not None:
        shape = [1] * x.ndim
        shape[axis] = x.shape[axis]
        least, greatest = least.reshape(shape), greatest.reshape(shape)
    first, last = int(narrow_range), 2**num_bits - 1
    scale = (greatest - least) / (last - first)
    step = jnp.where(scale == 0, 1, scale)
    zero = jnp.clip(jnp.round(first - least / step), first, last)
    low, high = (first - zero) * scale, (last - zero) * scale
    clipped = jnp.clip(x, low, high)
    rounded = jnp.floor((clipped - low) / step + 0.5) * scale + low
    passing = jnp.where(x < low, least, jnp.where(x > high, greatest, x))
    # The value of one, the gradient of the other.
    return jax.lax.stop_gradient(rounded) + (passing - jax.lax.stop_gradient(passing))


def pack_int4(
    arr: ArrayLike, axis: int = 0, dtype: str = "int8"
) -> tuple[Array, tuple[int, ...], int]:
    """Put two integers of 4 bits into each byte, the first in its low half.

    Args:
        arr: integers from -8 to 7, of `dtype`.
        axis: the axis along which neighbours share a byte.
        dtype: `"int8"` or `"uint8"`.

    Returns:
        The bytes, their shape, and the size of that axis before.

    Raises:
        ArgumentError: if there is no such dtype, or `arr` has another.

    Examples:
        >>> packed, shape, size = pack_int4(np.array([[-3, 7], [2, -8], [1, 0]], "int8"))
        >>> packed.tolist(), shape, size
        ([[45, -121], [1, 0]], (2, 2), 3)
    """
    x = jnp.asarray(arr)
    if dtype not in ("int8", "uint8") or x.dtype != dtype:
        raise ArgumentError(
            f"`pack_int4` takes arrays of int8 or uint8, and that dtype; got {x.dtype.name!r} and "
            f"dtype={dtype!r}."
        )
    rows = jnp.moveaxis(x, axis, 0)
    size = rows.shape[0]
    rows = jnp.pad(rows, ((0, size % 2), *[(0, 0)] * (x.ndim - 1)))
    packed = (rows[::2] & 0xF) | (rows[1::2] << 4)
    packed = jnp.moveaxis(packed.astype(dtype), 0, axis)
    return packed, tuple(packed.shape), size


def unpack_int4(packed: ArrayLike, orig_len: int, axis: int = 0, dtype: str = "int8") -> Array:
    """Return the integers that `pack_int4` has put into bytes.

    Args:
        packed: the bytes, of `dtype`.
        orig_len: the size of the axis before.
        axis: the axis.
        dtype: `"int8"`, for integers from -8 to 7, or `"uint8"`, from 0 to 15.

    Raises:
        ArgumentError: if there is no such dtype, or `packed` has another.

    Examples:
        >>> unpack_int4(np.array([[45, -121], [1, 0]], "int8"), 3).tolist()
        [[-3, 7], [2, -8], [1, 0]]
    """
    x = jnp.asarray(packed)
    if dtype not in ("int8", "uint8") or x.dtype != dtype:
        raise ArgumentError(
            f"`unpack_int4` takes arrays of int8 or uint8, and that dtype; got {x.dtype.name!r} "
            f"and dtype={dtype!r}."
        )
    rows = jnp.moveaxis(x, axis, 0)
    # Shifting right repeats the sign of int8.
    halves = jnp.stack([(rows << 4) >> 4, rows >> 4], 1)
    unpacked = halves.reshape(-1, *rows.shape[1:])[:orig_len].astype(dtype)
    return jnp.moveaxis(unpacked, 0, axis)


class Quantizer:
    """The base of quantizers: called on an array, one returns it in fewer bits, and the scale.

    Args:
        output_dtype: the dtype of the result.

    Examples:
        >>> class Rounding(Quantizer):
        ...     def __call__(self, x):
        ...         return jnp.round(x).astype(self.output_dtype), 1.0
        >>> Rounding()(np.array([1.2, 2.7]))[0].tolist()
        [1, 3]
    """

    def __init__(self, output_dtype: str = "int8") -> None:
        self.output_dtype = output_dtype

    def __call__(self, x: ArrayLike) -> PyTree:
        """Return the array; a subclass quantizes it."""
        return x

    def get_config(self) -> Config:
        """Return the arguments that make an equal quantizer."""
        return {"output_dtype": self.output_dtype}

    @classmethod
    def from_config(cls, config: Config) -> Quantizer:
        """Make a quantizer from what `get_config` returned."""
        return cls(**config)


@quantizers.register()
class AbsMaxQuantizer(Quantizer):
    """Quantizes by `abs_max_quantize`.

    Args:
        axis: the axes along which the largest number is looked for.
        value_range: the least and the greatest of the range.
        epsilon: keeps the scale finite.
        output_dtype: the dtype of the result.

    Examples:
        >>> q, scale = AbsMaxQuantizer(axis=-1)(np.array([[1.0, -2.0]]))
        >>> q.tolist()
        [[64, -127]]
    """

    def __init__(
        self,
        axis: Axis = None,
        value_range: Sequence[float] = (-127, 127),
        epsilon: float = 1e-07,
        output_dtype: str = "int8",
    ) -> None:
        super().__init__(output_dtype)
        self.axis = (axis,) if isinstance(axis, int) else None if axis is None else tuple(axis)
        self.value_range = tuple(value_range)
        self.epsilon = epsilon

    def __call__(
        self, x: ArrayLike, axis: Axis = None, to_numpy: bool = False
    ) -> tuple[Array, Array]:
        """Return the array in fewer bits, and the scale.

        Args:
            x: an array.
            axis: instead of that of the quantizer; the last if there is neither.
            to_numpy: whether to compute on the host.
        """
        axis = axis if axis is not None else self.axis
        return abs_max_quantize(
            x,
            -1 if axis is None else axis,
            self.value_range,
            self.output_dtype,
            self.epsilon,
            to_numpy,
        )

    def get_config(self) -> Config:
        """Return the arguments that make an equal quantizer."""
        axis = {} if self.axis is None else {"axis": self.axis}
        settings = {"value_range": self.value_range, "epsilon": self.epsilon}
        return settings | super().get_config() | axis
