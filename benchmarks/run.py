"""Compare the peers: processes that stay alive take turns, and each round gives one ratio.

python -m benchmarks.run --help
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Plan, firsts, turns, watched
from benchmarks.page import page, tables
from benchmarks.process import KERAS, OURS, PEERS
from benchmarks.record import Line, Record, header, read
from benchmarks.workloads import WORKLOADS, Workload

JOBS = ("train", "evaluate", "predict", "watched")


def _names(known: Collection[str]) -> Any:
    def parse(text: str) -> list[str]:
        names = text.split(",")
        wrong = [name for name in names if name not in known]
        if wrong:
            message = f"there is no {', '.join(wrong)}; choose from {', '.join(known)}"
            raise argparse.ArgumentTypeError(message)
        return [name for name in known if name in names]

    return parse


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    add = parser.add_argument
    add("--workloads", type=_names(WORKLOADS), default=list(WORKLOADS), metavar="NAME,NAME")
    add("--peers", type=_names(PEERS), default=list(PEERS), metavar="NAME,NAME")
    add("--jobs", type=_names(JOBS), default=list(JOBS), metavar="NAME,NAME")
    add("--rounds", type=int, default=Plan.rounds, help="turns of each peer")
    add("--first", action="store_true", help="measure fresh processes and memory too")
    add("--only-first", action="store_true", help="measure nothing else")
    add("--first-rounds", type=int, default=Plan.firsts, help="fresh processes of each peer")
    add("--quick", action="store_true", help="next to nothing, to see that it works")
    add("--record", type=Path, metavar="FILE", help="add each round to a file as it is measured")
    add("--from", type=Path, nargs="+", dest="sources", metavar="RECORD", help="measure nothing")
    add("--write", type=Path, metavar="FILE", help="write a page in Markdown")
    options = parser.parse_args(arguments)
    if OURS not in options.peers:
        options.peers.insert(0, OURS)
    missing = [str(path) for path in options.sources or () if not path.is_file()]
    if missing:
        parser.error(f"there is no record {', '.join(missing)}")
    return options


def measured(workload: Workload, options: argparse.Namespace) -> Iterator[Line]:
    """Yield the lines of one workload."""
    plan = Plan(options.rounds, options.first_rounds)
    if options.quick:
        workload, plan = workload.quick(), Plan(rounds=2, firsts=1, warm_up=1)
    if not options.only_first:
        jobs = [job for job in options.jobs if job != "watched"]
        yield from turns(workload, options.peers, jobs, plan)
        if "watched" in options.jobs and KERAS in options.peers:
            yield from watched(workload, plan)
    if options.first or options.only_first:
        yield from firsts(workload, options.peers, "train", plan)
        pair = [peer for peer in options.peers if peer in (OURS, KERAS)]
        yield from firsts(workload, pair, "validated", plan)


def measure(options: argparse.Namespace, arguments: list[str]) -> list[Line]:
    """Measure what is asked for; show the tables of each workload when it is done."""
    record = Record(options.record)
    record.add(header(arguments))
    try:
        for name in options.workloads:
            say(f"{name} ...")
            done = len(record.lines)
            for line in measured(WORKLOADS[name], options):
                record.add(line)
            if len(options.workloads) > 1:
                say("\n\n".join([*tables(record.lines[done:]), ""]))
    except KeyboardInterrupt:
        say("stopped; this is what there is:")
    return record.lines


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> None:
    options = parse(arguments)
    lines = read(options.sources) if options.sources else measure(options, arguments)
    print("\n\n".join(tables(lines)))
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(page(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
