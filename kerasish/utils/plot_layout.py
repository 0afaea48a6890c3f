"""What there is to draw of a model: a box for each layer, and which feeds which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import jax

from kerasish.core.graph.operation import RecordedCall
from kerasish.core.graph.symbolic import Node
from kerasish.core.layer import Layer
from kerasish.utils.shape_text import shape_text

__all__ = ["Box", "Shown", "boxes_of"]


@dataclass(frozen=True)
class Shown:
    """What a box tells of its layer.

    Attributes:
        names: its name.
        shapes: those of its input and output.
        dtypes: its dtype.
        activations: its activation, if it has one.
        trainable: whether it trains.
        nested: whether models within the model are taken apart.
    """

    names: bool = False
    shapes: bool = False
    dtypes: bool = False
    activations: bool = False
    trainable: bool = False
    nested: bool = False


@dataclass
class Box:
    """A layer in a picture.

    Attributes:
        title: its class, and its name if that is shown.
        lines: what else is told of it.
        sources: the boxes that feed it, by their number.
        inside: the names of the models that it is in.
        frozen: whether it is shown that it does not train.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    inside: tuple[str, ...] = ()
    frozen: bool = False


def boxes_of(model: Layer, shown: Shown) -> list[Box]:
    """Return a box for each layer of a model, each after those that feed it.

    Args:
        model: a model that is built; without a graph its layers are one after another.
        shown: what the boxes tell.
    """
    boxes: list[Box] = []
    _add(model, shown, boxes, (), None)
    return boxes


def _add(
    model: Layer, shown: Shown, boxes: list[Box], inside: tuple[str, ...], fed: list[int] | None
) -> list[int]:
    """Add the boxes of a model and return those that its outputs come from.

    Args:
        model: the model.
        shown: what the boxes tell.
        boxes: where to.
        inside: the names of the models around it.
        fed: the boxes that feed its inputs; None if these have boxes of their own.
    """
    if getattr(model, "_kerasish_graph", None) is None:
        last = list(fed or [])
        for layer in model._kerasish_sublayers():
            boxes.append(_box(layer, shown, last, inside))
            last = [len(boxes) - 1]
        return last
    made: dict[int, list[int]] = {}
    inputs = {
        id(tensor): i for i, tensor in enumerate(jax.tree.leaves(model._kerasish_graph.inputs))
    }
    for node in model._kerasish_graph.nodes:
        tensors = jax.tree.leaves(node.outputs)
        place = inputs.get(id(tensors[0]))
        if place is not None and fed is not None:
            made[id(node)] = fed[place : place + 1] or fed[:1]
            continue
        sources = [] if place is not None else list(_sources(node, made))
        if shown.nested and getattr(node.layer, "_kerasish_graph", None) is not None:
            made[id(node)] = _add(node.layer, shown, boxes, (*inside, node.layer.name), sources)
        else:
            boxes.append(_box(node.layer, shown, sources, inside))
            made[id(node)] = [len(boxes) - 1]
    ends = [made[id(t.node)] for t in jax.tree.leaves(model._kerasish_graph.outputs)]
    return [box for end in ends for box in end]


def _sources(node: Node, made: dict[int, list[int]]) -> Iterator[int]:
    for parent in node.parents:
        yield from made[id(parent)]


def _box(
    layer: Layer | RecordedCall, shown: Shown, sources: list[int], inside: tuple[str, ...]
) -> Box:
    kind = layer.kind if isinstance(layer, RecordedCall) else type(layer).__name__
    lines = []
    activation = getattr(layer, "activation", None)
    if shown.activations and activation is not None:
        lines.append(f"activation: {getattr(activation, '__name__', type(activation).__name__)}")
    if shown.shapes:
        first = layer._kerasish_nodes[0] if layer._kerasish_nodes else None
        given = [tensor.shape for tensor in first.inputs] if first is not None else []
        made = None if first is None else jax.tree.map(lambda t: t.shape, first.outputs)
        lines += [f"input: {shape_text(given)}"] if given else []
        lines.append(f"output: {shape_text(layer._kerasish_output_shape() or made)}")
    if shown.dtypes:
        lines.append(f"dtype: {getattr(layer, 'dtype', '?')}")
    has_weights = isinstance(layer, Layer) and bool(layer.weights)
    frozen = shown.trainable and has_weights and not getattr(layer, "trainable", True)
    if shown.trainable and has_weights:
        lines.append("frozen" if frozen else "trainable")
    title = f"{layer.name} ({kind})" if shown.names else kind
    return Box(title, lines, sources, inside, frozen)
