"""Where in a weights file the weights of each layer are: Keras's layout.

A layer's own weights are `<path>/vars/0`, `<path>/vars/1`, ... The layers of a
`Sequential` or functional model are below `layers/`, called after their classes
and counted (`dense`, `dense_1`); those of other objects are called after the
attributes that hold them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from kerasish.core.layer import Layer
from kerasish.core.names import snake_case, unique_name
from kerasish.core.variable import Variable

__all__ = ["places"]


def places(root: Layer) -> Iterator[tuple[str, Layer, list[Variable]]]:
    """Yield the path, the layer and its own weights for each layer of a model, each once."""
    seen: set[int] = set()

    def visit(path: str, layer: Layer) -> Iterator[tuple[str, Layer, list[Variable]]]:
        if id(layer) in seen:
            return
        seen.add(id(layer))
        yield path, layer, layer.file_variables()
        for name, value in _members(layer):
            where = f"{path}/{name}" if path else name
            if isinstance(value, Layer):
                yield from visit(where, value)
            else:
                yield from contained(where, value)

    def contained(path: str, values: list[Layer]) -> Iterator[tuple[str, Layer, list[Variable]]]:
        taken: set[str] = set()
        for layer in values:
            if id(layer) not in seen:
                name = unique_name(_kind(layer), taken)
                taken.add(name)
                yield from visit(f"{path}/{name}", layer)

    return visit("", root)


@functools.cache
def _own() -> frozenset[str]:
    """Return the names of what the core itself keeps in attributes."""
    return frozenset(vars(Layer())) | {"graph", "engine", "history", "optimizer"}


def _kind(layer: Layer) -> str:
    """Return the name of a layer's class in files: that of a plain graph is `Functional`."""
    name = type(layer).__name__
    return "functional" if name == "Model" else snake_case(name)


def _members(layer: Layer) -> list[tuple[str, Any]]:
    """Return what holds layers, by name and in the order of the names."""
    members: dict[str, Any] = {}
    for name, value in vars(layer).items():
        if name in _own() or name in ("_layers", "_stack"):
            continue
        if isinstance(value, Layer):
            members[name] = value
        elif isinstance(value, (list, tuple, dict)):
            held = list(value.values()) if isinstance(value, dict) else list(value)
            if found := [item for item in held if isinstance(item, Layer)]:
                members[name] = found
    if hasattr(layer, "layers"):  # a model
        members["layers"] = layer.layers
    return sorted(members.items())
