"""The running peers of a workload, and notes on those that failed."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack

from benchmarks.process import (
    KERAS,
    LOOPS,
    OURS,
    PATIENCE,
    TORCH,
    Process,
    TooSlow,
    Trouble,
    started,
)
from benchmarks.record import Line
from benchmarks.workloads import Workload

__all__ = ["Crew", "limit", "note"]

# The others are ended if their first turn takes longer than this and than twice that of kerasish
# or Keras: some programs take XLA minutes.
FIRST_SECONDS = 10.0
# A loop sits out if a turn takes longer than this and than 4 times that of kerasish: it is not the
# better one. PyTorch, which is there to be looked at, may take longer.
TURN_SECONDS = {peer: 2.0 for peer in LOOPS} | {TORCH: 10.0}


def limit(others: float) -> float:
    """Return the time limit of a first turn of a loop, given the times of others."""
    return max(FIRST_SECONDS, 2 * others)


def note(workload: Workload, job: str, trouble: Trouble) -> Line:
    line = {"kind": "note", "workload": workload.name, "job": job}
    return line | {"peer": trouble.peer, "text": trouble.text}


class Crew:
    """The peers of one workload.

    Args:
        workload: what they train.
        peers: their names, kerasish's first.
    """

    def __init__(self, workload: Workload, peers: Iterable[str]) -> None:
        self.workload = workload
        self.alive: dict[str, Process] = {}
        self._waiting = list(peers)
        self._stack = ExitStack()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, job: str) -> Iterator[Line]:
        """Start the waiting peers; yield a note for each that cannot start."""
        waiting, self._waiting = self._waiting, []
        for peer in waiting:
            try:
                process = self._stack.enter_context(started(peer, self.workload))
            except Trouble as trouble:
                yield note(self.workload, job, trouble)
                continue
            self.alive[peer] = process
            size = next(iter(self.alive.values())).size
            if process.size != size:
                text = f"has {process.size} parameters where others have {size}"
                yield self.lose(job, Trouble(peer, text))

    def warm(self, job: str, turns: int) -> Generator[Line, None, list[Process]]:
        """Run first turns; return the peers that take part, yield notes on the others."""
        racing: dict[str, float] = {}
        longest = 0.0
        for peer, process in list(self.alive.items()):
            fixed = peer in (OURS, KERAS)
            try:
                first = process.run(job, limit=PATIENCE if fixed else limit(longest))
                seconds = [process.run(job) for _ in range(turns - 1)] or [first]
            except Trouble as trouble:
                yield self.lose(job, trouble)
                continue
            longest = max(longest, first) if fixed else longest
            least = racing.get(OURS, 0.0)
            if not fixed and seconds[-1] > max(TURN_SECONDS[peer], 4 * least):
                text = f"sits out: {seconds[-1]:.1f} s a turn, kerasish {least:.1f} s"
                yield note(self.workload, job, Trouble(peer, text))
            else:
                racing[peer] = seconds[-1]
        return [self.alive[peer] for peer in racing]

    def lose(self, job: str, trouble: Trouble) -> Line:
        """Drop a peer; one that was too slow is started again for the next job."""
        self.alive.pop(trouble.peer).close()
        if isinstance(trouble, TooSlow):
            self._waiting.append(trouble.peer)
        return note(self.workload, job, trouble)
