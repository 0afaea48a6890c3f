"""Steps on lists of variables in Keras's order: `apply`, `stateless_apply`, and loading.

Each step puts a state together from the list, calls the pure update, and takes the new state apart.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence, Sized

import jax
import numpy as np
import optax

from kerasish.core.errors import ArgumentError, NotBuiltError, ShapeError
from kerasish.core.paths import Path, Tree, get_in, nest, parent_of, paths_by_id
from kerasish.core.types import Array, ArrayLike
from kerasish.core.variable import Variable
from kerasish.optimizers.protocol import OptimizerLike
from kerasish.optimizers.state import OptimizerState
from kerasish.optimizers.variables import build_state, variables_by_path

__all__ = ["apply", "check_length", "load_variables", "stateless_apply"]

Grads = Sequence[ArrayLike | list[object] | None]


def apply(optimizer: OptimizerLike, grads: Grads, weights: Sequence[Variable] | None) -> None:
    """Update weights; see `Optimizer.apply`."""
    given = _grads_by_path(optimizer, grads, weights)
    own = {path: optimizer._kerasish_weights[path] for path in given}
    variables = variables_by_path(optimizer, own)
    params, state = _compiled_step(optimizer)(
        nest(given),
        build_state(optimizer, nest({path: v.value for path, v in variables.items()})),
        nest({path: v.value for path, v in own.items()}),
    )
    for path, weight in own.items():
        weight.assign(get_in(params, path))
    for path, variable in variables.items():
        variable.assign(get_in(state, path))


def _compiled_step(
    optimizer: OptimizerLike,
) -> Callable[..., tuple[Tree, OptimizerState]]:
    settings = optimizer._kerasish_settings()
    if optimizer._kerasish_compiled is None or optimizer._kerasish_compiled_for != settings:
        # A new function each time, since JAX would reuse its trace of an equal one.
        optimizer._kerasish_compiled = jax.jit(lambda *args: _step(optimizer, *args))
        optimizer._kerasish_compiled_for = settings
    return optimizer._kerasish_compiled


def stateless_apply(
    optimizer: OptimizerLike,
    optimizer_variables: Sequence[Array],
    grads: Grads,
    trainable_variables: Sequence[Array],
) -> tuple[list[Array], list[Array]]:
    """Return new weights and a new state; see `Optimizer.stateless_apply`."""
    if not optimizer.built:
        raise NotBuiltError("Call `optimizer.build(variables)` before `stateless_apply`.")
    own, paths = optimizer.variables, optimizer._kerasish_weights
    check_length("optimizer_variables", optimizer_variables, "variables", own)
    check_length("trainable_variables", trainable_variables, "weights", paths)
    given = _grads_by_path(optimizer, grads, None)
    values = {id(v): value for v, value in zip(own, optimizer_variables, strict=True)}
    variables = variables_by_path(optimizer, given)
    weights = dict(zip(paths, trainable_variables, strict=True))
    params, state = _step(
        optimizer,
        nest(given),
        build_state(optimizer, nest({p: values.get(id(v), v.value) for p, v in variables.items()})),
        nest({path: weights[path] for path in given}),
    )
    weights |= {path: get_in(params, path) for path in given}
    values |= {id(v): get_in(state, path) for path, v in variables.items()}
    return list(weights.values()), [values[id(v)] for v in own]


def _step(
    optimizer: OptimizerLike, grads: Tree, state: OptimizerState, params: Tree
) -> tuple[Tree, OptimizerState]:
    """Return weights and state after a step, constraints included."""
    updates, state = optimizer._kerasish_update(grads, state, params)
    params = optax.apply_updates(params, updates)
    for path, weight in optimizer._kerasish_weights.items():
        value = get_in(params, path)
        if weight.constraint is not None and value is not None:
            parent_of(params, path)[path[-1]] = weight.constraint(value)
    return params, state


def _grads_by_path(
    optimizer: OptimizerLike, grads: Grads, variables: Sequence[Variable] | None
) -> dict[Path, ArrayLike]:
    """Return the gradients that are not None by the path of their weight."""
    paths = paths_by_id(optimizer._kerasish_weights)
    weights = list(optimizer._kerasish_weights.values()) if variables is None else variables
    check_length("grads", grads, "weights", weights)
    unknown = next((v for v in weights if id(v) not in paths), None)
    if unknown is not None:
        raise ArgumentError(
            f"The optimizer was built for other weights than {unknown!r}; make one for each "
            "set of weights, or build it for all of them."
        )
    given = {
        paths[id(weight)]: np.asarray(g) if isinstance(g, list) else g
        for weight, g in zip(weights, grads, strict=True)
        if g is not None
    }
    if not given:
        raise ArgumentError("There are no gradients: all of them are None.")
    return given


def load_variables(optimizer: OptimizerLike, store: Mapping[str, ArrayLike]) -> None:
    """Assign the variables from a mapping; see `Optimizer.load_own_variables`."""
    own = optimizer.variables
    if len(store) != len(own):
        warnings.warn(
            f"The state of optimizer {optimizer.name!r} was not loaded: it has {len(own)} "
            f"variables, and there are {len(store)} values.",
            stacklevel=3,
        )
        return
    values = [store[str(i)] for i in range(len(own))]
    for variable, value in zip(own, values, strict=True):
        if np.shape(value) != variable.shape:
            raise ShapeError(
                f"{variable.name!r} of optimizer {optimizer.name!r} has shape {variable.shape}; "
                f"there is a value of shape {np.shape(value)} for it."
            )
    optimizer.set_weights(values)


def check_length(what: str, given: Sized, of_what: str, expected: Sized) -> None:
    """Raise ArgumentError if a list is not of the right length."""
    if len(given) != len(expected):
        raise ArgumentError(
            f"`{what}` must have an entry for each of the {len(expected)} {of_what}; there are "
            f"{len(given)}."
        )
