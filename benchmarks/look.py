"""Where the time of one peer goes, measured within its process.

Call these functions in a fresh process: what they measure must be configured before JAX is
imported.
"""

from __future__ import annotations

import cProfile
import importlib
import os
import pstats
import re
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.workloads import Workload

__all__ = ["KINDS", "first", "look"]

Seconds = dict[str, list[float]]

# Kinds of XLA's operations, by what is in them; the first that fits, else elementwise.
KINDS = {
    "convolutions": "convolution",
    "matrix products": "dot",
    "scatters": "scatter",
    "gathers": "gather",
    "sums and maxima": "reduce|reduce-window",
    "custom calls": "custom-call",
    "slices, copies, transposes": "copy|transpose|dynamic-slice|dynamic-update-slice|concatenate",
}
OTHERS = "elementwise"
# Turns before anything is looked at: kerasish learns from them how long a step takes.
_WARM_UP = 4
_INSTRUCTION = re.compile(r"^ +(?:ROOT )?%?(\S+) = .*? ([a-z-]+)\((.*)", re.MULTILINE)


def look(name: str, workload: Workload, job: str, calls: int) -> dict[str, Any]:
    """Return where the time of a peer's calls goes.

    Args:
        name: of the peer.
        workload: what it works on.
        job: `"train"`, `"evaluate"` or `"predict"`.
        calls: how many to look at.

    Returns:
        Of a pass over the data: seconds of a `call` as it is; seconds in compiled `programs`, each
        waited for, and how many `runs`; `pages` of 4 KiB that were taken from the system; seconds
        in `python` by module, under its profiler; seconds and numbers of XLA's operations, by
        `kinds` and by name.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XLA_FLAGS"] = f"--xla_dump_to={folder} {os.environ.get('XLA_FLAGS', '')}"
        peer = importlib.import_module(f"benchmarks.peers.{name}").Peer(workload)
        passes = workload.epochs if job == "train" else 1
        turn = (lambda: peer.train(passes)) if job == "train" else getattr(peer, job)
        for _ in range(_WARM_UP):
            turn()
        sums = _calls(peer, turn, calls) | {"pages": _pages(turn)}
        python = _by_module(turn, calls)
        kinds, operations = _by_operation(turn, Path(folder))
    each = lambda table: {key: [value / passes for value in found] for key, found in table.items()}
    return {key: value / passes for key, value in sums.items()} | {
        "python": {module: own / passes for module, own in python.items()},
        "kinds": each(kinds),
        "operations": each(operations),
    }


def first(name: str, workload: Workload) -> dict[str, Any]:
    """Return where the time of a first epoch goes: seconds by stage, and by compiled program."""
    stages = {"imports": _seconds(lambda: importlib.import_module(f"benchmarks.peers.{name}"))}
    monitoring = importlib.import_module("jax.monitoring")
    programs: Seconds = defaultdict(lambda: [0.0, 0.0, 0.0])
    events = ("jaxpr_trace_duration", "jaxpr_to_mlir_module_duration", "backend_compile_duration")

    def note(event: str, seconds: float, fun_name: str = "", **_: Any) -> None:
        found = event.rsplit("/", 1)[-1]
        if found in events:
            programs[fun_name.removeprefix("jit_")][events.index(found)] += seconds

    monitoring.register_event_duration_secs_listener(note)
    peers: list[Any] = []
    module = importlib.import_module(f"benchmarks.peers.{name}")
    stages["data and model"] = _seconds(lambda: peers.append(module.Peer(workload)))
    stages["first epoch"] = _seconds(lambda: peers[0].train(1))
    stages["second epoch"] = _seconds(lambda: peers[0].train(1))
    return {"stages": stages, "compiled": dict(programs)}


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _pages(turn: Callable[[], Any]) -> int:
    """Return how many zeroed memory pages a turn takes from the system."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    turn()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def _calls(peer: Any, turn: Callable[[], Any], calls: int) -> dict[str, float]:
    """Return the seconds of a turn, and those in its compiled programs if each is waited for.

    The two kinds of turns alternate, so that what drifts favours neither.
    """
    wait = importlib.import_module("jax").block_until_ready
    taken: list[float] = []

    def timed(program: Any) -> Any:
        def run(*args: Any, **how: Any) -> Any:
            start = time.perf_counter()
            found = wait(program(*args, **how))
            taken.append(time.perf_counter() - start)
            return found

        return run

    holder, names = _programs(peer)
    plain = {name: getattr(holder, name) for name in names if getattr(holder, name, None)}
    whole, within = [], []
    for _ in range(calls):
        whole.append(_seconds(turn))
        taken.clear()
        for name, program in plain.items():
            setattr(holder, name, timed(program))
        turn()
        for name, program in plain.items():
            setattr(holder, name, program)
        within.append(sum(taken))
    median = statistics.median
    return {"call": median(whole), "programs": median(within), "runs": len(taken)}


