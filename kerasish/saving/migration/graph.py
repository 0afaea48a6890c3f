"""Translation of functional graphs: the calls of layers on tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.core.errors import FileFormatError
from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era
from kerasish.saving.migration.functions import FUNCTIONS, function
from kerasish.saving.migration.layers import is_recurrent
from kerasish.saving.migration.values import plain_name

__all__ = ["graph"]

_CONSTANT = "_CONSTANT_VALUE"


class _Calls:
    """Rewrites references to tensors in the calls of a graph.

    In Keras 2, the first call of a nested model is that of its own construction, which must be
    subtracted from the call indices.

    Args:
        layers: the serialized layers with their calls.
    """

    def __init__(self, layers: list[dict[str, Any]], era: Era) -> None:
        self._era = era
        self._names = {described["name"] for described in layers}
        referred: dict[str, set[int]] = {}
        for described in layers:
            _collect_calls(described.get("inbound_nodes"), self._names, referred)
        self._first = {
            described["name"]: _first_call(described, referred.get(described["name"], set()))
            for described in layers
        }

    def tensor(self, address: list[Any]) -> dict[str, Any]:
        """Return the reference to a tensor in the format of Keras 3."""
        return {
            "class_name": "__keras_tensor__",
            "config": {"keras_history": self.history(address)},
        }

    def history(self, address: list[Any]) -> list[Any]:
        """Return the layer, the call index (from 0) and the output index of a tensor."""
        name, call, index = address[:3]
        return [plain_name(name), call - self._first.get(name, 0), index]

    def histories(self, addresses: JSON) -> JSON:
        """Translate inputs or outputs, keeping their structure; a single one is not in a list."""
        if isinstance(addresses, dict):
            return {key: self.histories(each) for key, each in addresses.items()}
        if _is_address(addresses, self._names):
            return self.history(addresses)
        if not isinstance(addresses, list):
            raise FileFormatError(f"The graph of {self._era} has no list of inputs or outputs.")
        found = [self.histories(each) for each in addresses]
        return found[0] if len(found) == 1 else found

    def rewrite(self, given: JSON) -> JSON:
        """Rewrite all references to tensors in an argument."""
        if _is_address(given, self._names):
            return self.tensor(given)
        if isinstance(given, list) and given[:1] == [_CONSTANT]:
            return given[2]
        if isinstance(given, list):
            return [self.rewrite(each) for each in given]
        if isinstance(given, dict) and given.get("class_name") == "__tuple__":
            return [self.rewrite(each) for each in given.get("items", ())]
        if isinstance(given, dict) and "class_name" not in given:
            return {key: self.rewrite(each) for key, each in given.items()}
        return given

    def node(self, node: JSON) -> tuple[Any, dict[str, Any]]:
        """Return the first argument of a call, and the others by name."""
        named: dict[str, Any] = {}

        def visit(part: JSON) -> JSON:
            if isinstance(part, dict):
                return {key: visit(each) for key, each in part.items()}
            if not isinstance(part, list) or not part:
                raise FileFormatError(
                    f"The graph of {self._era} has a damaged call: {repr(part)[:80]}."
                )
            if isinstance(part[0], str):
                if len(part) > 3 and isinstance(part[3], dict):
                    named.update(part[3])
                return part[2] if part[0] == _CONSTANT else self.tensor(part)
            return [visit(each) for each in part]

        first = visit(node)
        return first, {key: self.rewrite(each) for key, each in named.items()}


def graph(
    config: dict[str, Any], era: Era, layer: Callable[[Any, Era], dict[str, Any]]
) -> dict[str, Any]:
    """Translate the config of a functional model.

    Args:
        config: the config of the model.
        era: the version of Keras that wrote it.
        layer: the function that translates a layer or model.

    Raises:
        FileFormatError: if a part has no equivalent, or the config is damaged.
    """
    described = [_named(each, era) for each in config["layers"]]
    calls = _Calls(described, era)
    layers: list[dict[str, Any]] = []
    for each in described:
        nodes = [calls.node(node) for node in _listed(each)]
        name = plain_name(each["name"])
        if each["class_name"] in FUNCTIONS:
            layers += function(each | {"name": name}, nodes, era)
        else:
            made = layer(each, era) | {"name": name}
            made["inbound_nodes"] = [_call(each, *node) for node in nodes]
            layers.append(made)
    return config | {
        "layers": layers,
        "input_layers": calls.histories(config["input_layers"]),
        "output_layers": calls.histories(config["output_layers"]),
    }


def _named(described: JSON, era: Era) -> dict[str, Any]:
    if not isinstance(described, dict) or not isinstance(described.get("class_name"), str):
        raise FileFormatError(f"The graph of {era} has a layer that is damaged.")
    config = described.get("config")
    inner = config.get("name") if isinstance(config, dict) else None
    return described | {"name": str(described.get("name", inner))}


def _listed(described: dict[str, Any]) -> list[Any]:
    nodes = described.get("inbound_nodes") or []
    return nodes if isinstance(nodes, list) else []


def _call(described: dict[str, Any], first: JSON, named: dict[str, Any]) -> dict[str, Any]:
    """Translate a call of a layer; a list of one tensor becomes that tensor."""
    name = described["class_name"]
    if isinstance(first, list) and len(first) == 1:
        first = first[0]
    if isinstance(first, list) and (is_recurrent(name) or name.startswith("CuDNN")):
        constants = described["config"].get("num_constants") or 0
        states = first[1 : len(first) - constants]
        named = named | ({"initial_state": states} if states else {})
        named |= {"constants": first[len(first) - constants :]} if constants else {}
        first = first[0]
    if described["config"].get("causal") if isinstance(described["config"], dict) else False:
        named = named | {"use_causal_mask": True}
    kept = {key: value for key, value in named.items() if value is not None}
    return {"args": [first], "kwargs": kept, "given": sorted(kept)}


def _first_call(described: dict[str, Any], referred: set[int]) -> int:
    """Return the index in Keras 2 of the first call of a layer in the graph."""
    config = described.get("config")
    is_model = isinstance(config, list) or (isinstance(config, dict) and "layers" in config)
    return 1 if is_model and referred and 0 not in referred else 0


def _collect_calls(value: JSON, names: set[str], referred: dict[str, set[int]]) -> None:
    """Collect the call indices that are referred to, by layer."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and value[0] in names:
            if isinstance(value[1], int):
                referred.setdefault(value[0], set()).add(value[1])
            value = value[3:]
        for each in value:
            _collect_calls(each, names, referred)


def _is_address(value: object, names: set[str]) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and value[0] in names
        and all(isinstance(each, int) for each in value[1:])
    )
