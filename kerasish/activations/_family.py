"""The registry of activation functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from kerasish.core.serialization.registry import Registry

__all__ = ["activations", "register"]

Activation = Callable[..., Any]

activations = Registry("activation", "activations")


def register(*aliases: str) -> Callable[[Activation], Activation]:
    """Return a decorator that enters a function under its names, and lets it take lists too."""

    def enter(function: Activation) -> Activation:
        @functools.wraps(function)
        def activation(x: Any, *args: Any, **kwargs: Any) -> Any:
            return function(jnp.asarray(x), *args, **kwargs)

        return activations.register(*aliases)(activation)

    return enter
