"""A loop over time whose gradients are formed in few large products.

Differentiated automatically, the loop backwards in time adds to the gradient of
the recurrent kernel at each step. Here it only collects the gradients of the
gates; one product after the loop makes the kernel's gradient of all of them,
and JAX's own rules make one each for whatever `projected` was computed from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

from kerasish.core.types import Array

__all__ = ["recurrence"]

Carry: TypeAlias = tuple[Any, ...]
# (gates, carry, *extra) -> carry
Step: TypeAlias = Callable[..., Carry]


class _Setting(NamedTuple):
    """What does not change from call to call."""

    step: Step
    join: Callable[[Any, Any], Any]
    product: Callable[[Any, Any], Any]
    reverse: bool
    unroll: int | bool


class _Arrays(NamedTuple):
    """What comes in beside `projected` and `initial`; None where there is no such thing."""

    kernel: Array
    bias: Array | None
    extra: tuple[Any, ...]
    kept: Any
    mask: Array | None


def recurrence(
    step: Step,
    projected: Array,
    initial: Carry,
    kernel: Array,
    bias: Array | None = None,
    extra: tuple[Any, ...] = (),
    *,
    join: Callable[[Any, Any], Any] = jnp.add,
    product: Callable[[Any, Any], Any] = jnp.matmul,
    kept: Any = None,
    mask: Array | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
    own_gradient: bool = True,
) -> tuple[Any, Carry]:
    """Run `carry = step(join(projected[t], carry[0] @ kernel + bias), carry)` through time.

    Args:
        step: `(gates, carry, *extra) -> carry`, for one moment. Where `own_gradient`
            is set it must be hashable and compute from its arguments alone: what
            it closes over would not be seen to change.
        projected: what the inputs contribute, `(time, batch, width)`.
        initial: the carry before the first step, each part `(batch, ..., size)`.
        kernel: `(size of carry[0], recurrent width)`.
        bias: `(recurrent width,)`, or None.
        extra: further arrays that `step` takes, the same at each step.
        join: makes the gates of what the inputs and what the carry contribute;
            linear, along the last axis, whatever the leading axes are.
        product: another one of the carry and the kernel, such as a convolution, hashable like
            `step`; then JAX differentiates the loop.
        kept: a pattern of dropout, `(batch, size of carry[0])`, that multiplies
            the carry in the product; a constant in differentiation.
        mask: `(time, batch)`; where it is false the carry stays as it is.
        reverse: whether time runs backwards. Outputs stay where their inputs are.
        unroll: how many steps the body of the loop holds; True for all.
        own_gradient: whether to differentiate by the rule above (only in reverse
            mode, to any order); else JAX differentiates the loop.

    Returns:
        `carry[0]` after each step, `(time, batch, size)`, and the last carry.

    Examples:
        >>> step = lambda gates, carry: (jnp.tanh(gates),)
        >>> outputs, last = recurrence(
        ...     step, jnp.ones((5, 2, 3)), (jnp.zeros((2, 3)),), jnp.eye(3)
        ... )
        >>> outputs.shape, last[0].shape
        ((5, 2, 3), (2, 3))
    """
    setting = _Setting(step, join, product, reverse, unroll)
    arrays = _Arrays(kernel, bias, extra, jax.lax.stop_gradient(kept), mask)
    own_rule: Any = _compiled if product is jnp.matmul else _compiled_plainly
    run: Any = own_rule if own_gradient else _plain
    outputs: tuple[Any, Carry] = run(setting, projected, initial, arrays)
    return outputs


def _run(setting: _Setting, projected: Array, initial: Carry, arrays: _Arrays) -> Any:
    """Return outputs and last carry, and the gates and carries that the gradient needs."""

    def body(carry: Carry, now: Any) -> Any:
        inputs, counts = now
        h = carry[0] if arrays.kept is None else carry[0] * arrays.kept
        recurrent = setting.product(h, arrays.kernel)
        if arrays.bias is not None:
            recurrent = recurrent + arrays.bias[None]
        gates = setting.join(inputs, recurrent)
        new = _advance(setting.step, counts, gates, carry, arrays.extra)
        return new, (new[0], gates, carry[1:])

    last, (outputs, gates, rest) = jax.lax.scan(
        body, initial, (projected, arrays.mask), reverse=setting.reverse, unroll=setting.unroll
    )
    return (outputs, last), (gates, rest)


def _advance(step: Step, counts: Any, gates: Array, carry: Carry, extra: tuple[Any, ...]) -> Carry:
    """Make a step, in the samples in which this moment counts."""
    new = tuple(step(gates, carry, *extra))
    if counts is None:
        return new
    return tuple(jnp.where(_each(counts, a), a, b) for a, b in zip(new, carry, strict=True))


def _each(counts: Any, like: Array) -> Any:
    return counts.reshape((-1,) + (1,) * (like.ndim - 1))


def _plain(setting: _Setting, projected: Array, initial: Carry, arrays: _Arrays) -> Any:
    return _run(setting, projected, initial, arrays)[0]


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _with_rule(setting: _Setting, projected: Array, initial: Carry, arrays: _Arrays) -> Any:
    return _plain(setting, projected, initial, arrays)


def _forward(setting: _Setting, projected: Array, initial: Carry, arrays: _Arrays) -> Any:
    results, saved = _run(setting, projected, initial, arrays)
    # Of `projected` only the width is needed.
    return results, (projected[:0], initial, arrays, results[0], *saved)


def _backward(setting: _Setting, residuals: Any, gradients: Any) -> Any:
    inputs, initial, arrays, outputs, gates, rest = residuals
    before = _before(outputs, initial[0], setting.reverse)
    widths = inputs.shape[-1], arrays.kernel.shape[-1]
    transposed = arrays.kernel.T

    def body(later: Any, now: Any) -> Any:
        (gradient, extra), (to_output, gates, h, rest, counts) = later, now
        step = partial(_advance, setting.step, counts)
        _, pull = jax.vjp(step, gates, (h, *rest), arrays.extra)
        to_gates, to_carry, to_extra = pull((gradient[0] + to_output, *gradient[1:]))
        _, to_product = _apart(setting.join, to_gates, widths)
        to_h = to_product @ transposed
        to_h = to_h if arrays.kept is None else to_h * arrays.kept
        carry = (to_carry[0] + to_h, *to_carry[1:])
        return (carry, jax.tree.map(jnp.add, extra, to_extra)), to_gates

    to_outputs, to_last = gradients
    start = to_last, jax.tree.map(jnp.zeros_like, arrays.extra)
    moments = (to_outputs, gates, before, rest, arrays.mask)
    (to_initial, to_extra), to_gates = jax.lax.scan(
        body, start, moments, reverse=not setting.reverse, unroll=setting.unroll
    )
    to_projected, to_product = _apart(setting.join, to_gates, widths)
    if arrays.kept is not None:
        before = before * arrays.kept[None]
    flat = (a.reshape(-1, a.shape[-1]) for a in (before, to_product))
    to_kernel = jnp.matmul(next(flat).T, next(flat))
    to_bias = None if arrays.bias is None else to_product.sum((0, 1))
    return to_projected, to_initial, _Arrays(to_kernel, to_bias, to_extra, None, None)


_with_rule.defvjp(_forward, _backward)

# Compiled, so that calls outside of any program compile once for a step, and not each time.
_compiled = jax.jit(_with_rule, static_argnums=0)
_compiled_plainly = jax.jit(_plain, static_argnums=0)


def _before(outputs: Any, initial: Any, reverse: bool) -> Any:
    """Return what each step found where it left an output."""
    if reverse:
        return jnp.concatenate([outputs[1:], initial[None]])
    return jnp.concatenate([initial[None], outputs[:-1]])


def _apart(join: Callable[[Any, Any], Any], gradient: Array, widths: tuple[int, int]) -> Any:
    """Return what the gradient of joined parts is for each, of one moment or of all."""
    parts = [jax.ShapeDtypeStruct((*gradient.shape[:-1], n), gradient.dtype) for n in widths]
    return jax.linear_transpose(join, *parts)(gradient)
