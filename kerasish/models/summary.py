"""What `model.summary()` tells: a row for each layer, and the sums."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.operation import RecordedCall
from kerasish.core.graph.symbolic import Node
from kerasish.core.layer import Layer
from kerasish.core.types import PyTree
from kerasish.core.variable import Variable
from kerasish.utils.shape_text import shape_text

__all__ = ["SummaryRow", "SummaryTotals", "in_range", "rows_of", "totals_of"]


@dataclass(frozen=True)
class SummaryRow:
    """One layer.

    Attributes:
        name: its name.
        kind: its class.
        shape: of its output, in words: `(None, 64)`.
        params: how many numbers its weights hold.
        connected: the layers that feed it, in a graph that is not a chain.
        trainable: whether training changes it; None when it has no weights.
        depth: how many models it is nested in.
    """

    name: str
    kind: str
    shape: str
    params: int
    connected: tuple[str, ...] = ()
    trainable: bool | None = None
    depth: int = 0


@dataclass(frozen=True)
class SummaryTotals:
    """How many numbers the model holds, and their bytes.

    Attributes:
        trainable: numbers that training changes.
        trainable_bytes: their bytes.
        frozen: numbers that the optimizer leaves alone.
        frozen_bytes: their bytes.
        optimizer: numbers that the optimizer keeps; None before there are any.
        optimizer_bytes: their bytes.
    """

    trainable: int
    trainable_bytes: int
    frozen: int
    frozen_bytes: int
    optimizer: int | None = None
    optimizer_bytes: int = 0


def rows_of(model: Any, expand_nested: bool, depth: int = 0) -> Iterator[SummaryRow]:
    """Return the rows of a model's layers.

    Args:
        model: a model that is built.
        expand_nested: whether the layers of nested models have rows too.
        depth: how many models it is nested in.
    """
    graph = getattr(model, "_kerasish_graph", None)
    nodes = [] if graph is None else graph.nodes
    chain = _is_chain(nodes)
    # In a graph there are functions between the layers.
    for layer in model._kerasish_sublayers() if graph is None else model._kerasish_operations():
        yield SummaryRow(
            name=layer.name,
            kind=layer.kind if isinstance(layer, RecordedCall) else type(layer).__name__,
            shape=shape_text(layer._kerasish_output_shape()),
            params=_size(layer.weights),
            connected=() if chain else _sources(layer, nodes),
            trainable=layer.trainable if layer.weights else None,
            depth=depth,
        )
        if expand_nested and isinstance(layer, Layer) and layer._kerasish_sublayers():
            yield from rows_of(layer, expand_nested, depth + 1)


def in_range(rows: list[SummaryRow], layer_range: Sequence[str]) -> list[SummaryRow]:
    """Return the rows from the first layer that fits a pattern to the last that fits another.

    Args:
        rows: all rows.
        layer_range: the two patterns, regular expressions; a name is one.

    Raises:
        ArgumentError: if there are not two, or no layer fits.
    """
    if len(layer_range) != 2 or not all(isinstance(each, str) for each in layer_range):
        raise ArgumentError(
            f"layer_range is a list of two names or patterns; got {list(layer_range)!r}."
        )
    first, last = (
        [i for i, row in enumerate(rows) if row.name == each or re.match(each, row.name)]
        for each in layer_range
    )
    if not first or not last:
        missing = layer_range[0] if not first else layer_range[1]
        raise ArgumentError(
            f"layer_range: no layer is called {missing!r}. There are {[r.name for r in rows]}."
        )
    begin, end = sorted((first[0], last[-1]))
    return rows[begin : end + 1]


def totals_of(model: Any) -> SummaryTotals:
    """Return the sums over a model that is built."""
    trainable, frozen = model.trainable_weights, model.non_trainable_weights
    optimizer = None
    if model._kerasish_engine is not None and model._kerasish_engine.owner is not None:
        optimizer = jax.tree.leaves(model._kerasish_engine.owner.train_state.opt_state)
    return SummaryTotals(
        trainable=_size(trainable),
        trainable_bytes=_bytes(trainable),
        frozen=_size(frozen),
        frozen_bytes=_bytes(frozen),
        optimizer=None if optimizer is None else _size(optimizer),
        optimizer_bytes=0 if optimizer is None else _bytes(optimizer),
    )


def _is_chain(nodes: list[Node]) -> bool:
    """Return whether each call takes one tensor, and each tensor goes to one call."""
    used = [id(tensor) for node in nodes for tensor in node.inputs]
    return len(used) == len(set(used)) and all(len(node.inputs) <= 1 for node in nodes)


def _sources(layer: Layer, nodes: list[Node]) -> tuple[str, ...]:
    calls = [node for node in nodes if node.layer is layer]
    return tuple(
        f"{tensor.node.layer.name}[{tensor.node.layer._kerasish_nodes.index(tensor.node)}][{tensor.index}]"
        for node in calls
        for tensor in node.inputs
        if tensor.node is not None
    )


def _size(weights: list[Any]) -> int:
    return sum(int(np.prod(w.shape, dtype=np.int64)) for w in weights)


def _bytes(weights: list[Any]) -> int:
    return sum(_size([w]) * _item_size(w) for w in weights)


def _item_size(weight: PyTree) -> int:
    dtype = weight.dtype
    return int(dtype.itemsize if isinstance(weight, Variable) else np.dtype(dtype).itemsize)
