"""Models made of other models, and of their descriptions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import jax

from kerasish.core.errors import ArgumentError, FileFormatError
from kerasish.core.graph.graph import Graph
from kerasish.core.graph.operation import Operation
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.layer import Layer
from kerasish.core.serialization import registry
from kerasish.core.surface.old_names import checked
from kerasish.core.types import PyTree
from kerasish.layers import InputLayer
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential
from kerasish.saving.archive import make_model

__all__ = ["clone_model", "model_from_json"]

# What makes a copy of a layer, and what calls it.
Clone = Callable[[Layer], Layer]
Call = Callable[..., Any]


@checked
def clone_model(
    model: Model,
    input_tensors: PyTree | None = None,
    clone_function: Clone | None = None,
    call_function: Call | None = None,
    recursive: bool = False,
) -> Model:
    """Return a model of the same layers made anew, with fresh weights of the same names.

    Args:
        model: a `Sequential` or a graph.
        input_tensors: tensors from `Input` to build it on, in the order of `model.inputs`;
            new ones by default.
        clone_function: makes a layer of a layer; by default one with an equal config.
        call_function: called as `(layer, *args, **kwargs)` instead of the layer, in graphs:
            to put something before or after it.
        recursive: whether models within the model are taken apart too, instead of being
            given to `clone_function` as they are.

    Returns:
        The new model.

    Raises:
        ArgumentError: if the model is a subclass with its own `call`, if `call_function` is given
            for a `Sequential`, or if the input tensors do not fit.

    Examples:
        >>> from kerasish import Sequential, layers
        >>> from kerasish import Input
        >>> model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
        >>> wider = lambda layer: layers.Dense(2 * layer.units, name=layer.name)
        >>> clone_model(model, clone_function=wider).output_shape
        (None, 4)
    """

    def clone(layer: Layer) -> Any:
        if recursive and isinstance(layer, Model) and _has_structure(layer):
            inner = None if isinstance(layer, Sequential) else call_function
            return clone_model(layer, None, clone_function, inner, recursive)
        copy = (clone_function or _copy)(layer)
        if not isinstance(copy, Layer):
            raise ArgumentError(
                f"clone_function must return a layer; for {layer.name!r} it returned {copy!r}."
            )
        return copy

    if not isinstance(model, Model) or not _has_structure(model):
        raise ArgumentError(
            f"clone_model takes a Sequential or a Model(inputs, outputs); got {model!r}. A model "
            "with its own `call` is copied by `type(model).from_config(model.get_config())`."
        )
    given = None if input_tensors is None else [_tensor(t) for t in _as_list(input_tensors)]
    if isinstance(model, Sequential):
        if call_function is not None:
            raise ArgumentError(
                "call_function works for graphs, `Model(inputs, outputs)`; got a Sequential."
            )
        return _clone_stack(model, given, clone)
    return _clone_graph(model, given, clone, call_function or _call)


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """Make a model, without its weights, of what `model.to_json()` returned, here or in Keras.

    Args:
        json_string: the description.
        custom_objects: classes and functions that it names, by name.

    Raises:
        FileFormatError: if it does not describe a model.
        UnsafeModelError: if it asks for code or unknown classes.

    Examples:
        >>> from kerasish import Input, Sequential, layers
        >>> model = Sequential([Input((4,)), layers.Dense(2)])
        >>> model_from_json(model.to_json()).output_shape
        (None, 2)
    """
    try:
        config = json.loads(json_string)
    except (ValueError, RecursionError, TypeError) as error:
        raise FileFormatError(f"The description of the model is not JSON: {error}.") from error
    with registry.custom_objects(custom_objects), registry.trusting(True):
        return make_model(config, "the JSON text")


def _has_structure(model: Model) -> bool:
    return isinstance(model, Sequential) or model._kerasish_graph is not None


def _copy(layer: Layer) -> Any:
    with registry.within_process():
        return registry.ungiven(type(layer).from_config(layer.get_config()))


def _call(layer: Layer, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


def _as_list(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _tensor(x: Any) -> SymbolicTensor:
    x = x.output if isinstance(x, InputLayer) else x
    if not isinstance(x, SymbolicTensor):
        raise ArgumentError(f"input_tensors are tensors from `Input`; got {x!r}.")
    return x


def _check_count(given: list[SymbolicTensor], wanted: int) -> None:
    if len(given) != wanted:
        raise ArgumentError(f"The model has {wanted} inputs; got {len(given)} input_tensors.")


def _clone_stack(model: Sequential, given: list[SymbolicTensor] | None, clone: Clone) -> Model:
    layers: list[Any] = [clone(layer) for layer in model.layers]
    if given is not None:
        _check_count(given, 1)
        layers.insert(0, given[0])
    elif model._kerasish_graph is not None:
        layers.insert(0, _like(model._kerasish_inputs()[0]))
    return _named(model, Sequential(layers, name=model.name, trainable=model.trainable))


def _clone_graph(
    model: Model, given: list[SymbolicTensor] | None, clone: Clone, call: Call
) -> Model:
    graph = model._kerasish_graph
    assert graph is not None
    old = jax.tree.leaves(graph.inputs)
    new = given if given is not None else [_like(tensor) for tensor in old]
    _check_count(new, len(old))
    outputs = _follow(graph, dict(zip(map(id, old), new, strict=True)), clone, call)
    inputs = jax.tree.unflatten(jax.tree.structure(graph.inputs), new)
    cls = type(model) if type(model).__init__ is Model.__init__ else Model
    return _named(model, cls(inputs, outputs, name=model.name, trainable=model.trainable))


def _named(model: Model, copy: Model) -> Model:
    """Return the copy of a model, under a name that was not given for it."""
    found: Model = registry.ungiven(copy)
    return found


def _like(tensor: SymbolicTensor) -> SymbolicTensor:
    copy = InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype.name, name=tensor.name)
    made: SymbolicTensor = registry.ungiven(copy).output
    return made


def _follow(graph: Graph, known: dict[int, SymbolicTensor], clone: Clone, call: Call) -> PyTree:
    """Make the calls of a graph again, with copies of its layers, and return the outputs."""
    copies: dict[int, Any] = {}

    def fill(leaf: object) -> Any:
        return known[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

    for node in graph.nodes:
        tensors = jax.tree.leaves(node.outputs)
        if id(tensors[0]) in known:
            continue
        called = node.layer
        args, kwargs = jax.tree.map(fill, (node.args, node.kwargs))
        if isinstance(called, Operation):
            results = called._kerasish_copy()(*args, **kwargs)
        else:
            if id(called) not in copies:
                copies[id(called)] = clone(cast("Layer", called))
            results = call(copies[id(called)], *args, **kwargs)
        known.update(zip(map(id, tensors), jax.tree.leaves(results), strict=True))
    return jax.tree.map(fill, graph.outputs)
