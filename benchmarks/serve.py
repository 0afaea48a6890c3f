"""One peer in its own process: reads a job a line, answers in JSON with its seconds."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from typing import Any

from benchmarks.workloads import WORKLOADS


def main(name: str, workload: str) -> None:
    # What a library prints shall not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**told: Any) -> None:
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    try:
        module = importlib.import_module(f"benchmarks.peers.{name}")
    except ModuleNotFoundError as error:
        answer(missing=error.name)
        return
    peer = module.Peer(WORKLOADS[workload])
    answer(size=peer.size)
    for line in sys.stdin:
        job = json.loads(line)
        start = time.perf_counter()
        value = [getattr(peer, job["do"])(*job["args"]) for _ in range(job["times"])][-1]
        seconds = time.perf_counter() - start
        # Kilobytes on Linux.
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        value = None if job["do"] == "predict" else value
        answer(seconds=seconds, value=value, memory=memory)


if __name__ == "__main__":
    main(*sys.argv[1:])
