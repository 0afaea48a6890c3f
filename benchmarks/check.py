"""Check that all peers train the same model from the same weights to the same losses.

python -m benchmarks.check [WORKLOAD ...]
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

from benchmarks.peers._keras_like import Fitted
from benchmarks.process import PEERS
from benchmarks.workloads import WORKLOADS, Workload

# Some more than a few: Adam's first steps make much of a rounding error.
STEPS = 10


def peer(name: str, workload: Workload) -> Any:
    """Return a peer with the first values of `workload.parameters`; None without its library."""
    try:
        found = importlib.import_module(f"benchmarks.peers.{name}").Peer(workload)
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("benchmarks"):
            raise
        return None
    if isinstance(found, Fitted):
        give(found.model, workload.parameters()[0])
    return found


def give(model: Any, params: list[np.ndarray]) -> None:
    """Set the weights that are trained, in their order.

    A shortcut's kernel may come before or after its block: each takes the first that fits.
    """
    for variable in model.trainable_variables:
        shape = tuple(variable.shape)
        variable.assign(params.pop(next(i for i, p in enumerate(params) if p.shape == shape)))


def losses(name: str, workload: Workload) -> list[float] | None:
    """Return the losses of one epoch in order and of the evaluation after it."""
    workload = workload.without_dropout()
    workload = workload.with_samples(min(workload.samples, STEPS * workload.batch))
    found = peer(name, workload)
    return found and [found.train(1, shuffle=False), found.evaluate()]


def main(names: list[str]) -> None:
    for name in names or WORKLOADS:
        found = {each: losses(each, WORKLOADS[name]) for each in PEERS}
        reported = {each: values for each, values in found.items() if values}
        for each, values in reported.items():
            print(name, each, *(f"{value:.5f}" for value in values), flush=True)
        first, *others = reported.items()
        for each, values in others:
            np.testing.assert_allclose(
                values, first[1], rtol=1e-2, err_msg=f"{name}: {each}, {first[0]}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
