"""What a model is called on: shapes and dtypes, with open sizes where there may be any."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import jax

from kerasish.core.errors import ArgumentError, NotBuiltError
from kerasish.core.graph.symbolic import to_aval
from kerasish.core.types import PyTree
from kerasish.models.inputs import as_avals

__all__ = ["names_of", "signature_of"]


def signature_of(model: Any, given: object | None = None) -> tuple[Any, ...]:
    """Return abstract arrays for the arguments of a model's `call`.

    Args:
        model: a built model.
        given: what has a shape and a dtype, for each argument, in a list; made from the inputs
            of the graph or the shapes that the model was built for otherwise, the batch open.

    Raises:
        ArgumentError: if `given` holds something else, or is needed and not there.
        NotBuiltError: if the model is not built.
    """
    if not model.built:
        raise NotBuiltError(
            f"{model.name!r} cannot be exported, because its input shape is not known. Begin with "
            "`kerasish.Input(shape=...)`, or call it on data once."
        )
    avals: tuple[Any, ...]
    if given is not None:
        arguments = tuple(given) if isinstance(given, (list, tuple)) else (given,)
        avals = jax.tree.map(_as_aval, arguments)
    elif model._kerasish_graph is not None:
        avals = (jax.tree.map(lambda tensor: tensor.aval, model.input),)
    else:
        avals = _as_built(model)
    if not _fits(model, avals):
        raise ArgumentError(
            f"{model.name!r} cannot be exported as a function of {len(avals)} inputs: `call` takes "
            f"{inspect.signature(model.call)}. Give a shape and dtype for each input: "
            "`input_signature=[kerasish.Input((4,)), ...]`."
        )
    return avals


def names_of(model: Any) -> tuple[list[str], list[str]]:
    """Return the names of a graph's inputs and outputs; none of a model with its own `call`."""
    if model._kerasish_graph is None:
        return [], []
    return [tensor.name for tensor in jax.tree.leaves(model.input)], model._kerasish_output_names()


def _fits(model: Any, avals: tuple[Any, ...]) -> bool:
    """Return whether `call` takes so many inputs, flags and masks not counted."""
    try:
        taken = inspect.signature(model.call).bind(*avals).arguments
    except TypeError:
        return False
    return not {"training", "mask"} & set(taken)


def _as_built(model: Any) -> tuple[Any, ...]:
    """Return the arguments that the model was built for, with open batches."""
    shape = model._kerasish_build_shape
    if shape is None:
        raise ArgumentError(
            f"{model.name!r} does not know the shapes of its inputs; give them: "
            "`input_signature=[kerasish.Input((4,)), ...]`."
        )
    names = [f"{name}_shape" for name in inspect.signature(model.call).parameters]
    several = isinstance(shape, Mapping) and set(shape) <= set(names)
    shapes: Sequence[Any] = [shape[name] for name in names if name in shape] if several else [shape]
    avals = [as_avals(each, model.variable_dtype) for each in shapes]
    opened = jax.tree.map(lambda aval: to_aval((None, *aval.shape[1:]), aval.dtype), avals)
    return tuple(opened)


def _as_aval(spec: PyTree) -> jax.ShapeDtypeStruct:
    if getattr(spec, "shape", None) is None or getattr(spec, "dtype", None) is None:
        raise ArgumentError(
            "input_signature holds what has a shape and a dtype, such as `kerasish.Input((4,))` "
            f"or an array; got {spec!r}."
        )
    return to_aval(spec.shape, spec.dtype)
