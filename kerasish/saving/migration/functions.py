"""TensorFlow functions in graphs of Keras 2, as operations of Keras 3."""

from __future__ import annotations

from typing import Any

from kerasish.core.graph.operation import operations
from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era
from kerasish.saving.migration.nodes import arguments_of
from kerasish.saving.migration.tensorflow import SIGNATURES, Signature

__all__ = ["FUNCTIONS", "function"]

# Layer classes that wrap functions in Keras 2.
FUNCTIONS = {"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod"}

# The parameter of `split` for the number of parts; lists have another meaning in TensorFlow.
_PARTS = "indices_or_sections"

Described = dict[str, Any]
Node = tuple[Any, dict[str, Any]]


def function(described: Described, nodes: list[Node], era: Era) -> list[Described]:
    """Translate a layer that wraps a function to operations.

    Args:
        described: the description of the layer.
        nodes: its calls: the first argument, and others by name.
        era: the version of Keras that wrote it.

    Raises:
        FileFormatError: if there is no equivalent operation.
    """
    config = described["config"]
    name, kind = described["name"], described["class_name"]
    if kind == "SlicingOpLambda":
        return [_operation("get_item", name, [_sliced(*node) for node in nodes])]
    if kind == "TensorFlowOpLayer":
        return [_from_node(name, config, nodes, era)]
    called = str(config.get("function"))
    signature = SIGNATURES.get(called.removeprefix("compat.v1.").removeprefix("_api.v2."))
    if signature is None:
        raise era.untranslatable(f"the function tf.{called} ({name!r})", _unsupported_reason())
    calls = [_bound(signature, node, called, name, era) for node in nodes]
    if called == "split" and any(not isinstance(c.get(_PARTS), int) for c in calls):
        raise era.untranslatable(
            f"the function tf.split ({name!r}) with a list of sizes", _unsupported_reason()
        )
    return [_operation(signature.operation, name, calls)]


def _unsupported_reason() -> str:
    known = sorted(SIGNATURES)
    return f"there is no operation for it here, as there is for {len(known)} others"


def _bound(signature: Signature, node: Node, called: str, name: str, era: Era) -> dict[str, Any]:
    """Map the arguments of a TensorFlow function to those of an operation."""
    first, named = node
    given = {signature.parameters[0]: first} | named
    found = dict(signature.fixed)
    for key, value in given.items():
        if key == "name" or value is None:
            continue
        if key in signature.renamed:
            found[signature.renamed[key]] = value
        elif value not in (False, *signature.ignored.get(key, ())):
            raise era.untranslatable(
                f"the function tf.{called} ({name!r}) with {key}={repr(value)[:80]}"
            )
    return found


def _operation(operation: str, name: str, calls: list[dict[str, Any]]) -> Described:
    """Return the config of an operation with the given calls; the settings are shared."""
    op = operations[operation]
    settings: dict[str, Any] = {}
    nodes = []
    for call in calls:
        args = []
        for parameter in op.parameters:
            if parameter.name in op.settings:
                if parameter.name in call:
                    settings[parameter.name] = call[parameter.name]
            elif parameter.name in call:
                args.append(_array(call[parameter.name]))
        nodes.append({"args": args, "kwargs": {}, "given": []})
    return {
        "module": f"keras.src.ops.{op.module}",
        "class_name": op.kind,
        "config": {"name": name, **settings},
        "registered_name": op.kind,
        "name": name,
        "inbound_nodes": nodes,
    }


def _array(value: JSON) -> JSON:
    """Serialize a list of numbers as an array."""
    if isinstance(value, list) and _is_numeric(value):
        return {"class_name": "__numpy__", "config": {"value": value, "dtype": "float32"}}
    return value


def _is_numeric(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_is_numeric(each) for each in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _sliced(first: JSON, named: dict[str, Any]) -> dict[str, Any]:
    spec = named.get("slice_spec", named.get("key"))
    parts = spec if isinstance(spec, list) else [spec]
    return {"x": first, "key": [_part(each) for each in parts]}


def _part(part: JSON) -> JSON:
    if isinstance(part, dict) and {"start", "stop", "step"} >= set(part):
        return {
            "class_name": "__slice__",
            "config": {"start": None, "stop": None, "step": None} | part,
        }
    if part == "..." or (isinstance(part, dict) and part.get("class_name") == "__ellipsis__"):
        return {"class_name": "__ellipsis__", "config": {}}
    return part


def _from_node(name: str, config: Described, nodes: list[Node], era: Era) -> Described:
    """Translate a `TensorFlowOpLayer` of TF 2.0 to 2.3."""
    kind, calls = arguments_of(name, config, nodes, era)
    return _operation(kind, name, calls)
