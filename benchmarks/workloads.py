"""What is measured: models, data and batches, described once for every peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.initial import Initial
from benchmarks.network import Layers, network

__all__ = ["WORKLOADS", "Workload"]


@dataclass(frozen=True)
class Workload:
    """A classifier, trained with Adam on the crossentropy, and synthetic data for it.

    Args:
        name: what it is called in the tables.
        title: the same, for people.
        layers: the network; see `network`.
        shape: of one input.
        batch: samples in a batch.
        samples: samples in an epoch, a multiple of `batch`.
        epochs: epochs in one turn, so that a turn is long enough to be timed.
        longer: how many times the samples make an epoch that is long beside its end.
        words: how many different ones there are, if the input is words and not numbers.
    """

    name: str
    title: str
    layers: Layers
    shape: tuple[int, ...]
    batch: int
    samples: int
    epochs: int = 1
    longer: int = 1
    words: int = 0
    classes: int = 10

    @property
    def steps(self) -> int:
        return self.samples // self.batch

    @property
    def dtype(self) -> str:
        return "int32" if self.words else "float32"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs and labels that have something to do with each other."""
        rng = np.random.default_rng(0)
        x: np.ndarray
        if self.words:
            x = rng.integers(self.words, size=(self.samples, *self.shape), dtype="int32")
            scores = rng.standard_normal((self.words, self.classes))[x].sum(1)
        else:
            x = rng.standard_normal((self.samples, *self.shape), dtype="float32")
            seen = x.mean(1) if x.ndim == 3 else x.reshape(self.samples, -1)[:, :64]
            scores = seen @ rng.standard_normal((seen.shape[1], self.classes))
        return x, scores.argmax(1).astype("int32")

    def parameters(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return first values of the parameters, and of the state (means and variances)."""
        ops = Initial()
        network(ops, self.layers, self.shape)
        return ops.params, ops.state

    def with_samples(self, samples: int) -> Workload:
        return replace(self, samples=samples)

    def long(self) -> Workload:
        """Return the same with epochs of about half a second, and two of them in a turn."""
        return replace(self, samples=self.samples * self.longer, epochs=2)

    def quick(self) -> Workload:
        """Return the same with next to nothing to do."""
        return replace(self, samples=4 * self.batch, epochs=1, longer=1)

    def without_dropout(self) -> Workload:
        return replace(self, layers=tuple(each for each in self.layers if each[0] != "dropout"))


def _convnet() -> Iterator[tuple[Any, ...]]:
    for filters in (32, 64):
        yield "conv", filters, 3
        yield ("pool",)
    yield ("flatten",)
    yield "dropout", 0.5
    yield _OUT


def _resnet20() -> Iterator[tuple[Any, ...]]:
    yield "convnorm", 16, 1
    for filters in (16, 32, 64):
        for block in range(3):
            first = block == 0 and filters > 16
            yield "residual", filters, 2 if first else 1, first
    yield ("mean",)
    yield _OUT


def _transformer(width: int, heads: int, blocks: int) -> Iterator[tuple[Any, ...]]:
    yield "embed", 1000, width
    yield ("positions",)
    yield from [("block", heads)] * blocks
    yield ("layernorm",)
    yield ("mean",)
    yield _OUT


_OUT = ("dense", 10, "softmax")
_SMALL = (("dense", 32, "relu"), _OUT)
_WIDE = (("dense", 128, "relu"), _OUT)
_DEEP = (*[("dense", 64, "relu")] * 50, _OUT)
_LSTM = (("lstm", 128, False), _OUT)
_BILSTM = (("bidirectional", 64, True), ("bidirectional", 64, False), _OUT)

WORKLOADS = {
    each.name: each
    for each in (
        Workload("mlp_small", "MLP 16-32-10", _SMALL, (16,), 32, 6400, epochs=5, longer=50),
        Workload("mlp_mnist", "MLP 784-128-10", _WIDE, (784,), 128, 12800, epochs=2, longer=4),
        Workload("deep_dense", "50 Dense(64)", _DEEP, (64,), 32, 3200, epochs=2, longer=3),
        Workload("convnet", "MNIST convnet", tuple(_convnet()), (28, 28, 1), 128, 1280),
        Workload("resnet20", "ResNet-20", tuple(_resnet20()), (32, 32, 3), 64, 256),
        Workload("lstm", "LSTM(128), 100 steps", _LSTM, (100, 32), 32, 640),
        Workload("bilstm", "2 bidirectional LSTM(64)", _BILSTM, (100, 32), 32, 320),
        Workload(
            "transformer",
            "2-block transformer, d=128",
            tuple(_transformer(128, 4, 2)),
            (64,),
            32,
            320,
            words=1000,
        ),
    )
}
