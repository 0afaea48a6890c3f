"""How much of Keras's vocabulary there is here, by namespace.

python -m tests.parity.coverage            # a table, and what is missing
python -m tests.parity.coverage --missing  # exit with 1 if anything is
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from typing import Any, NamedTuple

import kerasish

os.environ.setdefault("KERAS_BACKEND", "jax")

# What cannot exist without TensorFlow or torch.
FOREIGN = {"TFSMLayer", "TorchModuleWrapper"}

# What makes no sense here, with the reason in docs/keras-differences.md.
REFUSED = {
    "get_quantization_layer_structure",
    "make_predict_function",
    "make_test_function",
    "make_train_function",
    "quantization_mode",
    "quantize",
    "quantized_build",
    "quantized_call",
}

NAMESPACES = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "callbacks",
    "initializers",
    "regularizers",
    "constraints",
    "activations",
    "ops",
    "random",
    "models",
    "saving",
    "utils",
    "config",
    "applications",
)
CLASSES = ("Model", "Sequential", "Layer", "Loss", "Metric", "Optimizer", "Variable")


class Row(NamedTuple):
    """One namespace: what Keras has there, and what of it is missing here."""

    name: str
    known: list[str]
    missing: list[str]


def _find(library: Any, path: str) -> Any:
    for name in path.split("."):
        library = getattr(library, name, None)
    return library


def _names(thing: Any) -> list[str]:
    return [
        name
        for name in dir(thing)
        if not name.startswith("_")
        and not inspect.ismodule(getattr(thing, name, None))
        and name not in FOREIGN | REFUSED
    ]


def rows() -> list[Row]:
    """Compare all namespaces and classes; layers that prepare data have a row of their own."""
    keras = importlib.import_module("keras")
    found = []
    for path in (*NAMESPACES, *CLASSES):
        theirs, ours = _find(keras, path), _find(kerasish, path)
        parts: dict[str, list[str]] = {}
        for name in _names(theirs):
            home = getattr(getattr(theirs, name), "__module__", None) or ""
            prepares = path == "layers" and ".preprocessing." in home and name != "Rescaling"
            parts.setdefault(f"{path}: preparing" if prepares else path, []).append(name)
        for part, known in parts.items():
            found.append(Row(part, known, [name for name in known if not _has(ours, name)]))
    return found


def _has(ours: Any, name: str) -> bool:
    # What only instances have, such as `Variable.shape`, is named in `__init__` or annotated.
    return hasattr(ours, name) or (
        inspect.isclass(ours) and f"self.{name}" in inspect.getsource(ours)
    )


def main() -> int:
    """Print the table."""
    missing = 0
    print(f"{'namespace':<22}{'in Keras':>9}{'here':>7}{'share':>8}")
    for row in rows():
        here = len(row.known) - len(row.missing)
        missing += len(row.missing)
        print(f"{row.name:<22}{len(row.known):>9}{here:>7}{100 * here / len(row.known):>7.1f}%")
        if row.missing:
            print(f"    missing: {', '.join(row.missing)}")
    return 1 if missing and "--missing" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
