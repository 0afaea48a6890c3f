"""Check that kerasish and the loop written by hand train the same model to the same loss.

python -m benchmarks.check
"""

from __future__ import annotations

import jax
import numpy as np

from benchmarks.peers import jax_loop, kerasish_fit
from benchmarks.workloads import WORKLOADS, Workload


def losses(workload: Workload) -> tuple[list[float], list[float]]:
    """Return the losses of one epoch in order and of the evaluation after it, of both."""
    workload = workload.without_dropout()
    fitted, loop = kerasish_fit.Peer(workload), jax_loop.Peer(workload)
    params = [np.asarray(v) for v in fitted.model.trainable_variables]
    mine = [a.shape for a in loop.carry.params]
    if [p.shape for p in params] != mine:
        # A shortcut's kernel may come before or after its block: take the first that fits.
        params = [params.pop(next(i for i, p in enumerate(params) if p.shape == s)) for s in mine]
    loop.carry = loop.carry._replace(params=jax.device_put(params))
    return tuple([peer.train(1, shuffle=False), peer.evaluate()] for peer in (fitted, loop))


if __name__ == "__main__":
    for name, workload in WORKLOADS.items():
        ours, theirs = losses(workload)
        np.testing.assert_allclose(ours, theirs, rtol=1e-2, err_msg=name)
        print(name, *(f"{a:.5f} = {b:.5f}" for a, b in zip(ours, theirs, strict=True)))
