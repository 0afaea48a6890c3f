"""Keras's layout of a weights file: the name of each layer in it.

The own weights of a layer are `<name>/vars/0`, `<name>/vars/1`, ... The layers of a `Sequential`
or functional model are below `layers/`, named after their classes and counted (`dense`,
`dense_1`); those of other objects are named after the attributes that hold them, and a list within
a list is a `container`. Attributes are visited in the order of their names, and a layer has the
first name that it is found under.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.names import snake_case, unique_name
from kerasish.core.surface.reserved import is_reserved
from kerasish.core.tree import all_layers
from kerasish.core.variable import Variable

__all__ = ["layers_by_name"]

_Held: TypeAlias = "Layer | list[_Held]"


def layers_by_name(root: Layer) -> Iterator[tuple[str, Layer, list[Variable]]]:
    """Yield for each layer of a model its name in files, the layer and its own weights."""
    seen: set[int] = set()

    def visit(path: str, layer: Layer) -> Iterator[tuple[str, Layer, list[Variable]]]:
        if id(layer) in seen:
            return
        seen.add(id(layer))
        yield path, layer, layer._kerasish_file_variables()
        for name, value in _members(layer):
            where = f"{path}/{name}" if path else name
            if isinstance(value, Layer):
                yield from visit(where, value)
            else:
                yield from visit_list(where, value)

    def visit_list(path: str, values: list[Any]) -> Iterator[tuple[str, Layer, list[Variable]]]:
        taken: set[str] = set()
        for value in values:
            if id(value) in seen:
                continue
            name = unique_name("container" if isinstance(value, list) else _kind(value), taken)
            taken.add(name)
            if isinstance(value, list):
                yield from visit_list(f"{path}/{name}", value)
            else:
                yield from visit(f"{path}/{name}", value)

    yield from visit("", root)
    for layer in all_layers(root):
        if id(layer) not in seen and layer._kerasish_file_variables():
            raise ArgumentError(
                f"The layer {layer.path!r} has weights, and there is no attribute of a layer by "
                "which it is found in a file. Keep it in an attribute, or in a list, tuple or dict "
                "of one."
            )


def _kind(layer: Layer) -> str:
    """Return the name of a layer's class in files: that of a plain graph is `Functional`."""
    name = type(layer).__name__
    return "functional" if name == "Model" else snake_case(name)


def _members(layer: Layer) -> list[tuple[str, _Held]]:
    """Return the attributes that hold layers, sorted by name.

    A list, tuple or dict is returned as a list of layers and of such lists.
    """
    members: dict[str, _Held] = {}
    for name, value in vars(layer).items():
        if not is_reserved(name) and (found := _held(value)):
            members[name] = found
    if hasattr(layer, "_kerasish_graph"):  # a model
        members["layers"] = list(layer._kerasish_sublayers())
    return sorted(members.items())


def _held(value: object) -> _Held | None:
    """Return a layer, or the layers in a container; None without any."""
    if isinstance(value, Layer):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return None
    return [found for item in value if (found := _held(item))] or None
