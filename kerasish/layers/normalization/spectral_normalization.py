"""SpectralNormalization: a layer whose kernel is divided by its largest singular value."""

from __future__ import annotations

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from kerasish import initializers
from kerasish.core.dtypes import cast_floats
from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.scope import current_scope
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Shape
from kerasish.core.variable import Variable
from kerasish.layers._shared import positive_int, register
from kerasish.layers.recurrent.wrapper import Wrapper

__all__ = ["SpectralNormalization"]


@register()
class SpectralNormalization(Wrapper):
    """Applies a layer with its kernel divided by the largest singular value (Miyato et al., 2018).

    The value comes from a power iteration, which in training goes on from step
    to step. The stored kernel stays as the optimizer left it.

    Shapes: those of the wrapped layer.

    Args:
        layer: a layer with a `kernel` or `embeddings`.
        power_iterations: number of iterations at each call.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `layer` is no such layer, or `power_iterations` no positive number.

    Examples:
        >>> import numpy as np
        >>> from kerasish.layers import Dense
        >>> layer = SpectralNormalization(Dense(3, kernel_initializer="ones"))
        >>> layer(np.ones((1, 3), "float32")).round(2).tolist()
        [[1.0, 1.0, 1.0]]
    """

    vector_u: Variable

    def __init__(
        self, layer: Layer, power_iterations: int = 1, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = positive_int(power_iterations, "power_iterations")

    def build(self, input_shape: Shape | None = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)
        found = getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))
        if found is None:
            raise ArgumentError(
                "SpectralNormalization wraps a layer with a `kernel` or `embeddings`; "
                f"{type(self.layer).__name__} has neither."
            )
        if getattr(self.layer, "lora_enabled", False):
            raise ArgumentError(
                f"SpectralNormalization cannot wrap {self.layer.name!r}, whose kernel LoRA has "
                "frozen: what is divided would not be what is trained."
            )
        self.kernel = found  # as an attribute, so that it comes first in `weights`, as in Keras
        self.vector_u = self.add_weight(
            (1, found.shape[-1]),
            initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            autocast=False,
            name="vector_u",
        )

    def call(self, inputs: Array, training: bool = False) -> Array:
        scope = current_scope()
        assert scope is not None  # a `call` has one
        own = str(self.kernel.dtype)
        with scope.layer_context(self.layer.name, training=training, compute_dtype=own):
            kernel = self.kernel.value  # not cast to 16 bits
        sigma, vector = self._power_iteration(kernel.reshape(-1, kernel.shape[-1]))
        if training:
            self.vector_u.assign(vector)
        scope.bind(self.kernel, kernel / sigma)
        outputs = self.layer(inputs)
        scope.bind(self.kernel, kernel)
        return jax.tree.map(lambda y: cast_floats(y, self.compute_dtype), outputs)

    def _power_iteration(self, matrix: Array) -> tuple[Any, Any]:
        """Return the largest singular value, about, and the vector that belongs to it."""
        u = self.vector_u.value.astype(matrix.dtype)
        fixed = jax.lax.stop_gradient(matrix)
        for _ in range(self.power_iterations):
            v = _l2_normalize(u @ fixed.T)
            u = _l2_normalize(v @ fixed)
        return (v @ matrix @ u.T).reshape(()), u


def _l2_normalize(x: Array) -> Array:
    return x * jax.lax.rsqrt(jnp.maximum(jnp.sum(jnp.square(x)), 1e-12))
