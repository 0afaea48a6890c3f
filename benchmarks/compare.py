"""Compare this checkout with another one: whether a change made anything slower.

git worktree add ../before main
python -m benchmarks.compare ../before --workloads mlp_small,convnet --rounds 9

A process of each checkout stays alive and they take turns, so that a busy machine slows both. Each
round gives one ratio: the time of this checkout over that of the other. Above 1 is slower.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from benchmarks.process import OURS, Process, started
from benchmarks.workloads import WORKLOADS, Workload

JOBS = ("train", "evaluate", "predict")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("--workloads", default=",".join(WORKLOADS), metavar="NAME,NAME")
    parser.add_argument("--jobs", default=",".join(JOBS), metavar="NAME,NAME")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="fresh processes for the first epoch")
    return parser.parse_args(arguments)


def rounds(pair: tuple[Process, Process], job: str, count: int, warm_up: int) -> list[float]:
    """Return the ratio of each round; who begins changes with each."""
    for process in pair:
        for _ in range(warm_up):
            process.run(job)
    ratios = []
    for number in range(count):
        order = pair if number % 2 else pair[::-1]
        seconds = {id(process): process.run(job) for process in order}
        ratios.append(seconds[id(pair[0])] / seconds[id(pair[1])])
    return ratios


def first_epochs(workload: Workload, other: Path, count: int) -> list[float]:
    """Return the ratios of the first epochs of fresh processes, compilation included."""
    ratios = []
    for _ in range(count):
        with started(OURS, workload) as mine, started(OURS, workload, other) as theirs:
            ratios.append(mine.run("train", 1) / theirs.run("train", 1))
    return ratios


def show(workload: str, job: str, ratios: list[float]) -> None:
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"{workload:<16}{job:<12}{middle:6.3f}   ({low:.3f} to {high:.3f})", flush=True)


def main() -> None:
    """Print the median ratio of each job of each workload, with its range."""
    args = parse(sys.argv[1:])
    other = args.other.resolve()
    print(f"{'workload':<16}{'job':<12} ratio   (range)")
    for name in args.workloads.split(","):
        workload = WORKLOADS[name]
        with started(OURS, workload) as mine, started(OURS, workload, other) as theirs:
            for job in args.jobs.split(","):
                show(name, job, rounds((mine, theirs), job, args.rounds, args.warm_up))
        if args.first:
            show(name, "first epoch", first_epochs(workload, other, args.first))


if __name__ == "__main__":
    main()
