"""The rows of `model.summary()`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from kerasish.core.layer import Layer
from kerasish.core.symbolic import Node
from kerasish.core.variable import Variable
from kerasish.models.summary import SummaryRow, SummaryTotals, render_summary

__all__ = ["summarize"]


def summarize(
    model: Any,
    line_length: int | None,
    print_fn: Callable[[str], Any] | None,
    expand_nested: bool,
    show_trainable: bool,
) -> None:
    """Print a table of the layers of a model; see `Model.summary`."""
    rows = list(_rows(model, expand_nested, 0))
    trainable, frozen = model.trainable_weights, model.non_trainable_weights
    optimizer = None
    if model.engine is not None and model.engine.owner is not None:
        optimizer = jax.tree.leaves(model.engine.owner.train_state.opt_state)
    render_summary(
        rows,
        SummaryTotals(
            trainable=_size(trainable),
            trainable_bytes=_bytes(trainable),
            frozen=_size(frozen),
            frozen_bytes=_bytes(frozen),
            optimizer=None if optimizer is None else _size(optimizer),
            optimizer_bytes=0 if optimizer is None else _bytes(optimizer),
        ),
        f'Model: "{model.name}"',
        line_length=line_length,
        print_fn=print_fn,
        show_trainable=show_trainable,
    )


def _rows(model: Any, expand: bool, depth: int) -> Iterator[SummaryRow]:
    graph = getattr(model, "graph", None)
    chain = graph is None or _is_chain(graph.nodes)
    for layer in model.sublayers():
        yield SummaryRow(
            name=layer.name,
            kind=type(layer).__name__,
            shape=_shape(layer.output_shape),
            params=_size(layer.weights),
            connected=() if chain else _sources(layer, graph.nodes),
            trainable=layer.trainable if layer.weights else None,
            depth=depth,
        )
        if expand and layer.sublayers():
            yield from _rows(layer, expand, depth + 1)


def _is_chain(nodes: list[Node]) -> bool:
    """Return whether each call takes one tensor, and each tensor goes to one call."""
    used = [id(tensor) for node in nodes for tensor in node.inputs]
    return len(used) == len(set(used)) and all(len(node.inputs) <= 1 for node in nodes)


def _sources(layer: Layer, nodes: list[Node]) -> tuple[str, ...]:
    calls = [node for node in nodes if node.layer is layer]
    return tuple(
        f"{tensor.node.layer.name}[{tensor.node.layer.nodes.index(tensor.node)}][{tensor.index}]"
        for node in calls
        for tensor in node.inputs
        if tensor.node is not None
    )


def _shape(shape: Any) -> str:
    if shape is None:
        return "?"
    if isinstance(shape, tuple) and all(n is None or isinstance(n, int) for n in shape):
        return str(shape)
    shapes = shape.values() if isinstance(shape, dict) else shape
    return ", ".join(_shape(each) for each in shapes)


def _size(weights: list[Any]) -> int:
    return sum(int(np.prod(w.shape, dtype=np.int64)) for w in weights)


def _bytes(weights: list[Any]) -> int:
    return sum(_size([w]) * _item_size(w) for w in weights)


def _item_size(weight: Any) -> int:
    dtype = weight.dtype
    return int(dtype.itemsize if isinstance(weight, Variable) else np.dtype(dtype).itemsize)
