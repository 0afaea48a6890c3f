"""Compare the peers: processes that stay alive take turns, and each round gives one ratio.

python -m benchmarks.run --help
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.workloads import WORKLOADS, Workload

OURS, KERAS, LOOPS = "kerasish_fit", "keras_fit", ("jax_loop", "jax_scan")
PEERS = (OURS, KERAS, *LOOPS, "torch_eager")
JOBS = ("train", "evaluate", "predict")
ROOT = Path(__file__).parent.parent

# Turns before the clock counts: to compile, and for kerasish to learn how long a step takes.
WARM_UP = 3
# A peer whose turn takes longer than this takes part in two rounds only,
SLOW_SECONDS = 4.0
# and one whose turn takes longer than this in none: that says enough.
HOPELESS_SECONDS = 15.0

Seconds = dict[str, list[float]]


class Process:
    """A peer in its own process.

    Args:
        peer: a module of `benchmarks.peers`.
        workload: what it trains.
    """

    def __init__(self, peer: str, workload: Workload) -> None:
        self.peer = peer
        self.workload = workload
        self.memory = 0.0
        self.value: Any = None
        command = [sys.executable, "-m", "benchmarks.serve", peer, workload.name]
        # A cache of compiled programs would make a second first epoch out of the first.
        environment = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"}
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        told = self._read()
        self.missing: str | None = told.get("missing")
        self.size: int | None = told.get("size")

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"{self.peer} broke off at {self.workload.name}; to see why, run: echo | "
                f"python -m benchmarks.serve {self.peer} {self.workload.name}"
            )
        return json.loads(line)

    def run(self, job: str, epochs: int | None = None) -> float:
        """Return how many seconds a turn takes: some epochs, or as many passes over the data."""
        assert self._process.stdin is not None
        count = epochs or self.workload.epochs
        args, times = ([count], 1) if job == "train" else ([], count)
        self._process.stdin.write(json.dumps({"do": job, "args": args, "times": times}) + "\n")
        self._process.stdin.flush()
        told = self._read()
        self.memory = told["memory"]
        self.value = told["value"]
        return float(told["seconds"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def started(peers: list[str], workload: Workload) -> Iterator[list[Process]]:
    """Start the peers that can be started, and end them afterwards."""
    processes: list[Process] = []
    try:
        for peer in peers:
            process = Process(peer, workload)
            if process.missing:
                say(f"{peer} is left out: {process.missing} is not installed")
                process.close()
                continue
            processes.append(process)
        sizes = {process.peer: process.size for process in processes}
        if len(set(sizes.values())) > 1:
            raise RuntimeError(f"The peers do not train the same {workload.name}: {sizes}")
        yield processes
    finally:
        for process in processes:
            if not process.missing:
                process.close()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure(workload: Workload, peers: list[str], jobs: list[str], rounds: int) -> dict:
    """Return the seconds of each turn, by job and peer; each round starts with another peer."""
    with started(peers, workload) as processes:
        found: dict[str, Seconds] = {}
        for job in jobs:
            warmed = {process.peer: _warmed(process, job) for process in processes}
            taking = [p for p in processes if _takes_part(p, job, warmed[p.peer])]
            seconds = found[job] = {process.peer: [] for process in taking}
            for number in range(rounds):
                turn = number % len(taking)
                for process in taking[turn:] + taking[:turn]:
                    if number < 2 or warmed[process.peer] <= SLOW_SECONDS:
                        seconds[process.peer].append(process.run(job))
            say(_line(workload.name, job, seconds))
            if job == "train":
                losses = (f"{process.peer} {process.value:.4f}" for process in processes)
                say(f"  last losses: {', '.join(losses)}")
    return found


def _warmed(process: Process, job: str) -> float:
    seconds = process.run(job)  # this one compiles
    for _ in range(WARM_UP - 1):
        seconds = process.run(job)
        if seconds > SLOW_SECONDS:
            break
    return seconds


def _takes_part(process: Process, job: str, warmed: float) -> bool:
    if warmed <= HOPELESS_SECONDS or process.peer == OURS:
        return True
    say(f"{process.peer} is left out of {process.workload.name} {job}: {warmed:.0f} s a turn")
    return False


def _line(name: str, job: str, seconds: Seconds) -> str:
    medians = (f"{peer} {statistics.median(each):.4f} s" for peer, each in seconds.items())
    return f"{name} {job}: {', '.join(medians)}"


def measure_first(workload: Workload, peers: list[str], rounds: int) -> tuple[Seconds, Seconds]:
    """Return seconds from nothing to the end of the first epoch, and MiB of memory at most."""
    seconds: Seconds = {}
    memory: Seconds = {}
    for _ in range(rounds):
        for peer in peers:
            start = time.perf_counter()
            with started([peer], workload) as processes:
                for process in processes:
                    process.run("train", epochs=1)
                    seconds.setdefault(peer, []).append(time.perf_counter() - start)
                    memory.setdefault(peer, []).append(process.memory)
    say(_line(workload.name, "first epoch", seconds))
    return seconds, memory


# Tables.


def ratios(seconds: Seconds, over: str, under: str) -> list[float]:
    """Return the paired ratios of two peers, one of each round that both took part in."""
    return [a / b for a, b in zip(seconds[over], seconds[under], strict=False)]


def better_loop(seconds: Seconds) -> str | None:
    loops = [peer for peer in LOOPS if peer in seconds]
    return min(loops, key=lambda peer: statistics.median(seconds[peer]), default=None)


def spread(values: list[float], digits: int = 2) -> str:
    median, least, most = statistics.median(values), min(values), max(values)
    return f"**{median:.{digits}f}** ({least:.{digits}f} to {most:.{digits}f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _against(seconds: Seconds) -> list[str]:
    """Return the columns of `_COLUMNS` for one workload."""
    keras = spread(ratios(seconds, KERAS, OURS)) if KERAS in seconds else "-"
    loop = better_loop(seconds)
    ours = f"{spread(ratios(seconds, OURS, loop))} of `{loop}`" if loop else "-"
    columns = [keras, ours]
    if "torch_eager" in seconds:
        columns.append(spread(ratios(seconds, "torch_eager", OURS)))
    return columns


def _columns(found: list[Seconds]) -> list[str]:
    columns = ["against Keras, times faster", "against the better JAX loop, of its time"]
    torch = any("torch_eager" in seconds for seconds in found)
    return columns + ["against eager PyTorch, times faster"] * torch


def job_table(found: dict[str, Seconds], unit: str) -> str:
    """Return the ratios of one job, and our milliseconds for a step."""
    head = ["workload", *_columns(list(found.values())), unit]
    rows = []
    for name, seconds in found.items():
        steps = WORKLOADS[name].steps * WORKLOADS[name].epochs
        step = 1000 * statistics.median(seconds[OURS]) / steps
        rows.append([name, *_against(seconds), f"{step:.3f}"])
    return table(head, rows)


def first_tables(found: dict[str, tuple[Seconds, Seconds]]) -> str:
    columns = _columns([seconds for seconds, _ in found.values()])
    times = [
        [name, *_against(seconds), f"{statistics.median(seconds[OURS]):.1f}"]
        for name, (seconds, _) in found.items()
    ]
    peers = list(dict.fromkeys(peer for _, memory in found.values() for peer in memory))
    memories = [
        [name, *(f"{statistics.median(memory[p]):.0f}" if p in memory else "-" for p in peers)]
        for name, (_, memory) in found.items()
    ]
    return (
        "## From nothing to the end of the first epoch\n\n"
        "A fresh process: imports, data, building, compiling, one epoch.\n\n"
        + table(["workload", *columns, "kerasish, s"], times)
        + "\n\n## Memory\n\nThe most that the process held until then, in MiB.\n\n"
        + table(["workload", *(f"`{peer}`" for peer in peers)], memories)
    )


def job_tables(found: dict[str, dict[str, Seconds]], rounds: int) -> str:
    parts = []
    titles = {"train": "Training", "evaluate": "Evaluation", "predict": "Prediction"}
    for job, title in titles.items():
        jobs = {name: by_job[job] for name, by_job in found.items() if job in by_job}
        if jobs:
            parts.append(f"## {title}\n\n{job_table(jobs, 'kerasish, ms a step')}")
    note = f"\n\nMedian of {rounds} rounds, least and most of them in parentheses."
    return "\n\n".join(parts) + note


# The page.


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in ("kerasish", "jax", "keras", "optax", "torch"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def page(tables: list[str], arguments: list[str]) -> str:
    """Return the tables with all that one must know to believe or repeat them."""
    command = shlex.join(["python", "-m", "benchmarks.run", *arguments])
    return (
        "# Performance\n\n"
        "How long kerasish takes, compared with Keras on JAX and with training loops in JAX "
        "written by hand. All train the same model on the same data; "
        "`benchmarks/README.md` says how.\n\n"
        f"- {datetime.date.today().isoformat()}; {_versions()}\n"
        f"- {_processor()}, {os.cpu_count()} cores, {platform.system()}\n"
        f"- made by `{command}`\n\n" + "\n\n".join(tables) + "\n"
    )


def _names(known: Any) -> Any:
    def parse(text: str) -> list[str]:
        names = text.split(",")
        wrong = [name for name in names if name not in known]
        if wrong:
            told = f"there is no {', '.join(wrong)}; choose from {', '.join(known)}"
            raise argparse.ArgumentTypeError(told)
        return names

    return parse


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--workloads", type=_names(WORKLOADS), default=list(WORKLOADS))
    parser.add_argument("--peers", type=_names(PEERS), default=list(PEERS))
    parser.add_argument("--jobs", type=_names(JOBS), default=list(JOBS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--first", action="store_true", help="measure fresh processes too, in 3 rounds"
    )
    parser.add_argument("--only-first", action="store_true", help="measure nothing else")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write a page in Markdown")
    options = parser.parse_args(arguments)
    if OURS not in options.peers:
        options.peers.insert(0, OURS)
    return options


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    tables = []
    workloads = [WORKLOADS[name] for name in options.workloads]
    if not options.only_first:
        found = {w.name: measure(w, options.peers, options.jobs, options.rounds) for w in workloads}
        tables.append(job_tables(found, options.rounds))
    if options.first or options.only_first:
        firsts = {w.name: measure_first(w, options.peers, 3) for w in workloads}
        tables.append(first_tables(firsts))
    print("\n\n".join(tables))
    if options.write:
        options.write.write_text(page(tables, arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
