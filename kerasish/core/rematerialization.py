"""Calls whose inner results are computed again for the gradient, instead of being kept."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

import jax

from kerasish.core.errors import ArgumentError
from kerasish.core.scope import current_scope
from kerasish.core.variable import Variable

__all__ = ["RematScope", "current_remat", "remat", "rematerialized"]

_MODES = ("full", "activations", "larger_than", "list_of_layers", None)


class RematScope:
    """Lets the layers made in the block compute their `call` again for the gradient.

    That needs less memory and more time; results are the same. Models are made of layers, and
    are not computed again as a whole.

    Args:
        mode: which layers: `"full"`, all; `"activations"`, those with an `activation`;
            `"larger_than"`, those whose outputs have more elements than
            `output_size_threshold`; `"list_of_layers"`, those in `layer_names`; None, none, in
            spite of a scope around.
        output_size_threshold: see there.
        layer_names: likewise.

    Raises:
        ArgumentError: if there is no such mode.

    Examples:
        >>> from kerasish import layers
        >>> with RematScope(mode="full"):
        ...     layer = layers.Dense(64, activation="relu")
    """

    def __init__(
        self,
        mode: str | None = "full",
        output_size_threshold: int = 1024,
        layer_names: Iterable[str] | None = None,
    ) -> None:
        if mode not in _MODES:
            raise ArgumentError(f"The modes of RematScope are {_MODES}; got {mode!r}.")
        self.mode = mode
        self.output_size_threshold = output_size_threshold
        self.layer_names = list(layer_names or ())

    def __enter__(self) -> RematScope:
        _open.set((*_open.get(), self))
        return self

    def __exit__(self, *exc: object) -> None:
        _open.set(_open.get()[:-1])

    def chooses(self, name: str, activation: object, output_size: Callable[[], int]) -> bool:
        """Return whether a layer made in this scope is computed again.

        Args:
            name: its name.
            activation: its activation, None if it has none.
            output_size: returns the number of elements of its outputs.
        """
        if self.mode == "larger_than":
            return output_size() > self.output_size_threshold
        if self.mode == "list_of_layers":
            return name in self.layer_names
        return self.mode == "full" or (self.mode == "activations" and activation is not None)


_open: ContextVar[tuple[RematScope, ...]] = ContextVar("kerasish_remat_scopes", default=())


def current_remat() -> RematScope | None:
    """Return the scope that layers made now belong to."""
    return next(reversed(_open.get()), None)


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is computed again for its gradient, instead of kept in memory.

    Args:
        f: computes from arrays; within a layer's `call` it may call layers and assign state.

    Examples:
        >>> import jax.numpy as jnp
        >>> float(jax.grad(remat(lambda x: jnp.sin(jnp.sin(x))))(0.0))
        1.0
    """
    return rematerialized(f)


def rematerialized(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function under `jax.checkpoint`, from which state, losses and masks come back out.

    Args:
        function: computes from arrays, and from the variables of layers that it calls.
    """

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = jax.tree.flatten((args, kwargs))
        traced = [i for i, leaf in enumerate(leaves) if hasattr(leaf, "shape")]
        outer = current_scope()
        written: list[Variable] = []

        def inner(arrays: list[Any]) -> Any:
            filled = list(leaves)
            for i, array in zip(traced, arrays, strict=True):
                filled[i] = array
            given, named = jax.tree.unflatten(structure, filled)
            if outer is None:
                return function(*given, **named), None
            with outer.child() as scope:
                for i, array in zip(traced, arrays, strict=True):
                    scope.set_metadata(array, **outer.all_metadata(leaves[i]))
                outputs = function(*given, **named)
                notes = [scope.all_metadata(leaf) for leaf in jax.tree.leaves(outputs)]
                written.extend(variable for variable, _ in scope.updates)
                values = [value for _, value in scope.updates]
                return outputs, (values, scope.losses, notes)

        outputs, told = jax.checkpoint(inner)([leaves[i] for i in traced])
        if outer is not None:
            values, losses, notes = told
            for variable, value in zip(written, values, strict=True):
                outer.write(variable, value)
            outer.losses.extend(losses)
            for leaf, each in zip(jax.tree.leaves(outputs), notes, strict=True):
                outer.set_metadata(leaf, **each)
        return outputs

    return run
