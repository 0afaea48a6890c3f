"""The first values of a network's parameters, as Keras draws them."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["Initial"]

Shape = tuple[int, ...]


class Initial:
    """Operations on shapes that record the parameters, in the order of their use."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(1)
        self.params: list[np.ndarray] = []
        self.state: list[np.ndarray] = []

    def _kernel(self, *shape: int) -> None:
        """Record a kernel with Glorot initialization."""
        limit = math.sqrt(6 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))
        self._uniform(limit, *shape)

    def _uniform(self, limit: float, *shape: int) -> None:
        self.params.append(self.rng.uniform(-limit, limit, shape).astype("float32"))

    def _zeros(self, *shape: int) -> None:
        self.params.append(np.zeros(shape, "float32"))

    def dense(self, x: Shape, units: int, activation: str | None) -> Shape:
        self._kernel(x[-1], units)
        self._zeros(units)
        return (*x[:-1], units)

    def conv(
        self,
        x: Shape,
        filters: int,
        size: int,
        stride: int,
        padding: str,
        bias: bool,
        activation: str | None,
    ) -> Shape:
        self._kernel(size, size, x[-1], filters)
        if bias:
            self._zeros(filters)
        lost = size - 1 if padding == "valid" else 0
        return (*(-((lost - n) // stride) for n in x[:-1]), filters)

    def norm(self, x: Shape) -> Shape:
        self.state += [np.zeros(x[-1], "float32"), np.ones(x[-1], "float32")]
        return self.layernorm(x)

    def layernorm(self, x: Shape) -> Shape:
        self.params += [np.ones(x[-1], "float32"), np.zeros(x[-1], "float32")]
        return x

    def lstm(self, x: Shape, units: int, sequences: bool) -> Shape:
        self._kernel(x[-1], 4 * units)
        rows = np.linalg.qr(self.rng.standard_normal((4 * units, units)))[0].T
        bias = np.zeros(4 * units, "float32")
        bias[units : 2 * units] = 1  # of the forget gate
        self.params += [rows.astype("float32"), bias]
        return (*x[:-1], units) if sequences else (units,)

    def bidirectional(self, x: Shape, units: int, sequences: bool) -> Shape:
        self.lstm(x, units, sequences)
        *rest, width = self.lstm(x, units, sequences)
        return (*rest, 2 * width)

    def embed(self, x: Shape, words: int, width: int) -> Shape:
        self._uniform(0.05, words, width)
        return (*x, width)

    def positions(self, x: Shape) -> Shape:
        self._uniform(0.05, *x)
        return x

    def attention(self, x: Shape, heads: int) -> Shape:
        each = x[-1] // heads
        for _ in ("query", "key", "value"):
            self._kernel(x[-1], heads, each)
            self._zeros(heads, each)
        self._kernel(heads, each, x[-1])
        self._zeros(x[-1])
        return x

    def pool(self, x: Shape) -> Shape:
        return (*(n // 2 for n in x[:-1]), x[-1])

    def flatten(self, x: Shape) -> Shape:
        return (math.prod(x),)

    def mean(self, x: Shape) -> Shape:
        return x[-1:]

    def dropout(self, x: Shape, rate: float) -> Shape:
        return x

    def relu(self, x: Shape) -> Shape:
        return x

    def add(self, x: Shape, y: Shape) -> Shape:
        assert x == y
        return x
