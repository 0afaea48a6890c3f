"""Loops and branches: functions that take functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.ops._define import operation, unrecorded

__all__ = [
    "associative_scan",
    "cond",
    "custom_gradient",
    "fori_loop",
    "scan",
    "switch",
    "vectorize",
    "vectorized_map",
    "while_loop",
]


@operation("core", arguments="f elems", raw=True)
def associative_scan(f: Any, elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """Return the running combination of elements under an associative function.

    Args:
        f: combines two elements.
        elems: arrays, the elements along `axis`.
        reverse: whether to begin at the end.
        axis: the axis.
    """
    return jax.lax.associative_scan(f, elems, reverse, axis)


@operation("core", arguments="pred true_fn false_fn", raw=True)
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Return what one of two functions returns: the first where `pred` is true."""
    return jax.lax.cond(pred, true_fn, false_fn)


@operation("core", arguments="init_val", raw=True)
def fori_loop(lower: Any, upper: Any, body_fun: Callable[..., Any], init_val: Any) -> Any:
    """Return the last of `value = body_fun(i, value)` for `i` from `lower` up to `upper`."""
    return jax.lax.fori_loop(lower, upper, body_fun, init_val)


@operation("core", arguments="f xs", raw=True)
def _map(f: Callable[..., Any], xs: Any) -> Any:
    """Return `f` of each slice along the first axis, one after another."""
    return jax.lax.map(f, xs)


@operation("core", arguments="f init xs", raw=True)
def scan(
    f: Callable[..., Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> Any:
    """Carry a value along the first axis of arrays.

    Args:
        f: `(carry, x) -> (carry, y)`.
        init: the first carry.
        xs: arrays, one slice for each step; None if there are none.
        length: the number of steps, where `xs` does not tell.
        reverse: whether to begin at the end.
        unroll: how many steps to write out in one turn of the loop.

    Returns:
        The last carry, and all `y` stacked.
    """
    return jax.lax.scan(f, init, xs, length, reverse, unroll)


@operation("core", arguments="index branches", raw=True)
def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """Return what the function of that number in `branches` returns of the operands."""
    return jax.lax.switch(index, branches, *operands)


@operation("core", arguments="elements", raw=True)
def vectorized_map(function: Callable[..., Any], elements: Any) -> Any:
    """Return `function` of each slice along the first axis, all at once."""
    return jax.vmap(function)(elements)


@operation("core", arguments="loop_vars", raw=True)
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """Change values for as long as a condition holds.

    Args:
        cond: takes the values; whether to go on.
        body: takes the values and returns the next.
        loop_vars: the first values: a list or tuple, or one value.
        maximum_iterations: how often to go round at most.

    Returns:
        The last values, in the structure of the first.
    """
    several = isinstance(loop_vars, (list, tuple))
    first = tuple(loop_vars) if several else (loop_vars,)

    def going(state: Any) -> Any:
        count, values = state
        on = cond(*values)
        return on if maximum_iterations is None else jnp.logical_and(on, count < maximum_iterations)

    def turn(state: Any) -> Any:
        count, values = state
        new = body(*values)
        return count + 1, tuple(new) if isinstance(new, (list, tuple)) else (new,)

    values = jax.lax.while_loop(going, turn, (0, jax.tree.map(jnp.asarray, first)))[1]
    return (list(values) if isinstance(loop_vars, list) else values) if several else values[0]


@unrecorded("core")
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of its own.

    Args:
        f: returns its value, and a function of the gradient of that (by position, or by the
            name `upstream`) that returns the gradients of the arguments.

    Examples:
        >>> @custom_gradient
        ... def clipped(x):
        ...     return x, lambda upstream: jnp.clip(upstream, -1, 1)
        >>> float(jax.grad(lambda x: 5 * clipped(x))(2.0))
        1.0
    """
    found: Callable[..., Any] = jax.custom_gradient(f)
    return found


@unrecorded("numpy")
def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: Any = None) -> Any:
    """Return a function that broadcasts its arguments and calls `pyfunc` on each element.

    Args:
        pyfunc: what to call.
        excluded: numbers or names of the arguments that are passed on as they are.
        signature: the core dimensions, as in `"(n),(n)->()"`.
    """
    return jnp.vectorize(pyfunc, excluded=excluded or frozenset(), signature=signature)
