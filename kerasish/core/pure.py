"""A layer as a pure function: of nested dicts by name, and of lists in Keras's order."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.binding import bind_list, bind_tree, match_tree, values_of
from kerasish.core.errors import ArgumentError, PurityError, UnknownNameError
from kerasish.core.first_values import first_values
from kerasish.core.paths import Tree, map_tree, to_name
from kerasish.core.protocols import LayerLike
from kerasish.core.scope import Scope, propagate_metadata
from kerasish.core.surface.reserved import Assignable
from kerasish.core.tree import variable_tree, variables_with_paths
from kerasish.core.types import Array, ArrayLike, PyTree
from kerasish.core.variable import Variable

__all__ = [
    "apply",
    "as_arrays",
    "assign_tree",
    "bound_to_lists",
    "bound_to_trees",
    "copy_tree",
    "init",
    "new_state",
    "new_state_list",
    "stateless_call",
    "values_tree",
]


def values_tree(layer: LayerLike, trainable: bool) -> Tree:
    """Return the values of the weights that train, or of all others, as nested dicts."""
    layer._kerasish_require_built()
    return map_tree(lambda v: v.value, variable_tree(layer, trainable))


def copy_tree(tree: Tree) -> Tree:
    """Return copies of arrays, which the caller may donate."""
    copies: Tree = jax.device_put(tree, may_alias=False)
    return copies


def assign_tree(layer: LayerLike, trainable: bool, tree: Mapping[str, Any], what: str) -> None:
    """Assign copies of the values in nested dicts, once all are known to fit."""
    for variable, value in match_tree(variable_tree(layer, trainable), tree, what):
        value = jnp.asarray(value, variable.dtype)
        variable.assign(jax.device_put(value, may_alias=False))


def init(
    layer: LayerLike, key: Array, args: tuple[PyTree, ...], kwargs: dict[str, Any]
) -> tuple[Tree, Tree]:
    """Return initial values of the weights as a pure function of a key; see `Layer.init`."""
    _check_key("key", key)
    if args or kwargs:
        args, kwargs = as_arrays((args, kwargs))
        layer._kerasish_ensure_built(*args, **kwargs)
    layer._kerasish_require_built()
    declared = [variable for _, variable in variables_with_paths(layer)]
    found = dict(zip(map(id, declared), first_values(key, declared), strict=True))
    trees = (variable_tree(layer, trainable) for trainable in (True, False))
    params, state = (map_tree(lambda v: found[id(v)], tree) for tree in trees)
    return params, state


# Nested dicts.


def apply(
    layer: LayerLike,
    params: Tree,
    state: Tree,
    args: tuple[PyTree, ...],
    kwargs: dict[str, Any],
    *,
    training: bool,
    rng: Array | None,
    return_losses: bool,
) -> PyTree:
    """Apply a layer as a pure function of nested dicts; see `Layer.apply`."""
    _check_apply(layer, params, state, args, kwargs, rng)
    args, kwargs = as_arrays((args, kwargs))
    with bound_to_trees(layer, params, state, training=training, rng=rng) as scope:
        outputs = layer(*args, **kwargs)
        new = new_state(layer, scope)
        return (outputs, new, layer.losses) if return_losses else (outputs, new)


@contextmanager
def bound_to_trees(
    layer: LayerLike,
    params: Tree,
    state: Tree,
    *,
    training: bool = False,
    rng: Array | None = None,
    position: Array | int | None = None,
) -> Iterator[Scope]:
    """Open a scope in which the weights have the values in nested dicts.

    Args:
        layer: the layer.
        params: the values of the trainable weights.
        state: the values of all other weights.
        training: the training flag.
        rng: the key of this application.
        position: the number of applications before this one; see `Scope`.
    """
    layer._kerasish_require_built()
    _check_trees(layer, params, state)
    with Scope(training=training, rng=rng, position=position) as scope:
        bind_tree(scope, variable_tree(layer, trainable=True), params, "params")
        bind_tree(scope, variable_tree(layer, trainable=False), state, "state")
        yield scope


def new_state(layer: LayerLike, scope: Scope) -> Tree:
    """Return the state as the application in `scope` left it.

    Raises:
        PurityError: if the application assigned to a trainable weight.
    """
    declared = variable_tree(layer, trainable=False)
    _check_writes(layer, scope)
    return map_tree(scope.read, declared)


def _check_writes(layer: LayerLike, scope: Scope) -> None:
    state = {id(v) for _, v in variables_with_paths(layer, trainable=False)}
    lost = [v for v, _ in scope.updates if id(v) not in state]
    of_metrics = {id(v) for v in layer.metrics_variables} if lost else ()
    for variable in lost:
        if id(variable) not in of_metrics:
            raise PurityError(
                f"`call` assigned to {to_name(variable.path)!r}, which is trainable or is in "
                "no attribute of a layer. Declare it with `add_weight(..., trainable=False)` "
                "so that it is state."
            )


# Lists in Keras's order.


def stateless_call(
    layer: LayerLike,
    trainable_variables: Sequence[Variable | ArrayLike],
    non_trainable_variables: Sequence[Variable | ArrayLike],
    args: tuple[PyTree, ...],
    kwargs: dict[str, Any],
    *,
    return_losses: bool,
) -> PyTree:
    """Apply a layer as a pure function of lists; see `Layer.stateless_call`."""
    args, kwargs = as_arrays((args, kwargs))
    with bound_to_lists(layer, trainable_variables, non_trainable_variables) as scope:
        outputs = layer(*args, **kwargs)
        losses = layer.losses
        rest = new_state_list(layer, scope)
    propagate_metadata(scope, outputs, losses=losses)
    return (outputs, rest, losses) if return_losses else (outputs, rest)


@contextmanager
def bound_to_lists(
    layer: LayerLike,
    trainable_variables: Sequence[Variable | ArrayLike],
    non_trainable_variables: Sequence[Variable | ArrayLike],
) -> Iterator[Scope]:
    """Open a scope in which the variables have the values in lists, in Keras's order."""
    layer._kerasish_require_built()
    trainable = [v for _, v in variables_with_paths(layer, trainable=True)]
    others = layer.non_trainable_variables
    values = [values_of(trainable_variables), values_of(non_trainable_variables)]
    rng = count = None
    if layer._kerasish_seeds and len(values[1]) == len(others):
        seed, count = values[1][-1]
        rng = jax.random.fold_in(jax.random.key(seed), count)
    with Scope(rng=rng, position=count) as scope:
        bind_list(scope, trainable, values[0], "trainable_variables")
        bind_list(scope, others, values[1], "non_trainable_variables")
        yield scope


