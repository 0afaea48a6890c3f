"""Where the time goes: what explains a figure of the tables.

python -m benchmarks.profile transformer train --peer jax_scan
python -m benchmarks.profile deep_dense first --peer keras_fit

Of a pass over the data it tells how long a call takes, how long the compiled programs in it take
when each is waited for, what XLA's operations take, by kind, and what Python does around them. Of
a first epoch it tells the stages, and what each compiled program costs. Each peer is looked at in
a process of its own, one after the other: its parts are to be compared, not the last percents.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.look import KINDS, OTHERS, first, look
from benchmarks.process import OURS, PEERS, TORCH
from benchmarks.ratios import NOTHING, table
from benchmarks.record import Line, Record, header
from benchmarks.workloads import WORKLOADS

__all__ = ["format_profile"]

JOBS = ("train", "evaluate", "predict", "first")
# Of modules and operations, the slowest.
_SHOWN = 6

Peers = dict[str, dict[str, Any]]


def format_profile(line: Line) -> str:
    """Return a profile in Markdown."""
    peers: Peers = line["peers"]
    rows = _first_rows(peers) if line["job"] == "first" else _rows(peers)
    workload = WORKLOADS[line["workload"]]
    unit = "s" if line["job"] == "first" else "ms a pass"
    head = [f"{unit} (how many)", *(f"`{peer}`" for peer in peers)]
    title = f"### {workload.title} ({workload.batch}), {line['job']}"
    parts = [title, table(head, rows), *_lists(line["job"], peers), f"`{line['command']}`"]
    return "\n\n".join(parts)


def _rows(peers: Peers) -> list[list[str]]:
    one = lambda key: [_ms(each[key]) for each in peers.values()]
    programs = [f"{_ms(each['programs'])} ({each['runs']:.0f})" for each in peers.values()]
    around = [_ms(each["call"] - each["programs"]) for each in peers.values()]
    rows = [["a call", *one("call")], ["its compiled programs", *programs], ["the rest", *around]]
    pages = [f"{each['pages'] / 256:.1f}" for each in peers.values()]
    rows.append(["memory taken from the system, MiB", *pages])
    for kind in (*KINDS, OTHERS):
        found = [each["kinds"].get(kind) for each in peers.values()]
        if any(found):
            rows.append([f"XLA: {kind}", *(_counted(each) for each in found)])
    return rows


def _first_rows(peers: Peers) -> list[list[str]]:
    """Return a row for each stage, and one for each part of compiling, of all programs."""
    every = list(peers.values())
    stages = [[name, *(f"{e['stages'][name]:.2f}" for e in every)] for name in every[0]["stages"]]
    parts = enumerate(("tracing", "lowering", "XLA"))
    for i, name in parts:
        sums = (sum(seconds[i] for seconds in each["compiled"].values()) for each in every)
        stages.append([f"compiling: {name}", *(f"{each:.2f}" for each in sums)])
    return stages


def _lists(job: str, peers: Peers) -> list[str]:
    """Return for each peer what takes most of its time."""
    found = []
    for peer, each in peers.items():
        if job == "first":
            costs = {name: sum(seconds) for name, seconds in each["compiled"].items()}
            found.append(f"- `{peer}`, compiled, s: {_slowest(costs, '{:.2f}'.format)}")
            continue
        operations = {name: seconds for name, (seconds, _) in each["operations"].items()}
        found.append(f"- `{peer}`, Python, ms: {_slowest(each['python'], _ms)}")
        found.append(f"- `{peer}`, operations, ms: {_slowest(operations, _ms)}")
    return ["\n".join(found)]


def _slowest(costs: dict[str, float], number: Callable[[float], str]) -> str:
    chosen = sorted(costs.items(), key=lambda item: -item[1])[:_SHOWN]
    return ", ".join(f"{name} {number(seconds)}" for name, seconds in chosen)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f}"


def _counted(found: list[float] | None) -> str:
    return NOTHING if found is None else f"{_ms(found[0])} ({found[1]:.0f})"


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile")
    add = parser.add_argument
    add("workload", choices=WORKLOADS)
    add("job", choices=JOBS)
    add("--peer", choices=[peer for peer in PEERS if peer != TORCH], help="beside kerasish")
    add("--calls", type=int, default=20, help="how many to look at")
    add("--quick", action="store_true", help="next to nothing, to see that it works")
    add("--record", type=Path, metavar="FILE", help="add the profile to a file, for the page")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    workload = WORKLOADS[options.workload]
    workload = workload.quick() if options.quick else workload
    peers: Peers = {}
    for peer in dict.fromkeys((OURS, options.peer or OURS)):
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            if options.job == "first":
                work = pool.submit(first, peer, workload)
            else:
                work = pool.submit(look, peer, workload, options.job, options.calls)
            peers[peer] = work.result()
    run = header(arguments, "profile")
    line = {"kind": "profile", "workload": workload.name, "job": options.job, "peers": peers}
    line["command"] = run.pop("command")
    record = Record(options.record)
    record.add(run | line)
    print(format_profile(record.lines[-1]))


if __name__ == "__main__":
    main(sys.argv[1:])
