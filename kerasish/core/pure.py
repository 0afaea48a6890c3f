"""The pure views of a layer: on nested dicts by name, and on lists in Keras's order."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.binding import bind_list, bind_tree, match_tree, values_of
from kerasish.core.errors import ArgumentError, PurityError, UnknownNameError
from kerasish.core.first_values import first_values
from kerasish.core.paths import Tree, map_tree, to_name
from kerasish.core.scope import Scope, tell_outside
from kerasish.core.surface.reserved import Assignable
from kerasish.core.tree import variable_tree, variables_with_paths
from kerasish.core.weights import Weighted

__all__ = ["Pure", "as_arrays"]


class Pure(Weighted):
    """A thing with weights that can be applied as a pure function of them."""

    def _kerasish_params(self) -> Tree:
        """The trainable weights: a nested dict of arrays, by name."""
        self._kerasish_require_built()
        return map_tree(lambda v: v.value, variable_tree(self, trainable=True))

    def _kerasish_state(self) -> Tree:
        """The other weights (moving averages, ...): a nested dict of arrays, by name."""
        self._kerasish_require_built()
        return map_tree(lambda v: v.value, variable_tree(self, trainable=False))

    # What is given out is the caller's, to be donated if wanted; and likewise what is taken.
    # A class of the user's may have attributes of these names, and of `apply`, for other ends.
    params = Assignable(
        lambda self: _copied(self._kerasish_params()),
        lambda self, tree: _assign(self, True, tree, "params"),
    )
    params.__doc__ = (
        "The trainable weights: a nested dict of arrays, by name; copies, which may be donated. "
        "Assigning such a tree sets the weights."
    )
    state = Assignable(
        lambda self: _copied(self._kerasish_state()),
        lambda self, tree: _assign(self, False, tree, "state"),
    )
    state.__doc__ = (
        "The other weights (moving averages, ...): a nested dict of arrays, by name; copies. "
        "Assigning such a tree sets them."
    )

    def init(self, key: jax.Array, *args: Any, **kwargs: Any) -> tuple[Tree, Tree]:
        """Return first values of the weights, as a pure function of a key.

        `init(jax.random.key(seed), x)` draws what a model has that is built right after
        `set_random_seed(seed)`. The weights that the layer holds stay as they are. It can be
        compiled, and mapped over keys: `jax.vmap(lambda key: model.init(key, x))(keys)`.

        Args:
            key: a key of `jax.random`.
            *args: inputs, by which a layer that has no weights yet is built.
            **kwargs: further arguments of `call`, likewise.

        Returns:
            `(params, state)`, as `apply` takes them.

        Raises:
            NotBuiltError: if there are no weights yet, and no inputs.
            ArgumentError: if `key` is not a key.

        Examples:
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2)])
            >>> keys = jax.random.split(jax.random.key(0), 3)
            >>> params, state = jax.vmap(model.init)(keys)
            >>> params["dense"]["kernel"].shape
            (3, 4, 2)
        """
        _check_key("key", key)
        if args or kwargs:
            args, kwargs = as_arrays((args, kwargs))
            cast(Any, self)._kerasish_ensure_built(*args, **kwargs)
        self._kerasish_require_built()
        declared = [variable for _, variable in variables_with_paths(self)]
        found = dict(zip(map(id, declared), first_values(key, declared), strict=True))
        trees = (variable_tree(self, trainable) for trainable in (True, False))
        params, state = (map_tree(lambda v: found[id(v)], tree) for tree in trees)
        return params, state

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer with the weights it holds, or record the call in a graph."""
        raise NotImplementedError

    def apply(
        self,
        params: Tree,
        state: Tree,
        *args: Any,
        training: bool = False,
        rng: jax.Array | None = None,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Apply the layer to inputs as a pure function.

        Args:
            params: what `layer.params` gives, or anything of that structure.
            state: what `layer.state` gives.
            *args: the inputs.
            training: whether dropout drops and batch statistics are taken.
            rng: a key, needed where something is drawn.
            return_losses: whether to return the penalties as well: a list of scalars, of the
                regularizers of weights and outputs and of `add_loss`. `fit` adds their sum to the
                loss.
            **kwargs: further arguments of `call`.

        Returns:
            The output and the new state; with `return_losses` the output, the new state and the
            penalties. Nothing else is changed: `jit`, `grad`, `vmap` and `scan` it as you like.

        Raises:
            ShapeError: if `params` or `state` do not fit the layer.
            ArgumentError: if there are no inputs, or `rng` is not a key.
            UnknownNameError: if `call` has no argument of a name.

        Examples:
            >>> from kerasish import Input, Sequential, layers
            >>> dense = layers.Dense(2, kernel_initializer="ones", kernel_regularizer="l2")
            >>> model = Sequential([Input((4,)), dense])
            >>> x = np.ones((3, 4), "float32")
            >>> y, state, losses = model.apply(model.params, model.state, x, return_losses=True)
            >>> y.shape, round(float(sum(losses)), 2)
            ((3, 2), 0.08)
        """
        _check_call(self, params, state, args, kwargs, rng)
        args, kwargs = as_arrays((args, kwargs))
        with self._kerasish_bound(params, state, training=training, rng=rng) as scope:
            outputs = self(*args, **kwargs)
            new = self._kerasish_new_state(scope)
            return (outputs, new, self.losses) if return_losses else (outputs, new)

    _kerasish_apply = apply

    @contextmanager
    def _kerasish_bound(
        self,
        params: Tree,
        state: Tree,
        *,
        training: bool = False,
        rng: jax.Array | None = None,
        position: Any = None,
    ) -> Iterator[Scope]:
        """Open a scope in which the weights are the given values.

        Args:
            params: the trainable weights.
            state: the other weights.
            training: whether this is a step of training.
            rng: the key of this application.
            position: its number among those that are drawn for; see `Scope`.
        """
        self._kerasish_require_built()
        _check_own(self, params, state)
        with Scope(training=training, rng=rng, position=position) as scope:
            bind_tree(scope, variable_tree(self, trainable=True), params, "params")
            bind_tree(scope, variable_tree(self, trainable=False), state, "state")
            yield scope

    def _kerasish_new_state(self, scope: Scope) -> Tree:
        """Return the state as the application in `scope` left it.

        Raises:
            PurityError: if the application assigned to a trainable weight.
        """
        declared = variable_tree(self, trainable=False)
        self._kerasish_check_writes(scope)
        return map_tree(scope.read, declared)

    def _kerasish_check_writes(self, scope: Scope) -> None:
        kept = {id(v) for _, v in variables_with_paths(self, trainable=False)}
        lost = [v for v, _ in scope.updates if id(v) not in kept]
        measured = {id(v) for v in self.metrics_variables} if lost else ()
        for variable in lost:
            if id(variable) not in measured:
                raise PurityError(
                    f"`call` assigned to {to_name(variable.path)!r}, which is trainable or is in "
                    "no attribute of a layer. Declare it with `add_weight(..., trainable=False)` "
                    "so that it is state."
                )

    # In Keras's form.

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Apply the layer as a pure function of lists: Keras's form of `apply`.

        Args:
            trainable_variables: values for `layer.trainable_variables`, in that order.
            non_trainable_variables: values for `layer.non_trainable_variables`. If the layer
                draws random numbers, the last is what they come from.
            *args: the inputs.
            return_losses: whether to return the penalties as well.
            **kwargs: further arguments of `call`, such as `training`.

        Returns:
            `(outputs, non_trainable_variables)`, or with `return_losses`
            `(outputs, non_trainable_variables, losses)`.

        Raises:
            ShapeError: if the lists do not fit the layer.

        Examples:
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2), layers.Dropout(0.5)])
            >>> train, rest = model.trainable_variables, model.non_trainable_variables
            >>> y, rest = model.stateless_call(train, rest, np.ones((3, 4)), training=True)
            >>> y.shape, len(rest)
            ((3, 2), 1)
        """
        args, kwargs = as_arrays((args, kwargs))
        with self._kerasish_stateless_scope(trainable_variables, non_trainable_variables) as scope:
            outputs = self(*args, **kwargs)
            losses = self.losses
            rest = self._kerasish_non_trainable_values(scope)
        tell_outside(scope, outputs, losses=losses)
        return (outputs, rest, losses) if return_losses else (outputs, rest)

    @contextmanager
    def _kerasish_stateless_scope(
        self, trainable_variables: Sequence[Any], non_trainable_variables: Sequence[Any]
    ) -> Iterator[Scope]:
        """Open a scope in which the variables are the values in lists, in Keras's order."""
        self._kerasish_require_built()
        trained = [v for _, v in variables_with_paths(self, trainable=True)]
        rest = self.non_trainable_variables
        values = [values_of(trainable_variables), values_of(non_trainable_variables)]
        rng = count = None
        if self._kerasish_seeds and len(values[1]) == len(rest):
            seed, count = values[1][-1]
            rng = jax.random.fold_in(jax.random.key(seed), count)
        with Scope(rng=rng, position=count) as scope:
            bind_list(scope, trained, values[0], "trainable_variables")
            bind_list(scope, rest, values[1], "non_trainable_variables")
            yield scope

    def _kerasish_non_trainable_values(self, scope: Scope) -> list[Any]:
        """Return the values of the variables that do not train as the scope left them.

        Raises:
            PurityError: if the application assigned to a trainable weight.
        """
        self._kerasish_check_writes(scope)
        values = [scope.read(v) for v in self.non_trainable_variables]
        if self._kerasish_seeds and scope.has_drawn:
            values[-1] = values[-1].at[1].add(1)
        return values


def _copied(tree: Tree) -> Tree:
    copies: Tree = jax.device_put(tree, may_alias=False)
    return copies


def _assign(layer: Pure, trainable: bool, tree: Mapping[str, Any], what: str) -> None:
    """Set the weights of a kind to copies of the values in a tree, once all are known to fit."""
    for variable, value in match_tree(variable_tree(layer, trainable), tree, what):
        value = jnp.asarray(value, variable.dtype)
        variable.assign(jax.device_put(value, may_alias=False))


def _check_call(
    layer: Pure, params: Any, state: Any, args: Any, kwargs: dict[str, Any], rng: Any
) -> None:
    """Look at the arguments of `apply` for what would be misunderstood further down."""
    _check_own(layer, params, state)
    if not args and not kwargs:
        raise ArgumentError(
            "`apply` takes the inputs after params and state: `apply(params, state, x)`. The state "
            f"is `state` of {layer.name!r}, an empty dict if it has none."
        )
    if rng is not None:
        _check_key("rng", rng)
    known = inspect.signature(cast(Any, layer).call).parameters
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


def _check_key(name: str, key: Any) -> None:
    dtype = getattr(key, "dtype", None)
    typed = dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)
    if not (typed or (dtype == "uint32" and key.shape == (2,))):
        raise ArgumentError(
            f"{name} must be a key of jax.random; got {key!r}. Write `{name}=jax.random.key(0)`."
        )