def new_state_list(layer: LayerLike, scope: Scope) -> list[Array]:
    """Return the values of the variables that do not train as the scope left them.

    Raises:
        PurityError: if the application assigned to a trainable weight.
    """
    _check_writes(layer, scope)
    values: list[Any] = [scope.read(v) for v in layer.non_trainable_variables]
    if layer._kerasish_seeds and scope.has_drawn:
        values[-1] = values[-1].at[1].add(1)
    return values


# Arguments.


def as_arrays(structure: PyTree) -> PyTree:
    """Return a structure with its NumPy arrays as JAX arrays.

    Raises:
        ArgumentError: if one has dtype object.
    """
    return jax.tree.map(_as_array, structure)


def _as_array(x: object) -> object:
    if isinstance(x, np.ndarray) and x.dtype == object:
        raise ArgumentError("A layer cannot take an array of dtype object; give it numbers.")
    return jnp.asarray(x) if isinstance(x, np.ndarray) else x


def _check_apply(
    layer: LayerLike,
    params: Tree,
    state: Tree,
    args: tuple[PyTree, ...],
    kwargs: dict[str, Any],
    rng: Array | None,
) -> None:
    """Raise for arguments of `apply` that would cause an obscure error later."""
    _check_trees(layer, params, state)
    if not args and not kwargs:
        raise ArgumentError(
            "`apply` takes the inputs after params and state: `apply(params, state, x)`. The state "
            f"is `state` of {layer.name!r}, an empty dict if it has none."
        )
    if rng is not None:
        _check_key("rng", rng)
    known = inspect.signature(layer.call).parameters
    if any(p.kind is p.VAR_KEYWORD for p in known.values()):
        return
    for name in kwargs:
        if name not in known and name != "mask":
            others = [n for n in known if known[n].kind is not known[n].VAR_POSITIONAL]
            raise UnknownNameError(
                f"argument of {type(layer).__name__}.apply",
                name,
                [*others, "training", "rng", "return_losses"],
            )


def _check_key(name: str, key: Array) -> None:
    dtype = getattr(key, "dtype", None)
    typed = dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)
    if not (typed or (dtype == "uint32" and key.shape == (2,))):
        raise ArgumentError(
            f"{name} must be a key of jax.random; got {key!r}. Write `{name}=jax.random.key(0)`."
        )


def _check_trees(layer: LayerLike, params: object, state: object) -> None:
    """Raise if `params` or `state` is no dict, for example an attribute that shadows the weights.

    Raises:
        ArgumentError: in that case.
    """
    for name, given in (("params", params), ("state", state)):
        if isinstance(given, Mapping):
            continue
        reason = ""
        if name in vars(layer) or not isinstance(getattr(type(layer), name), Assignable):
            reason = (
                f" {type(layer).__name__} has an attribute `{name}` of its own; the weights are "
                f"`kerasish.layers.Layer.{name}(layer)`."
            )
        elif name == "state":
            reason = " Call `apply(params, state, x)`; the state is {} where there is none."
        raise ArgumentError(
            f"`apply` takes the {name} of {layer.name!r} as a nested dict of arrays; got "
            f"{_describe(given)}.{reason}"
        )


def _describe(given: object) -> str:
    if hasattr(given, "shape"):
        return f"an array of shape {tuple(given.shape)}"
    return f"a {type(given).__name__}"
