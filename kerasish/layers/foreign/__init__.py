"""Layers around models that were written otherwise: JAX functions, Flax modules."""

from kerasish.layers.foreign.flax_layer import FlaxLayer
from kerasish.layers.foreign.jax_layer import JaxLayer

__all__ = ["FlaxLayer", "JaxLayer"]
