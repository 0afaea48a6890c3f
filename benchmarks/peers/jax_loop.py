"""A loop written by hand: one compiled step for each batch, NumPy batches, nothing waits."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers._pure import Steps, first_carry
from benchmarks.workloads import Workload


class Peer:
    def __init__(self, workload: Workload) -> None:
        self.x, self.y = workload.data()
        self.batch = workload.batch
        self.carry = first_carry(workload)
        self.size = sum(a.size for a in [*self.carry.params, *self.carry.state])
        self.rng = np.random.default_rng(2)
        steps = Steps(workload)
        self._train = jax.jit(steps.train, donate_argnums=0)
        self._test = jax.jit(steps.test, donate_argnums=2)
        self._predict = jax.jit(steps.predict)

    def _starts(self) -> range:
        return range(0, len(self.x), self.batch)

    def train(self, epochs: int, shuffle: bool = True) -> float:
        size = len(self.x)
        for _ in range(epochs):
            order = self.rng.permutation(size) if shuffle else np.arange(size)
            carry = self.carry._replace(totals=jnp.zeros(2))
            for start in self._starts():
                rows = order[start : start + self.batch]
                carry = self._train(carry, self.x[rows], self.y[rows])
            self.carry = carry
            loss, _accuracy = np.asarray(carry.totals) / size
        return float(loss)

    def evaluate(self) -> float:
        totals = jnp.zeros(2)
        for start in self._starts():
            rows = slice(start, start + self.batch)
            totals = self._test(
                self.carry.params, self.carry.state, totals, self.x[rows], self.y[rows]
            )
        return float(np.asarray(totals)[0] / len(self.x))

    def predict(self) -> Any:
        found = [
            self._predict(self.carry.params, self.carry.state, self.x[start : start + self.batch])
            for start in self._starts()
        ]
        return np.concatenate([np.asarray(each) for each in found])
