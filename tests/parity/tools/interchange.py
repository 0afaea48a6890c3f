"""What is saved on one side goes on on the other: files of many architectures, in both directions.

python -m tests.parity.tools.interchange                      # a table; exits with 1 on a miss
python -m tests.parity.tools.interchange --only u_net siamese # of these
python -m tests.parity.tools.interchange --write docs/interchange.md  # the page, with the table
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from tests.compiling import compile_fast, keep_programs

from .architectures import ARCHITECTURES, Architecture
from .oracle import keras, kerasish

__all__ = ["DIRECTIONS", "Differences", "cross", "misses"]

# From which library to which.
DIRECTIONS = {"Keras → kerasish": (keras, kerasish), "kerasish → Keras": (kerasish, keras)}
# Adam and its kin enlarge what rounding leaves of a gradient.
TRAINED = 1e-4


class Differences(NamedTuple):
    """How far two models are from each other: absolutely, and relatively to values above 1.

    Attributes:
        model: predictions of the model in a `.keras` file.
        weights: predictions with a `.weights.h5` file, in a model built with other weights.
        training: losses and weights after more training on both sides; None without any.
    """

    model: float
    weights: float
    training: float | None


def cross(which: Architecture, source: Any, target: Any, folder: Path) -> Differences:
    """Train a model in one library, take it to the other by files, and go on in both."""
    model = _fresh(which, source, seed=0)
    _train(model, which)
    model.save(folder / "m.keras")
    model.save_weights(folder / "m.weights.h5")
    expected = model.predict(which.x, verbose=0)
    assert all(abs(each).max() > 1e-3 for each in jax.tree.leaves(expected)), "nothing to compare"
    # Made first, since it registers classes of its own.
    twin = _fresh(which, target, seed=1)
    twin.optimizer.build(twin.trainable_variables)
    twin.load_weights(folder / "m.weights.h5")
    loaded = target.saving.load_model(folder / "m.keras")
    whole, weights = (
        _difference(each.predict(which.x, verbose=0), expected) for each in (loaded, twin)
    )
    if which.y is None:
        return Differences(whole, weights, None)
    after = [(_train(each, which), each.get_weights()) for each in (loaded, model)]
    return Differences(whole, weights, _difference(*after))


def misses(which: Architecture, found: Differences) -> list[str]:
    """Return what is further away than it may be."""
    limits = (which.precision, which.precision, max(which.precision, TRAINED))
    return [
        f"{name} of {which.name}: {value:.1e} above {limit:.1e}"
        for name, value, limit in zip(found._fields, found, limits, strict=True)
        if value is not None and not value <= limit
    ]


def _fresh(which: Architecture, library: Any, seed: int) -> Any:
    library.utils.set_random_seed(seed)
    model = which.make(library)
    model.compile(**which.compile(library))
    return model


def _train(model: Any, which: Architecture) -> dict[str, list[float]]:
    """Train for two steps; return the logs."""
    if which.y is None:
        return {}
    settings = {"batch_size": 2, "shuffle": False, "verbose": 0}
    history: dict[str, list[float]] = model.fit(which.x, which.y, **settings).history
    return history


def _difference(found: Any, expected: Any) -> float:
    """Return the largest difference between arrays in equal structures."""
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    pairs = zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True)
    wide = [[np.asarray(each, "float64") for each in pair] for pair in pairs]
    assert all(a.shape == b.shape for a, b in wide)
    return max(float(np.max(abs(a - b) / np.maximum(1.0, abs(b)), initial=0.0)) for a, b in wide)


# The page.

PAGE = """# Interchange with Keras

Files work in both directions: kerasish continues from files that Keras saved, and Keras from files
that kerasish saved. Each architecture below is built, trained for two steps and saved in one
library. The other loads the whole model from the `.keras` file, and the weights from the
`.weights.h5` file into a model that it built with other weights. Then both train for two more
steps, with the optimizer state from the file.

- **model**, **weights**: the largest difference between predictions, with either file.
- **training**: the largest difference between the losses, metrics and weights after it.

Differences are absolute, and relative to values above 1. Up to 1e-5 is allowed for predictions and
up to {trained:.0e} for training; mixed precision has 8 bits, and so up to {half:.0e}. The command
fails beyond it. {count} architectures in either direction:

    python -m tests.parity.tools.interchange --write docs/interchange.md

The models are defined in `tests/parity/tools/architectures/`. Custom classes and functions are
registered under the same names in both libraries; a file does not contain them. An empty cell means
that the model was not trained. Left out are deliberate differences
([differences](keras-differences.md)) and what no file contains:

- predictions of `SpectralNormalization`;
- a mask that goes around `MultiHeadAttention`;
- the state of stateful layers after training;
- a model that is used both within another one and beside it: a `.keras` file contains it twice, so
  that neither library loads it (but both load its weights).

{table}
{rest}"""

# What follows the table on the page is kept as it is there.
REST = "\n## Legacy HDF5\n"

HEAD = """| architecture | Keras → kerasish: model | weights | training \
| kerasish → Keras: model | weights | training |
|---|---|---|---|---|---|---|"""


def _row(which: Architecture, found: list[Differences]) -> str:
    numbers = ["" if n is None else f"{n:.0e}" if n else "0" for each in found for n in each]
    return f"| {' | '.join([which.name.replace('_', ' '), *numbers])} |"


def _rows(names: list[str], missed: list[str]) -> Iterator[str]:
    for name in names:
        which, found = ARCHITECTURES[name], []
        for source, target in DIRECTIONS.values():
            with tempfile.TemporaryDirectory() as folder:
                found.append(cross(which, source, target, Path(folder)))
            missed += misses(which, found[-1])
        jax.clear_caches()  # programs of all would add up to gigabytes
        yield _row(which, found)


def main() -> int:
    """Print the table, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=list(ARCHITECTURES), choices=ARCHITECTURES)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    table, missed = [HEAD], []
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as folder, compile_fast():
        keep_programs(Path(folder))
        warnings.simplefilter("ignore")
        for row in _rows(options.only, missed):
            print(row, flush=True)
            table.append(row)
    for line in missed:
        print(line, file=sys.stderr)
    if options.write and not missed:
        count = len(options.only)
        known = options.write.read_text("utf-8") if options.write.exists() else ""
        rest = "".join(known.partition(REST)[1:])
        rows = "\n".join(table)
        page = PAGE.format(trained=TRAINED, half=2**-7, count=count, table=rows, rest=rest)
        options.write.write_text(page, encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
