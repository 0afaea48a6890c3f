"""One peer in its own process: reads a job a line, answers in JSON with its seconds.

Jobs come on the standard input, answers go to a file descriptor:
echo '{"do": "train", "args": [1], "times": 1}' | python -m benchmarks.serve PEER WORKLOAD SAMPLES 1
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from typing import Any

from benchmarks.workloads import WORKLOADS


def held(what: str) -> float:
    """Return the MiB of memory that this process holds (`VmRSS`), or held at most (`VmHWM`)."""
    try:
        with open("/proc/self/status") as file:
            kilobytes = next(int(line.split()[1]) for line in file if line.startswith(what))
        return kilobytes / 1024
    except OSError:
        # Elsewhere only the most is known. On Linux it would count the parent's memory too:
        # that of the moment before this program took its place.
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def device() -> tuple[str, float]:
    """Return what kind of device computes, and the MiB that it held at most, 0 if unknown."""
    if "jax" in sys.modules:
        first = sys.modules["jax"].devices()[0]
        return first.device_kind, (first.memory_stats() or {}).get("peak_bytes_in_use", 0) / 2**20
    cuda = sys.modules["torch"].cuda
    if cuda.is_initialized():
        return cuda.get_device_name(), cuda.max_memory_allocated() / 2**20
    return "cpu", 0


def main(name: str, workload: str, samples: str, descriptor: str) -> None:
    answers = os.fdopen(int(descriptor), "w")

    def answer(**fields: Any) -> None:
        answers.write(json.dumps(fields) + "\n")
        answers.flush()

    try:
        module = importlib.import_module(f"benchmarks.peers.{name}")
    except ModuleNotFoundError as error:
        answer(missing=error.name)
        return
    imported = held("VmRSS")
    peer = module.Peer(WORKLOADS[workload].with_samples(int(samples)))
    answer(size=peer.size, device=device()[0])
    for line in sys.stdin:
        job = json.loads(line)
        start = time.perf_counter()
        value = [getattr(peer, job["do"])(*job["args"]) for _ in range(job["times"])][-1]
        seconds = time.perf_counter() - start
        memory = {"imports": imported, "peak": held("VmHWM"), "device": device()[1]}
        value = None if job["do"] == "predict" else value
        answer(seconds=seconds, value=value, memory=memory)


if __name__ == "__main__":
    main(*sys.argv[1:])
