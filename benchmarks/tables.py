"""One table for each job."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from benchmarks import targets
from benchmarks.process import KERAS, OURS, PEERS, TORCH
from benchmarks.ratios import NOTHING, better_loop, cell, ratios, table, verdict
from benchmarks.record import Line
from benchmarks.workloads import WORKLOADS

__all__ = ["sections"]

JOBS = {"train": "Training", "evaluate": "Evaluation", "predict": "Prediction"}


def sections(lines: list[Line]) -> list[str]:
    """Return a section in Markdown for everything that was measured."""
    parts = [(title, "", job_table(lines, job)) for job, title in JOBS.items()]
    words = (
        "Training in long epochs, with `EarlyStopping`, `ModelCheckpoint` in each epoch and the "
        "progress bar on a terminal, and without, in the same rounds."
    )
    parts.append(("Training with callbacks", words, watched_table(lines)))
    words = "A fresh process: imports, data, building, compiling, one epoch of so many steps."
    parts.append(("From nothing to the end of the first epoch", words, first_table(lines)))
    words = "The same with a validation after the epoch, on as many samples."
    parts.append(("The first epoch, with validation", words, first_table(lines, "validated")))
    words = "The most that such a process held in main memory until then, in MiB."
    parts.append(("Memory", words, memory_table(lines)))
    words = "The same on the device."
    parts.append(("Memory of the device", words, memory_table(lines, "device")))
    return [
        "\n\n".join(filter(None, (f"## {title}", words, made)))
        for title, words, made in parts
        if made
    ]


def job_table(lines: list[Line], job: str) -> str:
    """Return the ratios of one job, and kerasish's milliseconds for a step."""
    head = [
        "workload (batch)",
        "against Keras, times faster",
        "target",
        "against the better JAX loop, of its time",
        "target",
        "against eager PyTorch, times faster",
        "kerasish, ms a step",
    ]
    rows = []
    for name, rounds in _chosen(lines, "round", job):
        keras = ratios(rounds, KERAS, OURS)
        loop = better_loop(rounds)
        ours = ratios(rounds, OURS, loop) if loop else []
        steps = [r["seconds"][OURS] / (r["steps"] * r["epochs"]) for r in rounds]
        rows.append(
            [
                _title(name),
                cell(keras),
                verdict(keras, targets.AT_LEAST.get((job, name)), least=True),
                f"{cell(ours)} of `{loop}`" if loop else NOTHING,
                verdict(ours, targets.OF_LOOP.get((job, name)), least=False),
                cell(ratios(rounds, TORCH, OURS)),
                f"{1000 * statistics.median(steps):.3f}",
            ]
        )
    return table(head, rows)


def watched_table(lines: list[Line]) -> str:
    """Return the ratios against Keras with callbacks and without, and what the former cost."""
    head = [
        "workload (batch)",
        "against Keras, plain",
        "with callbacks",
        "drop, %",
        "target",
        "kerasish, s an epoch",
        "callbacks, ms an epoch: kerasish, Keras",
    ]
    rows = []
    for name, rounds in _chosen(lines, "round", "watched"):
        pairs = [r for r in rounds if KERAS in r["seconds"]]
        plain, full = ratios(pairs, KERAS, OURS, of="plain"), ratios(pairs, KERAS, OURS)
        drops = [100 * (1 - b / a) for a, b in zip(plain, full, strict=True)]
        epoch = statistics.median(r["plain"][OURS] / r["epochs"] for r in rounds)
        rows.append(
            [
                _title(name),
                cell(plain),
                cell(full),
                cell(drops, 1),
                verdict(drops, targets.DROP, least=False, unit=" %"),
                f"{epoch:.2f}",
                f"{_cost(pairs, OURS)}, {_cost(pairs, KERAS)}",
            ]
        )
    return table(head, rows)


def _cost(rounds: list[Line], peer: str) -> str:
    costs = [(r["seconds"][peer] - r["plain"][peer]) / r["epochs"] for r in rounds]
    return f"{1000 * statistics.median(costs):.0f}" if costs else NOTHING


def first_table(lines: list[Line], job: str = "train") -> str:
    """Return the ratios of fresh processes."""
    head = [
        "workload (batch)",
        "against Keras, of its time",
        "target",
        "against the better JAX loop, of its time",
        "against eager PyTorch, of its time",
        "kerasish, s",
        "Keras, s",
        "steps",
    ]
    rows = []
    for name, rounds in _chosen(lines, "first", job):
        keras = ratios(rounds, OURS, KERAS)
        loop = better_loop(rounds)
        rows.append(
            [
                _title(name),
                cell(keras),
                verdict(keras, targets.FIRST.get(name), least=False),
                f"{cell(ratios(rounds, OURS, loop))} of `{loop}`" if loop else NOTHING,
                cell(ratios(rounds, OURS, TORCH)),
                *(_median((r["seconds"].get(p) for r in rounds), 1) for p in (OURS, KERAS)),
                str(rounds[-1]["steps"]),
            ]
        )
    return table(head, rows)


def memory_table(lines: list[Line], peak: str = "peak") -> str:
    """Return the most MiB that processes held; of main memory also what their imports held."""
    chosen = dict(_chosen(lines, "first", "train"))
    peers = [p for p in PEERS if any(p in r["memory"] for rs in chosen.values() for r in rs)]
    rows = []
    for name, rounds in chosen.items():
        held = [{p: m[peak] for p, m in r["memory"].items() if m[peak]} for r in rounds]
        keras = ratios([{"seconds": each} for each in held], OURS, KERAS)
        figures = [_median((each.get(p) for each in held), 0) for p in peers]
        if peak == "peak":
            imports = ([r["memory"].get(p, {}).get("imports") for r in rounds] for p in peers)
            figures = [f"{a} ({_median(b, 0)})" for a, b in zip(figures, imports, strict=True)]
        if any(held):
            target = verdict(keras, targets.MEMORY, least=False)
            rows.append([_title(name), cell(keras), target, *figures])
    more = " (of them imports)" if peak == "peak" else ""
    columns = [f"`{peer}`{more}" for peer in peers]
    return table(["workload (batch)", "against Keras, of its peak", "target", *columns], rows)


def _chosen(lines: list[Line], kind: str, job: str) -> list[tuple[str, list[Line]]]:
    """Return the rounds of a job by workload, in the order of `WORKLOADS`."""
    rounds = [line for line in lines if line["kind"] == kind and line["job"] == job]
    found = [(name, [r for r in rounds if r["workload"] == name]) for name in WORKLOADS]
    return [(name, each) for name, each in found if each]


def _title(name: str) -> str:
    return f"{WORKLOADS[name].title} ({WORKLOADS[name].batch})"


def _median(values: Iterable[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.{digits}f}" if known else NOTHING
