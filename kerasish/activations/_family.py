"""The registry of activation functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from kerasish.core.serialization.registry import Registry
from kerasish.core.types import Array

__all__ = ["activations", "register"]

Activation = Callable[..., Any]

activations = Registry("activation", "activations")


def register(*aliases: str) -> Callable[[Activation], Activation]:
    """Return a decorator that enters a function under its names, and lets it take lists too."""

    def enter(function: Activation) -> Activation:
        @functools.wraps(function)
        def activation(x: Array, *args: Any, **kwargs: Any) -> Array:
            result: Array = function(jnp.asarray(x), *args, **kwargs)
            return result

        return activations.register(*aliases)(activation)

    return enter
