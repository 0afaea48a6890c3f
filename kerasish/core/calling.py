"""The call of a layer: flags, masks and dtypes filled in, weights declared at the first call."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from kerasish.core.dtypes import is_float
from kerasish.core.errors import NotBuiltError
from kerasish.core.graph.symbolic import infer, shape_of, static_shape
from kerasish.core.input_spec import check_inputs
from kerasish.core.paths import to_name
from kerasish.core.protocols import LayerLike
from kerasish.core.pure import as_arrays
from kerasish.core.rematerialization import rematerialized
from kerasish.core.scope import Scope, current_scope
from kerasish.core.settings import config
from kerasish.core.tree import own_variables, variables_with_paths
from kerasish.core.types import Array, PyTree

__all__ = ["apply_layer", "call_directly", "first_by_position"]


class _Call(Protocol):
    """A class with a method `call`."""

    call: Callable[..., PyTree]


def call_directly(layer: LayerLike, args: tuple[Any, ...], kwargs: dict[str, Any]) -> PyTree:
    """Call a layer outside of any application, with the weights that it holds."""
    args, kwargs = as_arrays((args, kwargs))
    layer._kerasish_ensure_built(*args, **kwargs)
    with Scope(rng=_fresh_key, direct=True) as scope:
        outputs = apply_layer(layer, scope, args, kwargs)
    for variable, value in scope.updates:
        variable.assign(value)
    layer._kerasish_added_losses = [x for x in scope.losses if not isinstance(x, jax.core.Tracer)]
    return outputs


def _fresh_key() -> Array:
    """Return a new key of the process, which is not part of a transformation around the call."""
    with jax.ensure_compile_time_eval():
        return jax.random.key(config.next_seed())


def apply_layer(
    layer: LayerLike, scope: Scope, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> PyTree:
    """Call a layer within an application.

    Args:
        layer: the layer; it is built here while weights are only being declared.
        scope: the application.
        args: positional arguments.
        kwargs: keyword arguments; `training` and `mask` are filled in where `call` takes them.

    Raises:
        NotBuiltError: if the layer needs weights and the application cannot declare any.
    """
    mask = kwargs.pop("mask", None)
    if mask is None:
        mask = _masks(scope, args[0] if args else kwargs)
    accepted = _call_arguments(type(layer))
    kwargs |= _masks_by_argument(scope, accepted, args, kwargs)
    if layer.autocast:
        dtype = layer.input_dtype
        args, kwargs = jax.tree.map(lambda x: _autocast(scope, x, dtype), (args, kwargs))
    first = args[0] if args else next(iter(kwargs.values()), None)
    is_new = not layer.built
    if is_new:
        _check_input(layer, first)
        _build_for(layer, args, kwargs)
        if not scope.building:
            _refuse_new_weights(layer, scope)
    _check_input(layer, first)
    training = kwargs.pop("training", None)
    training = scope.training if training is None else bool(training)
    if "training" in accepted:
        kwargs["training"] = training
    if "mask" in accepted:
        kwargs["mask"] = mask
    with scope.layer_context(layer.name, training=training, compute_dtype=layer.compute_dtype):
        outputs = _call_with_notes(layer, args, kwargs, is_new)
        if layer.activity_regularizer is not None:
            _add_penalties(layer, layer.activity_regularizer, outputs)
        if scope.building:
            layer._kerasish_traced_shape = shape_of(outputs)
        # Also without a mask of the input: an Embedding makes one.
        if (new_mask := layer.compute_mask(first, mask)) is not None:
            _set_masks(scope, outputs, new_mask)
    return outputs


def first_by_position(
    layer: LayerLike, kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call with the first one by position: `layer(inputs=x)`.

    Args:
        layer: the layer that is called.
        kwargs: the arguments, all of which were given by name.
    """
    first = _first_argument(type(layer))
    if first not in kwargs:
        return (), kwargs
    return (kwargs[first],), {name: each for name, each in kwargs.items() if name != first}


