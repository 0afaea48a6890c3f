"""Activations, convolutions, pooling, normalization and losses as functions."""

from kerasish.ops._define import functions

__all__: list[str] = sorted(functions("nn"))
globals().update(functions("nn"))
