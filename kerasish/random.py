"""Random keys for layers of your own."""

from __future__ import annotations

import jax

from kerasish.core.errors import ArgumentError
from kerasish.core.scope import current_scope

__all__ = ["next_key"]


def next_key() -> jax.Array:
    """Return a random key for the layer whose `call` is running.

    It depends on the key of the whole application (the step, in training) and
    on the layer's place in the model, not on what other layers draw. Each call
    gives another key.

    Raises:
        ArgumentError: outside of a layer's `call`, or if `apply` was given no `rng`.

    Example:
        >>> from kerasish import Layer
        >>> class Noise(Layer):
        ...     def call(self, x, training=None):
        ...         return x + jax.random.normal(next_key(), x.shape) if training else x
    """
    scope = current_scope()
    if scope is None:
        raise ArgumentError(
            "`kerasish.random.next_key()` belongs inside the `call` of a layer; elsewhere make a "
            "key with `jax.random.key(seed)`."
        )
    return scope.next_key()
