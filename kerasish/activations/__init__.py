"""Activation functions, by Keras's names."""

from __future__ import annotations

from collections.abc import Callable

from kerasish.activations._family import activations as activations
from kerasish.activations.bounded import (
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    log_sigmoid,
    sigmoid,
    soft_shrink,
    sparse_sigmoid,
)
from kerasish.activations.bounded import hard_silu as hard_swish
from kerasish.activations.rectified import (
    celu,
    elu,
    leaky_relu,
    linear,
    relu,
    relu6,
    selu,
    sparse_plus,
    threshold,
)
from kerasish.activations.smooth import (
    exponential,
    gelu,
    mish,
    silu,
    softplus,
    softsign,
    squareplus,
    tanh,
    tanh_shrink,
)
from kerasish.activations.smooth import silu as swish
from kerasish.activations.softmax import log_softmax, softmax, sparsemax
from kerasish.core.types import ActivationLike, Array, Config

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

deserialize = activations.deserialize


def get(identifier: ActivationLike) -> Callable[..., Array]:
    """Return an activation function; None means `linear`.

    Raises:
        UnknownNameError: if there is no activation of that name.

    Examples:
        >>> get("relu") is relu, get(None) is linear
        (True, True)
    """
    return linear if identifier is None else activations.get(identifier)


def serialize(activation: Callable[..., Array] | None) -> Config | str | None:
    """Return the JSON-ready description of an activation function, in Keras's form.

    Args:
        activation: an instance or a function.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    described: Config | str | None = activations.serialize(activation)
    return described
