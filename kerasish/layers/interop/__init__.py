"""Layers around models that were written otherwise: JAX functions, Flax modules."""

from kerasish.layers.interop.flax_layer import FlaxLayer
from kerasish.layers.interop.jax_layer import JaxLayer

__all__ = ["FlaxLayer", "JaxLayer"]
