"""Control flow and function transformations: cond, scan, while_loop, vectorized_map."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.types import Array, ArrayLike, PyTree
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
def associative_scan(
    f: Callable[..., Any], elems: PyTree, reverse: bool = False, axis: int = 0
) -> PyTree:
    """Compute prefix combinations of elements under an associative function, in parallel.

    Args:
        f: an associative function of two elements.
        elems: a pytree of arrays with the elements along `axis`.
        reverse: whether to start from the end.
        axis: the axis to scan.
    """
    return jax.lax.associative_scan(f, elems, reverse, axis)


@operation("core", arguments="pred true_fn false_fn", raw=True)
def cond(pred: ArrayLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> PyTree:
    """Return `true_fn()` if `pred` is true, and `false_fn()` otherwise."""
    return jax.lax.cond(pred, true_fn, false_fn)


@operation("core", arguments="init_val", raw=True)
def fori_loop(
    lower: ArrayLike, upper: ArrayLike, body_fun: Callable[..., Any], init_val: PyTree
) -> PyTree:
    """Iterate `value = body_fun(i, value)` for `i` in `range(lower, upper)`; return the last."""
    return jax.lax.fori_loop(lower, upper, body_fun, init_val)


@operation("core", arguments="f xs", raw=True)
def _map(f: Callable[..., Any], xs: PyTree) -> PyTree:
    """Apply `f` to each slice along the first axis sequentially and stack the results."""
    return jax.lax.map(f, xs)


@operation("core", arguments="f init xs", raw=True)
def scan(
    f: Callable[..., Any],
    init: PyTree,
    xs: PyTree | None = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[PyTree, PyTree]:
    """Loop over the leading axis of arrays while carrying state.

    Args:
        f: `(carry, x) -> (carry, y)`.
        init: the initial carry.
        xs: a pytree of arrays with one slice for each step, or None.
        length: the number of steps; needed if `xs` is None.
        reverse: whether to start from the end.
        unroll: how many steps to unroll in one iteration of the loop.

    Returns:
        The final carry, and the `y` of all steps stacked.
    """
    return jax.lax.scan(f, init, xs, length, reverse, unroll)


@operation("core", arguments="index branches", raw=True)
def switch(
    index: ArrayLike, branches: Sequence[Callable[..., PyTree]], *operands: PyTree
) -> PyTree:
    """Return `branches[index](*operands)`; the index is clamped to the valid range."""
    return jax.lax.switch(index, branches, *operands)


@operation("core", arguments="elements", raw=True)
def vectorized_map(function: Callable[..., Any], elements: PyTree) -> PyTree:
    """Apply `function` to all slices along the first axis at once, as `jax.vmap` does."""
    return jax.vmap(function)(elements)


@operation("core", arguments="loop_vars", raw=True)
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: PyTree,
    maximum_iterations: int | None = None,
) -> PyTree:
    """Repeat `body` while `cond` is true.

    Args:
        cond: takes the loop variables; returns whether to continue.
        body: takes the loop variables and returns their new values.
        loop_vars: the initial values: a list or tuple, or one value.
        maximum_iterations: the maximal number of iterations.

    Returns:
        The final loop variables, in the structure of `loop_vars`.
    """
    several = isinstance(loop_vars, (list, tuple))
    first = tuple(loop_vars) if several else (loop_vars,)

    def should_continue(state: tuple[Array, tuple[PyTree, ...]]) -> ArrayLike:
        count, values = state
        more = cond(*values)
        return (
            more
            if maximum_iterations is None
            else jnp.logical_and(more, count < maximum_iterations)
        )

    def step(
        state: tuple[Array, tuple[PyTree, ...]],
    ) -> tuple[Array, tuple[PyTree, ...]]:
        count, values = state
        new = body(*values)
        return count + 1, tuple(new) if isinstance(new, (list, tuple)) else (new,)

    values = jax.lax.while_loop(
        should_continue, step, (jnp.asarray(0), jax.tree.map(jnp.asarray, first))
    )[1]
    return (list(values) if isinstance(loop_vars, list) else values) if several else values[0]


@unrecorded("core")
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Define the gradient of a function.

    Args:
        f: returns `(value, grad_fn)`. `grad_fn` takes the gradient of the value (by position or
            as `upstream`) and returns the gradients of the arguments.

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
def vectorize(
    pyfunc: Callable[..., Any],
    *,
    excluded: Container[int | str] | None = None,
    signature: str | None = None,
) -> Callable[..., Any]:
    """Return a function that broadcasts its arguments and calls `pyfunc` on each element.

    Args:
        pyfunc: what to call.
        excluded: positions or names of arguments that are not vectorized.
        signature: the core dimensions, for example `"(n),(n)->()"`.
    """
    return jnp.vectorize(pyfunc, excluded=excluded or frozenset(), signature=signature)
