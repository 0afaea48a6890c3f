"""Networks as tuples of layers, applied in the operations of any library."""

from __future__ import annotations

from typing import Any

__all__ = ["LEARNING_RATE", "Layers", "network"]

Layers = tuple[tuple[Any, ...], ...]

# Keras's defaults of Adam; the other numbers are the same in Optax and PyTorch.
LEARNING_RATE, EPSILON = 1e-3, 1e-7
# Of batch normalization; the epsilon is Keras's default, of layer normalization too.
MOMENTUM, NORM_EPSILON = 0.9, 1e-3


def network(ops: Any, layers: Layers, x: Any) -> Any:
    """Apply the layers to `x`, in the operations of a library.

    Args:
        ops: has `dense(x, units, activation)`, `conv(x, filters, size, stride, padding, bias,
            activation)`, `pool`, `flatten`, `dropout(x, rate)`, `norm`, `relu`, `add(x, y)`,
            `mean` (over space or time), `lstm` and `bidirectional(x, units, sequences)`,
            `embed(x, words, width)`, `positions` (adds a learned vector to each step),
            `layernorm` and `attention(x, heads)`. An activation is `"relu"`, `"softmax"` or None.
        layers: tuples of a name and its numbers.
        x: what the operations take.
    """
    for kind, *numbers in layers:
        if kind == "convnorm":
            x = ops.relu(_convnorm(ops, x, *numbers))
        elif kind == "residual":
            x = _residual(ops, x, *numbers)
        elif kind == "block":
            x = _block(ops, x, *numbers)
        elif kind == "conv":
            filters, size = numbers
            x = ops.conv(x, filters, size, 1, "valid", True, "relu")
        else:
            x = getattr(ops, kind)(x, *numbers)
    return x


def _convnorm(ops: Any, x: Any, filters: int, stride: int) -> Any:
    return ops.norm(ops.conv(x, filters, 3, stride, "same", False, None))


def _residual(ops: Any, x: Any, filters: int, stride: int, project: bool) -> Any:
    y = ops.relu(_convnorm(ops, x, filters, stride))
    y = _convnorm(ops, y, filters, 1)
    if project:
        x = ops.conv(x, filters, 1, stride, "same", False, None)
    return ops.relu(ops.add(x, y))


def _block(ops: Any, x: Any, heads: int) -> Any:
    """A transformer's block that normalizes first, with four times the width inside."""
    width = x[-1] if isinstance(x, tuple) else x.shape[-1]
    x = ops.add(x, ops.attention(ops.layernorm(x), heads))
    y = ops.dense(ops.layernorm(x), 4 * width, "relu")
    return ops.add(x, ops.dense(y, width, None))