@functools.cache
def _first_argument(cls: type[_Call]) -> str | None:
    """Return the name of the first argument of `call`; None if it is `*args`."""
    arguments = list(_call_arguments(cls).values())[1:]
    by_name = bool(arguments) and arguments[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    return arguments[0].name if by_name else None


@functools.cache
def _call_arguments(cls: type[_Call]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(cls.call).parameters


def _autocast(scope: Scope, x: Any, dtype: str) -> Any:
    """Return a floating array in another dtype, with its metadata; other values as they are."""
    if not is_float(x) or x.dtype == dtype:
        return x
    cast = x.astype(dtype)
    if metadata := scope.all_metadata(x):
        scope.set_metadata(cast, **metadata)
    return cast


def _check_input(layer: LayerLike, x: PyTree) -> None:
    # Before `build`, which relies on the rank, and after it, when the sizes are known.
    if layer.input_spec is not None:
        check_inputs(layer.input_spec, x, layer.name)


def _build_for(layer: LayerLike, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Call `build` with the shapes of the arguments that it takes."""
    wanted = [p for p in inspect.signature(layer.build).parameters if p.endswith("_shape")]
    given = inspect.signature(layer.call).bind(*args, **kwargs).arguments
    named = [name for name in wanted if name.removesuffix("_shape") in given]
    if len(wanted) > 1 and named:
        layer.build(**{name: shape_of(given[name.removesuffix("_shape")]) for name in named})
    else:
        layer.build(shape_of(next(iter(given.values()))))


def _refuse_new_weights(layer: LayerLike, scope: Scope) -> None:
    """Raise if a layer has declared weights that are not part of the application."""
    if all(v.has_value or v.seed is not None for _, v in variables_with_paths(layer)):
        return
    layer.built = False
    raise NotBuiltError(
        f"Layer {to_name((*scope.path, layer.name))!r} has weights and is called for the first "
        "time here, when all weights are known already. Make it in `__init__` or `build` and keep "
        "it in an attribute, not in `call`; if it is in one, call the model once on data as here."
    )


def _call_with_notes(
    layer: LayerLike, args: tuple[Any, ...], kwargs: dict[str, Any], is_new: bool
) -> PyTree:
    """Call a layer; an error gets a note that names the layer."""
    try:
        return _call_function(layer, args, kwargs)(*args, **kwargs)
    except Exception as error:
        if is_new and not own_variables(layer):
            layer.built = False  # the next call builds what this one did not reach
        shapes = jax.tree.map(lambda x: getattr(x, "shape", x), args)
        error.add_note(f"in layer {layer.name!r} ({type(layer).__name__}), called on {shapes}")
        raise


def _call_function(
    layer: LayerLike, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[..., PyTree]:
    """Return the `call` of a layer, rematerialized if its `RematScope` asks for that."""
    remat, scope = layer._kerasish_remat_scope, current_scope()
    if remat is None or scope is None or scope.building:
        return layer.call

    def output_size() -> int:
        shapes = (static_shape(x.shape) for x in jax.tree.leaves(infer(layer, args, kwargs)))
        return sum(math.prod(n or 1 for n in shape) for shape in shapes)

    chosen = remat.chooses(layer.name, getattr(layer, "activation", None), output_size)
    return rematerialized(layer.call) if chosen else layer.call


def _add_penalties(layer: LayerLike, regularizer: Callable[..., Array], outputs: PyTree) -> None:
    for output in jax.tree.leaves(outputs):
        penalty = regularizer(output)
        layer.add_loss(penalty / jnp.asarray(output.shape[0], penalty.dtype))


# Masks.


def _set_masks(scope: Scope, outputs: PyTree, masks: Any) -> None:
    """Set the masks of the outputs, in order; a single one belongs to the first."""
    masks = masks if isinstance(masks, (list, tuple)) else [masks]
    for output, mask in zip(jax.tree.leaves(outputs), masks, strict=False):
        if mask is not None:
            scope.set_metadata(output, mask=mask)


def _masks_by_argument(
    scope: Scope, accepted: Mapping[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Return the masks of the arguments whose masks `call` takes as `<argument>_mask`."""
    found = {}
    # The first parameter is `self`.
    for i, name in enumerate(accepted, -1):
        argument = name.removesuffix("_mask")
        if argument == name or argument not in accepted or i < len(args):
            continue
        if kwargs.get(name) is None:
            given = dict(zip(list(accepted)[1:], args, strict=False)) | kwargs
            mask = scope.get_metadata(given.get(argument), "mask")
            if mask is not None:
                found[name] = mask
    return found


def _masks(scope: Scope, inputs: PyTree) -> PyTree:
    """Return the masks of the inputs in their structure, or None if there are none."""
    masks = [scope.get_metadata(x, "mask") for x in jax.tree.leaves(inputs)]
    if all(mask is None for mask in masks):
        return None
    return masks[0] if len(masks) == 1 else masks
