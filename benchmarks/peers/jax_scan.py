"""A loop written by hand: a whole epoch in one compiled program, data on the device."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.peers._pure import Carry, Steps, first_carry
from benchmarks.workloads import Workload


class Peer:
    def __init__(self, workload: Workload) -> None:
        self.data = jax.device_put(workload.data())
        self.samples = workload.samples
        self.carry = first_carry(workload)
        self.size = sum(a.size for a in [*self.carry.params, *self.carry.state])
        self.rng = np.random.default_rng(2)
        self._make_programs(Steps(workload), workload)

    def _make_programs(self, steps: Steps, workload: Workload) -> None:
        batched = lambda a: a.reshape(workload.steps, workload.batch, *a.shape[1:])

        def train(carry: Carry, data: Any, order: Any) -> Carry:
            if order is not None:
                data = jax.tree.map(lambda a: a[order], data)
            body = lambda carry, batch: (steps.train(carry, *batch), None)
            carry = carry._replace(totals=jnp.zeros(2))
            return lax.scan(body, carry, jax.tree.map(batched, data))[0]

        def test(params: Any, state: Any, data: Any) -> Any:
            body = lambda totals, batch: (steps.test(params, state, totals, *batch), None)
            return lax.scan(body, jnp.zeros(2), jax.tree.map(batched, data))[0]

        def predict(params: Any, state: Any, x: Any) -> Any:
            found = lax.map(lambda batch: steps.predict(params, state, batch), batched(x))
            return found.reshape(-1, found.shape[-1])

        self._train = jax.jit(train, donate_argnums=0)
        self._test = jax.jit(test)
        self._predict = jax.jit(predict)

    def train(self, epochs: int, shuffle: bool = True) -> float:
        for _ in range(epochs):
            # By NumPy: on a CPU `jax.random.permutation` takes as long as a small model's steps.
            order = self.rng.permutation(self.samples) if shuffle else None
            self.carry = self._train(self.carry, self.data, order)
            loss, _accuracy = np.asarray(self.carry.totals) / self.samples
        return float(loss)

    def evaluate(self) -> float:
        totals = self._test(self.carry.params, self.carry.state, self.data)
        return float(np.asarray(totals)[0] / self.samples)

    def predict(self) -> Any:
        return np.asarray(self._predict(self.carry.params, self.carry.state, self.data[0]))
