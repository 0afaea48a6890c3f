"""Turns of peers, measured: each round gives one ratio of any two."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.crew import Crew, limit, note
from benchmarks.process import KERAS, OURS, PATIENCE, Process, Trouble, started
from benchmarks.record import Line
from benchmarks.workloads import Workload

__all__ = ["Plan", "firsts", "turns", "watched"]

Numbers = dict[str, float]
Turn = Callable[[Process, str, int], float]


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Args:
        rounds: turns of each peer.
        firsts: fresh processes of each peer.
        warm_up: turns before the clock counts: to compile, and for kerasish to learn how long a
            step takes.
    """

    rounds: int = 7
    firsts: int = 3
    warm_up: int = 3


def turns(workload: Workload, peers: list[str], jobs: list[str], plan: Plan) -> Iterator[Line]:
    """Yield a line for each round of each job."""
    with Crew(workload, peers) as crew:
        for job in jobs:
            yield from crew.start(job)
            racing = yield from crew.warm(job, plan.warm_up)
            yield from _rounds(crew, racing, job, plan.rounds, _turn)


def watched(workload: Workload, plan: Plan) -> Iterator[Line]:
    """Yield a line for each round of training, with callbacks and without, in long epochs."""
    with Crew(workload.long(), (OURS, KERAS)) as crew:
        yield from crew.start("watched")
        yield from crew.warm("train", plan.warm_up)
        racing = yield from crew.warm("watched", 1)
        plain: Numbers = {}

        def both(process: Process, job: str, number: int) -> float:
            # The other way round each time, so that what drifts favours neither.
            order = ("train", job) if number % 2 else (job, "train")
            seconds = {each: process.run(each) for each in order}
            plain[process.peer] = seconds["train"]
            return seconds[job]

        for line in _rounds(crew, racing, "watched", plan.rounds, both):
            yield line | {"plain": dict(plain)} if line["kind"] == "round" else line


def _turn(process: Process, job: str, number: int) -> float:
    return process.run(job)


def _rounds(crew: Crew, racing: list[Process], job: str, count: int, turn: Turn) -> Iterator[Line]:
    """Yield a line for each round, which begins with another peer each time."""
    workload = crew.workload
    for number in range(count):
        if OURS not in [process.peer for process in racing]:
            return  # there is nothing to compare
        seconds: Numbers = {}
        first = number % len(racing)
        for process in racing[first:] + racing[:first]:
            try:
                seconds[process.peer] = turn(process, job, number)
            except Trouble as trouble:
                racing.remove(process)
                yield crew.lose(job, trouble)
        if OURS in seconds:
            yield {
                "kind": "round",
                "workload": workload.name,
                "job": job,
                "steps": workload.steps,
                "epochs": workload.epochs,
                "device": crew.alive[OURS].device,
                "seconds": seconds,
            }


def firsts(workload: Workload, peers: list[str], job: str, plan: Plan) -> Iterator[Line]:
    """Yield a line for each round of fresh processes, to the end of their first epoch.

    Args:
        workload: what to train.
        peers: their names, kerasish's first.
        job: `"train"` or `"validated"`.
        plan: how many rounds.
    """
    peers = list(peers)
    for number in range(plan.firsts):
        seconds: Numbers = {}
        memory: dict[str, Numbers] = {}
        device = ""
        first = number % len(peers)
        for peer in peers[first:] + peers[:first]:
            fixed = peer in (OURS, KERAS) or not seconds
            patience = PATIENCE if fixed else limit(min(seconds.values()))
            start = time.perf_counter()
            try:
                with started(peer, workload) as process:
                    process.run(job, epochs=1, limit=patience)
                    seconds[peer] = time.perf_counter() - start
                    memory[peer] = process.reply["memory"]
                    device = process.device
            except Trouble as trouble:
                peers.remove(peer)
                yield note(workload, f"first {job}", trouble)
        if OURS not in seconds:
            return
        line = {"kind": "first", "workload": workload.name, "job": job, "steps": workload.steps}
        yield line | {"device": device, "seconds": seconds, "memory": memory}
