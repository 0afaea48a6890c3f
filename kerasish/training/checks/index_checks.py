"""Indices that layers look rows up by: what can be known to be out of range before a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
from jax.ad_checkpoint import checkpoint_name

from kerasish.core.errors import DataError
from kerasish.core.layer import Layer
from kerasish.core.paths import to_name
from kerasish.core.scope import current_scope
from kerasish.core.tree import all_layers
from kerasish.layers.embedding import out_of_range
from kerasish.training.checks.host_values import HostValue, host_values

__all__ = ["Lookup", "check_indices", "traced"]

_MARK = "indices of lookup "


class Lookup(NamedTuple):
    """A layer of a model that looks up rows by indices which come from the inputs.

    Attributes:
        layer: the layer.
        path: the names from the model down to it.
        indices: the indices, as a function of the inputs.
    """

    layer: Any
    path: str
    indices: HostValue


def traced(function: Callable[..., Any], model: Any, *args: Any) -> tuple[Any, list[Lookup]]:
    """Follow inputs through a model abstractly.

    Args:
        function: a function of a state and inputs that applies the model.
        model: the model.
        *args: the state and the inputs, abstract or not.

    Returns:
        The abstract outputs, and the lookups whose indices depend on the inputs alone.
    """
    calls: list[tuple[Any, str]] = []
    with _marked(model, calls) as any_:
        if not any_:
            return jax.eval_shape(function, *args), []
        program, outputs = jax.make_jaxpr(function, return_shape=True)(*args)
    numbers = range(len(program.jaxpr.invars))[len(jax.tree.leaves(args[0])) :]
    found = host_values(program, numbers, lambda name: name.startswith(_MARK))
    lookups = [
        Lookup(*calls[int(name.removeprefix(_MARK))], indices)
        for name, indices in found.items()
        if indices is not None and indices.leaves
    ]
    return outputs, lookups


@contextmanager
def _marked(model: Any, calls: list[tuple[Any, str]]) -> Iterator[bool]:
    """Have the layers of a model that look rows up name their indices."""
    layers = [layer for layer in all_layers(model) if hasattr(layer, "_kerasish_lookup")]
    for layer in layers:
        vars(layer)["_kerasish_lookup"] = _naming(layer, calls)
    try:
        yield bool(layers)
    finally:
        for layer in layers:
            del vars(layer)["_kerasish_lookup"]


def _naming(layer: Layer, calls: list[tuple[Any, str]]) -> Callable[[Any], Any]:
    original = layer._kerasish_lookup

    def lookup(x: Any) -> Any:
        scope = current_scope()
        calls.append((layer, to_name(scope.path[1:]) if scope else layer.name))
        return original(checkpoint_name(x, f"{_MARK}{len(calls) - 1}"))

    return lookup


def check_indices(lookups: Sequence[Lookup], x: Any) -> None:
    """Look at inputs for indices that the layers which look them up do not have.

    Args:
        lookups: what `traced` returned.
        x: inputs, of any number of samples; None if they are not known yet.

    Raises:
        DataError: if there is one.
    """
    if x is None or not lookups:
        return
    paths, _ = jax.tree_util.tree_flatten_with_path(x)
    leaves = [leaf for _, leaf in paths]
    for layer, path, indices in lookups:
        try:
            values = indices.compute(leaves)
        except (ValueError, IndexError):
            continue  # inputs of other sizes than those that the program was traced for
        wrong = out_of_range(values, layer.input_dim)
        if wrong is not None:
            which = " and ".join(f"x{jax.tree_util.keystr(paths[i][0])}" for i in indices.leaves)
            holds = f"{which} holds" if indices.same else f"The indices made of {which} hold"
            raise DataError(f"{holds} {layer.describe_out_of_range(wrong, path)}")
