"""The page of the documentation: tables, and all that one must know to believe or repeat them."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.profile import format_profile
from benchmarks.record import Line
from benchmarks.tables import sections
from benchmarks.workloads import WORKLOADS

__all__ = ["page"]

_WORDS = """\
How long kerasish takes, compared with Keras on JAX, with two training loops in JAX written by
hand (one compiled step for each batch; a whole epoch in one scan) and with an eager loop of
PyTorch. All train the same model on the same data, in processes of their own that take turns;
`benchmarks/README.md` says how.

A figure is the median of the ratios of the rounds, in parentheses the least, the most and the
number of rounds. A difference within that range is noise. Ratios hold for machines of a kind; the
milliseconds are those of this machine while nothing else ran, if nothing did. Where a target is
missed, the row says so."""

_WHY = """\
## Where a target is missed

What the tables, a profile below or a command show:

- 50 Dense(64), against Keras: our step takes what the scanned epoch takes, which is all XLA's.
- 50 Dense(64), the first epoch: imports, tracing and XLA's compiler, which every program needs,
  are nearly all of it. What Keras spends beyond that are imports, and programs for initial weights.
- MLP 16-32-10, beside the scanned loop: the row "the rest" of its profiles is the same for every
  call, however long: the data are looked at and gathered, the weights looked for in the layers, a
  program is dispatched, logs are read. The programs of training and evaluation take more, too:
  like Keras they compute the loss from probabilities, with sums, divisions and a logarithm that
  the loop, which has logits, does not need.
- MLP 16-32-10, with callbacks: Keras becomes faster with them there; the last column tells by how
  much. Ours pay for the thread that writes files.
- MNIST convnet, evaluation and prediction: nearly all is one operation of XLA's, the same in all
  programs, whose time varies. kerasish adds that data are gathered in newly allocated memory
  (`training/data/block.py`), and that the weights are collected (`core/tree.py`).
- LSTMs: most of a step are matrix products that every implementation needs
  (`python -m benchmarks.kernels lstm`)."""

_PROFILES = """\
## Profiles

Of a pass over the data: a call as it is; its compiled programs, each waited for; what is left of
the call; XLA's operations by kind, summed over threads and with the cost of the profiler, which is
much where they are small. Of a first epoch: its stages, without the start of Python. Made by the
command below each."""


def page(lines: list[Line]) -> str:
    """Return the page of a record."""
    runs = [line for line in lines if line["kind"] == "run"]
    devices = _different(line["device"] for line in lines if "device" in line)
    facts = [
        f"- measured on {', '.join(_different(run['date'] for run in runs))}",
        *(f"- {versions}" for versions in _different(run["versions"] for run in runs)),
        *(f"- {machine}" for machine in _different(run["machine"] for run in runs)),
        f"- device: {', '.join(devices)}",
        *(f"- made by `{command}`" for command in _different(run["command"] for run in runs)),
    ]
    profiles = [format_profile(line) for line in lines if line["kind"] == "profile"]
    parts = ["# Performance", _WORDS, "\n".join(facts), *tables(lines), _WHY]
    parts += [_PROFILES, *profiles] if profiles else []
    return "\n\n".join(parts) + "\n"


def tables(lines: list[Line]) -> list[str]:
    """Return the sections of a record; the last says what is not in them."""
    notes = [line for line in lines if line["kind"] == "note"]
    notes_text = _different(f"- {_title(n)}, {n['job']}: `{n['peer']}` {n['text']}" for n in notes)
    return sections(lines) + (["## Left out\n\n" + "\n".join(notes_text)] if notes_text else [])


def _title(line: Line) -> str:
    return WORKLOADS[line["workload"]].title


def _different(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
