"""Cost of checkpoints: epochs of `fit` with a checkpoint after each, compared with none.

python -m benchmarks.checkpoints                  # the MNIST convnet, epochs as long as MNIST's
python -m benchmarks.checkpoints --workload mlp_mnist --steps 100 --rounds 9

Both train in one process and take turns. The figure is the median over the rounds of the time with
checkpoints divided by the time without.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time

from benchmarks.peers.kerasish_fit import Peer
from benchmarks.workloads import WORKLOADS
from kerasish.callbacks import BackupAndRestore

EPOCHS = 3
# As many batches of 128 as MNIST has.
STEPS = 469


def seconds(peer: Peer, callbacks: list[BackupAndRestore]) -> float:
    """Return how long an epoch takes, the writing of its checkpoint with it."""
    began = time.perf_counter()
    peer.train(EPOCHS, callbacks=callbacks)
    return (time.perf_counter() - began) / EPOCHS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints", description=__doc__)
    parser.add_argument("--workload", choices=WORKLOADS, default="convnet")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    workload = WORKLOADS[options.workload]
    peer = Peer(workload.with_samples(options.steps * workload.batch))
    ratios = []
    for number in range(-1, options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            turns: dict[str, list[BackupAndRestore]]
            turns = {"without": [], "with": [BackupAndRestore(folder)]}
            order = sorted(turns, reverse=number % 2 == 0)
            took = {name: seconds(peer, turns[name]) for name in order}
        if number >= 0:  # the first one compiles
            ratios.append(took["with"] / took["without"])
            print(f"with {took['with']:.3f} s, without {took['without']:.3f} s", flush=True)
    middle = 100 * (statistics.median(ratios) - 1)
    least, most = (100 * (each - 1) for each in (min(ratios), max(ratios)))
    print(
        f"{workload.title}, {options.steps} steps: a checkpoint after each epoch makes it "
        f"{middle:.1f} % longer ({least:.1f} to {most:.1f}, {len(ratios)} rounds)"
    )


if __name__ == "__main__":
    main()
