"""What is measured: models, data and batches, described once for every peer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

__all__ = ["LEARNING_RATE", "WORKLOADS", "Workload", "network"]

# Keras's defaults of Adam; the other numbers are the same in Optax and PyTorch.
LEARNING_RATE, EPSILON = 1e-3, 1e-7
# Of batch normalization; the epsilon is Keras's default.
MOMENTUM, NORM_EPSILON = 0.9, 1e-3


@dataclass(frozen=True)
class Workload:
    """A classifier, trained with Adam on the crossentropy, and synthetic data for it.

    Args:
        name: what it is called in the tables.
        layers: the network; see `network`.
        shape: of one input.
        batch: samples in a batch.
        samples: samples in an epoch, a multiple of `batch`.
        epochs: epochs in one turn, so that a turn is long enough to be timed.
    """

    name: str
    layers: tuple[tuple[Any, ...], ...]
    shape: tuple[int, ...]
    batch: int
    samples: int
    epochs: int = 1
    classes: int = 10

    @property
    def steps(self) -> int:
        return self.samples // self.batch

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs and labels that have something to do with each other."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.samples, *self.shape), dtype="float32")
        seen = x.reshape(self.samples, -1)[:, :64]
        labels = (seen @ rng.standard_normal((seen.shape[1], self.classes))).argmax(1)
        return x, labels.astype("int32")

    def parameters(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return first values of the parameters, and of the state (means and variances)."""
        ops = _Initial()
        network(ops, self.layers, self.shape)
        return ops.params, ops.state

    def without_dropout(self) -> Workload:
        return replace(self, layers=tuple(each for each in self.layers if each[0] != "dropout"))


def network(ops: Any, layers: tuple[tuple[Any, ...], ...], x: Any) -> Any:
    """Apply the layers to `x`, in the operations of a library.

    Args:
        ops: has `dense(x, units, activation)`, `conv(x, filters, size, stride, padding, bias,
            activation)`, `pool`, `flatten`, `dropout(x, rate)`, `norm`, `relu`, `add(x, y)` and
            `mean` (over space). An activation is `"relu"`, `"softmax"` or None.
        layers: tuples of a name and its numbers.
        x: what the operations take.
    """
    for kind, *numbers in layers:
        if kind == "convnorm":
            x = ops.relu(_convnorm(ops, x, *numbers))
        elif kind == "residual":
            x = _residual(ops, x, *numbers)
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


class _Initial:
    """Operations on shapes that note the parameters: Glorot's uniform kernels, as in Keras."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(1)
        self.params: list[np.ndarray] = []
        self.state: list[np.ndarray] = []

    def _kernel(self, *shape: int) -> None:
        limit = math.sqrt(6 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))
        self.params.append(self.rng.uniform(-limit, limit, shape).astype("float32"))

    def dense(self, x: Any, units: int, activation: str | None) -> Any:
        self._kernel(x[-1], units)
        self.params.append(np.zeros(units, "float32"))
        return (units,)

    def conv(
        self,
        x: Any,
        filters: int,
        size: int,
        stride: int,
        padding: str,
        bias: bool,
        activation: str | None,
    ) -> Any:
        self._kernel(size, size, x[-1], filters)
        if bias:
            self.params.append(np.zeros(filters, "float32"))
        lost = size - 1 if padding == "valid" else 0
        return (*(-((lost - n) // stride) for n in x[:-1]), filters)

    def norm(self, x: Any) -> Any:
        self.params += [np.ones(x[-1], "float32"), np.zeros(x[-1], "float32")]
        self.state += [np.zeros(x[-1], "float32"), np.ones(x[-1], "float32")]
        return x

    def pool(self, x: Any) -> Any:
        return (*(n // 2 for n in x[:-1]), x[-1])

    def flatten(self, x: Any) -> Any:
        return (math.prod(x),)

    def mean(self, x: Any) -> Any:
        return x[-1:]

    def dropout(self, x: Any, rate: float) -> Any:
        return x

    def relu(self, x: Any) -> Any:
        return x

    def add(self, x: Any, y: Any) -> Any:
        assert x == y
        return x


def _resnet20() -> Iterator[tuple[Any, ...]]:
    yield "convnorm", 16, 1
    for filters in (16, 32, 64):
        for block in range(3):
            first = block == 0 and filters > 16
            yield "residual", filters, 2 if first else 1, first
    yield ("mean",)
    yield "dense", 10, "softmax"


_OUT = ("dense", 10, "softmax")

WORKLOADS = {
    each.name: each
    for each in (
        Workload("mlp_small", (("dense", 32, "relu"), _OUT), (16,), 32, 6400, epochs=5),
        Workload("mlp_mnist", (("dense", 128, "relu"), _OUT), (784,), 128, 12800, epochs=2),
        Workload("deep_dense", (*[("dense", 64, "relu")] * 50, _OUT), (64,), 32, 3200, epochs=2),
        Workload(
            "convnet",
            (
                ("conv", 32, 3),
                ("pool",),
                ("conv", 64, 3),
                ("pool",),
                ("flatten",),
                ("dropout", 0.5),
                _OUT,
            ),
            (28, 28, 1),
            128,
            1280,
        ),
        Workload("resnet20", tuple(_resnet20()), (32, 32, 3), 64, 256),
    )
}