def _programs(peer: Any) -> tuple[Any, tuple[str, ...]]:
    """Return what calls the compiled programs of a peer: an object, and attributes of it."""
    model = getattr(peer, "model", None)
    if model is None:
        return peer, ("_train", "_test", "_predict")
    if hasattr(model, "_kerasish_engine"):
        return model._kerasish_engine.programs, ("run",)
    return model, ("train_function", "test_function", "predict_function")


def _by_module(turn: Callable[[], Any], calls: int) -> dict[str, float]:
    """Return the seconds of a turn by Python module, what is not Python with its caller."""
    profile = cProfile.Profile(builtins=False)
    with profile:
        for _ in range(calls):
            turn()
    found: dict[str, float] = defaultdict(float)
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (path, _, function), (_, _, own, _, _) in stats.items():
        found[_module(path, function)] += own / calls
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _module(path: str, function: str) -> str:
    """Return what a function is reported under: libraries as one, ours by module."""
    if function == "try_to_block":
        return "waiting"
    for library in ("jax", "numpy", "optax"):
        if f"site-packages/{library}/" in path:
            return library
    return "/".join(Path(path).with_suffix("").parts[-2:])


def _by_operation(turn: Callable[[], Any], dumped: Path) -> tuple[Seconds, Seconds]:
    """Return seconds and numbers of XLA's operations in a turn, by kind and by name."""
    profiler = importlib.import_module("jax.profiler")
    options = profiler.ProfileOptions()
    options.python_tracer_level = 0
    with tempfile.TemporaryDirectory() as folder:
        with profiler.trace(folder, profiler_options=options):
            turn()
        (path,) = Path(folder).rglob("*.xplane.pb")
        events = list(_events(profiler.ProfileData.from_file(str(path))))
    known = {module: _kinds(dumped, module) for module in {module for module, _, _ in events}}
    kinds: Seconds = defaultdict(lambda: [0.0, 0.0])
    names: Seconds = defaultdict(lambda: [0.0, 0.0])
    for module, name, seconds in events:
        kind = known[module].get(name, OTHERS)
        for table, key in ((kinds, kind), (names, f"{name} ({kind})")):
            table[key][0] += seconds
            table[key][1] += 1
    return dict(kinds), dict(sorted(names.items(), key=lambda item: -item[1][0]))


def _events(profile: Any) -> Iterator[tuple[str, str, float]]:
    """Yield module, name and seconds of each operation, but not of what holds others."""
    for plane in profile.planes:
        for line in plane.lines:
            for event in line.events:
                stats = dict(event.stats)
                holds = event.name.startswith(("end: ", "while", "call", "conditional"))
                if "hlo_op" in stats and not holds:
                    yield stats["hlo_module"], event.name, event.duration_ns / 1e9


def _kinds(dumped: Path, module: str) -> dict[str, str]:
    """Return the kinds of the operations of a module, by name, as XLA has written them down."""
    kinds: dict[str, str] = {}
    for path in sorted(dumped.glob(f"*.{module}.*after_optimizations.txt")):
        text = path.read_text()
        within = dict(re.findall(r"^%?(\S+) \(.*?\{\n(.*?)^\}", text, re.M | re.S))
        for name, operation, rest in _INSTRUCTION.findall(text):
            called = re.search(r"calls=%?([^,\s]+)", rest)
            body = within.get(called[1], "") if called else f" {operation}("
            fits = (kind for kind, what in KINDS.items() if re.search(f" ({what})\\(", body))
            kinds[name] = next(fits, OTHERS)
    return kinds
