"""A functional model as a config, in Keras's form, and back."""

from __future__ import annotations

from typing import Any

import jax

from kerasish.core.errors import FileFormatError
from kerasish.core.graph.graph import Graph
from kerasish.core.graph.operation import Operation, RecordedCall
from kerasish.core.graph.symbolic import GraphCallable, Node, SymbolicTensor
from kerasish.core.layer import Layer
from kerasish.core.serialization import registry
from kerasish.core.tree import check_names, rename
from kerasish.models.graph_values import read, written

__all__ = ["describe", "layer_config", "rebuild"]


def layer_config(layer: Layer) -> dict[str, Any]:
    """Return the description of a layer, with the shape it was built for."""
    config: dict[str, Any] = registry.serialize(layer)
    if "build_config" not in config and (shapes := layer.get_build_config()) is not None:
        config["build_config"] = shapes
    return config


def _call_config(operation: RecordedCall) -> dict[str, Any]:
    """Return the description of a function in a graph, by the class that Keras has for it."""
    kind, module = operation.op.kind, operation.op.module
    return {
        "module": f"keras.src.ops.{module}",
        "class_name": kind,
        "config": written(operation.get_config()),
        "registered_name": kind,
        "name": operation.name,
    }


def describe(graph: Graph, name: str, trainable: bool) -> dict[str, Any]:
    """Return the layers and functions, their calls, and which tensors go in and come out."""
    check_names(graph.layers)
    calls: dict[int, list[Node]] = {}
    for node in sorted(graph.nodes, key=lambda node: node.layer._kerasish_nodes.index(node)):
        calls.setdefault(id(node.layer), []).append(node)

    def address(tensor: SymbolicTensor) -> list[Any]:
        assert tensor.node is not None
        layer = tensor.node.layer
        return [layer.name, calls[id(layer)].index(tensor.node), tensor.index]

    def shifted(tensor: SymbolicTensor) -> list[Any]:
        name, call, index = address(tensor)
        return [name, call + _calls_before(tensor.node.layer), index]  # type: ignore[union-attr]

    def refer(leaf: object) -> Any:
        if not isinstance(leaf, SymbolicTensor):
            return written(leaf)
        config = {
            "shape": list(leaf.shape),
            "dtype": leaf.dtype.name,
            "keras_history": address(leaf),
        }
        return {"class_name": "__keras_tensor__", "config": config}

    layers = []
    for layer in graph.operations:
        nodes = [node for node in calls[id(layer)] if node.args or node.kwargs]
        if isinstance(layer, RecordedCall):
            described = _call_config(layer)
        elif isinstance(layer, Operation):
            described = registry.serialize(layer) | {"name": layer.name}
        else:
            described = layer_config(layer) | {"name": layer.name}
        described["inbound_nodes"] = [
            {
                "args": jax.tree.map(refer, list(node.args)),
                "kwargs": jax.tree.map(refer, node.kwargs),
                # Keras writes `training` into every call; here it is there only if it was given.
                "given": sorted(node.kwargs),
            }
            for node in nodes
        ]
        layers.append(described)
    return {
        "name": name,
        "trainable": trainable,
        "layers": layers,
        "input_layers": jax.tree.map(address, graph.inputs),
        "output_layers": jax.tree.map(shifted, graph.outputs),
    }


def rebuild(config: dict[str, Any]) -> tuple[Any, Any]:
    """Make the layers and call them as the config says.

    Returns:
        The input and the output tensors, in their structures.

    Raises:
        FileFormatError: if the calls cannot be made.
    """
    layers: dict[str, Layer | Operation] = {}
    waiting: list[tuple[str, int, Any]] = []
    for described in config["layers"]:
        if described["name"] in layers:
            raise FileFormatError(f"The graph in the file has two layers {described['name']!r}.")
        layer = _make(described)
        # In a graph a layer goes by its name there, whatever it was called before.
        layers[described["name"]] = layer
        waiting += [
            (described["name"], i, _without_defaults(call))
            for i, call in enumerate(described["inbound_nodes"])
        ]
    made: dict[tuple[str, int], list[Any]] = {
        (name, 0): jax.tree.leaves(layer._kerasish_nodes[0].outputs)
        for name, layer in layers.items()
        if layer._kerasish_nodes and not layer._kerasish_nodes[0].args
    }
    while waiting:
        later = [item for item in waiting if not _call(item, layers, made)]
        if len(later) == len(waiting):
            raise FileFormatError(
                f"The graph in the file does not hold together: {later[0][0]!r} is called on "
                "something that is not there."
            )
        waiting = later
    for (name, call), tensors in list(made.items()):
        made.setdefault((name, call + _calls_before(layers[name])), tensors)
    return _find(config["input_layers"], made), _find(config["output_layers"], made)


def _make(described: dict[str, Any]) -> Layer | Operation:
    """Return the layer or the function that a description names, under its name in the graph."""
    module = str(described.get("module"))
    if module.startswith(("keras.src.ops.", "keras.ops.")):
        settings = read(described["config"]) | {"name": described["name"]}
        return RecordedCall.described(module, described["class_name"], settings)
    layer: Layer | Operation = registry.deserialize(
        {k: v for k, v in described.items() if k not in ("name", "inbound_nodes")}
    )
    if isinstance(layer, Operation):
        layer.name = described["name"]
    elif layer._kerasish_name is None:
        rename(layer, described["name"])
    return layer


def _without_defaults(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call without masks that there are none of, and Keras's training flag."""

    def is_default(name: str, value: object) -> bool:
        if name == "mask" or name.endswith("_mask"):
            return value is None
        return name == "training" and not value and name not in call.get("given", ())

    kwargs = {k: value for k, value in call["kwargs"].items() if not is_default(k, value)}
    return {"args": call["args"], "kwargs": kwargs}


def _calls_before(layer: GraphCallable) -> int:
    """Return how many calls Keras counts before the first, where it lists outputs."""
    return int(getattr(layer, "_kerasish_counts_its_making", False))


def _call(
    item: tuple[str, int, Any], layers: dict[str, Layer | Operation], made: dict[Any, Any]
) -> bool:
    """Make a call if all its tensors and the earlier calls of its layer are there."""
    name, index, call = item
    if index and (name, index - 1) not in made:
        return False
    try:
        args = _fill(call["args"], made)
        kwargs = _fill(call["kwargs"], made)
    except KeyError:
        return False
    made[name, index] = jax.tree.leaves(layers[name](*args, **kwargs))
    return True


def _fill(value: object, made: dict[Any, Any]) -> Any:
    """Put tensors where the config refers to them."""
    if isinstance(value, (list, tuple)):
        return type(value)(_fill(each, made) for each in value)
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            name, call, index = value["config"]["keras_history"]
            return made[name, call][index]
        if "class_name" in value:
            return read(value)
        return {key: _fill(each, made) for key, each in value.items()}
    return value


def _find(address: Any, made: dict[Any, Any]) -> Any:
    """Return the tensors at addresses `[layer, call, index]`, in their structure."""
    if isinstance(address, dict):
        return {key: _find(each, made) for key, each in address.items()}
    if address and isinstance(address[0], str):
        name, call, index = address
        if (name, call) not in made:
            raise FileFormatError(f"The graph in the file has no tensor at {address}.")
        return made[name, call][index]
    found = [_find(each, made) for each in address]
    return found
