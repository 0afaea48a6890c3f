"""The workloads as pure functions of JAX, and their steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import lax

from benchmarks.network import EPSILON, LEARNING_RATE, MOMENTUM, NORM_EPSILON, network
from benchmarks.workloads import Workload

optimizer = optax.adam(LEARNING_RATE, eps=EPSILON)


class Carry(NamedTuple):
    """Everything that a training step changes."""

    params: list[jax.Array]
    state: list[jax.Array]
    opt_state: Any
    totals: jax.Array  # sums of the loss and of the right answers
    step: jax.Array


def first_carry(workload: Workload) -> Carry:
    params, state = jax.device_put(workload.parameters())
    return Carry(params, state, optimizer.init(params), jnp.zeros(2), jnp.zeros((), "int32"))


class _Ops:
    """The operations on arrays; they take the parameters in order.

    Args:
        params: all parameters.
        state: means and variances.
        key: for dropout; None when not training.
    """

    def __init__(self, params: list[Any], state: list[Any], key: Any) -> None:
        self.params = iter(params)
        self.state = iter(state)
        self.key = key
        self.new_state: list[Any] = []

    def dense(self, x: Any, units: int, activation: str | None) -> Any:
        return _activated(x @ next(self.params) + next(self.params), activation)

    def conv(
        self,
        x: Any,
        filters: int,
        size: int,
        stride: int,
        padding: str,
        bias: bool,
        activation: str | None,
    ) -> Any:
        names = ("NHWC", "HWIO", "NHWC")
        kernel = next(self.params)
        x = lax.conv_general_dilated(
            x, kernel, (stride, stride), padding.upper(), dimension_numbers=names
        )
        return _activated(x + next(self.params) if bias else x, activation)

    def norm(self, x: Any) -> Any:
        gamma, beta = next(self.params), next(self.params)
        moving_mean, moving_variance = next(self.state), next(self.state)
        mean, variance = moving_mean, moving_variance
        if self.key is not None:
            mean = x.mean((0, 1, 2))
            variance = jnp.maximum((x * x).mean((0, 1, 2)) - mean * mean, 0)
            moving_mean = MOMENTUM * moving_mean + (1 - MOMENTUM) * mean
            moving_variance = MOMENTUM * moving_variance + (1 - MOMENTUM) * variance
        self.new_state += [moving_mean, moving_variance]
        return (x - mean) * (lax.rsqrt(variance + NORM_EPSILON) * gamma) + beta

    def pool(self, x: Any) -> Any:
        window = (1, 2, 2, 1)
        return lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")

    def flatten(self, x: Any) -> Any:
        return x.reshape(x.shape[0], -1)

    def mean(self, x: Any) -> Any:
        return x.mean(tuple(range(1, x.ndim - 1)))

    def dropout(self, x: Any, rate: float) -> Any:
        if self.key is None:
            return x
        self.key, key = jax.random.split(self.key)
        return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)

    def relu(self, x: Any) -> Any:
        return jax.nn.relu(x)

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def lstm(self, x: Any, units: int, sequences: bool) -> Any:
        hidden = self._lstm(jnp.swapaxes(x, 0, 1), units)
        return jnp.swapaxes(hidden, 0, 1) if sequences else hidden[-1]

    def bidirectional(self, x: Any, units: int, sequences: bool) -> Any:
        x = jnp.swapaxes(x, 0, 1)
        there, back = self._lstm(x, units), self._lstm(x, units, reverse=True)
        if not sequences:
            return jnp.concatenate([there[-1], back[0]], -1)
        return jnp.swapaxes(jnp.concatenate([there, back], -1), 0, 1)

    def _lstm(self, x: Any, units: int, reverse: bool = False) -> Any:
        """Scan over `(steps, batch, features)`; gates in Keras's order."""
        kernel, recurrent, bias = next(self.params), next(self.params), next(self.params)

        def step(carry: Any, x: Any) -> Any:
            cell, hidden = carry
            # On a CPU the gradient takes half of the time that it takes with the
            # projection of the inputs before the loop.
            gates = x @ kernel + hidden @ recurrent + bias
            i, f, new, o = jnp.split(gates, 4, -1)
            cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(new)
            hidden = jax.nn.sigmoid(o) * jnp.tanh(cell)
            return (cell, hidden), hidden

        zeros = jnp.zeros((x.shape[1], units))
        return lax.scan(step, (zeros, zeros), x, reverse=reverse)[1]

    def embed(self, x: Any, words: int, width: int) -> Any:
        return next(self.params)[x]

    def positions(self, x: Any) -> Any:
        return x + next(self.params)

    def layernorm(self, x: Any) -> Any:
        gamma, beta = next(self.params), next(self.params)
        mean = x.mean(-1, keepdims=True)
        variance = jnp.maximum((x * x).mean(-1, keepdims=True) - mean * mean, 0)
        return (x - mean) * lax.rsqrt(variance + NORM_EPSILON) * gamma + beta

    def attention(self, x: Any, heads: int) -> Any:
        width = x.shape[-1]
        parts = []
        for _ in ("query", "key", "value"):
            kernel, bias = next(self.params), next(self.params)
            y = x @ kernel.reshape(width, width) + bias.reshape(width)
            parts.append(y.reshape(*x.shape[:-1], heads, -1))
        y = jax.nn.dot_product_attention(*parts).reshape(x.shape)
        return y @ next(self.params).reshape(width, width) + next(self.params)


def _activated(x: Any, activation: str | None) -> Any:
    """Apply an activation; softmax is left to the loss and to `predict_batch`."""
    return jax.nn.relu(x) if activation == "relu" else x


class Steps:
    """The steps of a workload, not compiled."""

    def __init__(self, workload: Workload) -> None:
        self.layers = workload.layers

    def _logits(self, params: Any, state: Any, x: Any, key: Any) -> tuple[Any, Any]:
        ops = _Ops(params, state, key)
        return network(ops, self.layers, x), ops.new_state

    def _loss(self, params: Any, state: Any, x: Any, y: Any, key: Any) -> tuple[Any, Any]:
        logits, state = self._logits(params, state, x, key)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, y)
        right = (logits.argmax(-1) == y).sum()
        return losses.mean(), (state, jnp.stack([losses.sum(), right.astype("float32")]))

    def train(self, carry: Carry, x: Any, y: Any) -> Carry:
        params, state, opt_state, totals, step = carry
        key = jax.random.fold_in(jax.random.key(0), step)
        grads, (state, found) = jax.grad(self._loss, has_aux=True)(params, state, x, y, key)
        updates, opt_state = optimizer.update(grads, opt_state, params)
        params = optax.apply_updates(params, updates)
        return Carry(params, state, opt_state, totals + found, step + 1)

    def test(self, params: Any, state: Any, totals: Any, x: Any, y: Any) -> Any:
        return totals + self._loss(params, state, x, y, None)[1][1]

    def predict(self, params: Any, state: Any, x: Any) -> Any:
        return jax.nn.softmax(self._logits(params, state, x, None)[0])
