"""Settings that hold for the whole process: default dtype, epsilon, seed."""

from __future__ import annotations

import random

import jax
import numpy as np

from kerasish.core.errors import ArgumentError

__all__ = [
    "epsilon",
    "first_seed",
    "floatx",
    "image_data_format",
    "key_of",
    "next_seed",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_random_seed",
]

_FLOATS = ("bfloat16", "float16", "float32", "float64")
_DATA_FORMATS = ("channels_last", "channels_first")

_floatx = "float32"
_epsilon = 1e-7
_image_data_format = "channels_last"
_seeds = np.random.SeedSequence()


def floatx() -> str:
    """Return the default float dtype of weights and computations.

    Examples:
        >>> floatx()
        'float32'
    """
    return _floatx


def set_floatx(value: str) -> None:
    """Set the default float dtype.

    Args:
        value: `"bfloat16"`, `"float16"`, `"float32"` or `"float64"` (the last
            also needs `jax.config.update("jax_enable_x64", True)`).

    Raises:
        ArgumentError: if `value` is no float dtype.
    """
    global _floatx
    if value not in _FLOATS:
        raise ArgumentError(f"floatx must be one of {', '.join(_FLOATS)}; got {value!r}.")
    _floatx = value


def epsilon() -> float:
    """Return the small number that keeps logarithms and divisions finite.

    Examples:
        >>> epsilon()
        1e-07
    """
    return _epsilon


def set_epsilon(value: float) -> None:
    """Set the small number that keeps logarithms and divisions finite."""
    global _epsilon
    _epsilon = float(value)


def image_data_format() -> str:
    """Return where layers expect the channels of an image unless told otherwise.

    Examples:
        >>> image_data_format()
        'channels_last'
    """
    return _image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set where layers made from now on expect the channels of an image.

    Args:
        data_format: `"channels_last"`, `(batch, height, width, channels)`, or
            `"channels_first"`, `(batch, channels, height, width)`.

    Raises:
        ArgumentError: if it is neither.
    """
    global _image_data_format
    name = str(data_format).lower()
    if name not in _DATA_FORMATS:
        raise ArgumentError(
            f"The image data format must be {' or '.join(map(repr, _DATA_FORMATS))}; "
            f"got {data_format!r}."
        )
    _image_data_format = name


def set_random_seed(seed: int) -> None:
    """Make everything that follows repeatable: weights, shuffling, dropout.

    Also seeds Python's and NumPy's global generators, as Keras does.

    Args:
        seed: an integer from 0 to 2**32 - 1.

    Examples:
        >>> set_random_seed(42)
    """
    global _seeds
    random.seed(seed)
    np.random.seed(seed)
    _seeds = np.random.SeedSequence(seed)


def next_seed() -> int:
    """Return the next seed of the process: one for each model that is made."""
    return int(_seeds.spawn(1)[0].generate_state(1)[0])


def first_seed(seed: int) -> int:
    """Return what `next_seed` returns first after `set_random_seed(seed)`."""
    return int(np.random.SeedSequence(seed).spawn(1)[0].generate_state(1)[0])


def key_of(seed: int) -> jax.Array:
    """Return `jax.random.key(seed)`, without having JAX compile a program for it."""
    if jax.config.jax_default_prng_impl != "threefry2x32":  # type: ignore[attr-defined]
        return jax.random.key(seed)
    key: jax.Array = jax.random.wrap_key_data(jax.device_put(np.array([0, seed], "uint32")))
    return key