def _check_own(layer: Pure, params: Any, state: Any) -> None:
    """Raise if what was given as weights is an attribute that the user's class has for other ends.

    Raises:
        ArgumentError: then.
    """
    for name, given in (("params", params), ("state", state)):
        if isinstance(given, Mapping):
            continue
        whose = ""
        if name in vars(layer) or not isinstance(getattr(type(layer), name), Assignable):
            whose = (
                f" {type(layer).__name__} has an attribute `{name}` of its own; the weights are "
                f"`kerasish.layers.Layer.{name}(layer)`."
            )
        elif name == "state":
            whose = " Call `apply(params, state, x)`; the state is {} where there is none."
        raise ArgumentError(
            f"`apply` takes the {name} of {layer.name!r} as a nested dict of arrays; got "
            f"{_kind(given)}.{whose}"
        )


def _kind(given: Any) -> str:
    if hasattr(given, "shape"):
        return f"an array of shape {tuple(given.shape)}"
    return f"a {type(given).__name__}"


def as_arrays(structure: Any) -> Any:
    """Turn NumPy arrays in a structure into what a layer computes with.

    Raises:
        ArgumentError: if one holds no numbers.
    """
    return jax.tree.map(_as_array, structure)


def _as_array(x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype == object:
        raise ArgumentError("A layer cannot take an array of dtype object; give it numbers.")
    return jnp.asarray(x) if isinstance(x, np.ndarray) else x
