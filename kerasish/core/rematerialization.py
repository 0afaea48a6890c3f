"""Calls whose inner results are computed again for the gradient, instead of being kept."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax

from kerasish.core.scope import current_scope
from kerasish.core.variable import Variable

__all__ = ["rematerialized"]


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
            with outer.nested() as scope:
                for i, array in zip(traced, arrays, strict=True):
                    scope.annotate(array, **outer.annotations(leaves[i]))
                outputs = function(*given, **named)
                notes = [scope.annotations(leaf) for leaf in jax.tree.leaves(outputs)]
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
                outer.annotate(leaf, **each)
        return outputs

    return run
