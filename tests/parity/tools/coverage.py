"""How much of Keras's vocabulary there is here, by namespace.

python -m tests.parity.tools.coverage            # a table, what is missing, the README's figure
python -m tests.parity.tools.coverage --missing  # exit with 1 if anything is that has no reason

`MISSING` lists what is not here, with reasons; a test compares it with what is missing.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import kerasish

os.environ.setdefault("KERAS_BACKEND", "jax")

# What cannot exist without TensorFlow or torch; it is not counted.
FOREIGN = {"layers.TFSMLayer", "layers.TorchModuleWrapper"}

# Methods that make no sense here, with the reason in docs/keras-differences.md.
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

_PREPARES = "prepares or augments data; the input pipeline does it"
_DISTRIBUTES = "spreads models over devices; `jax.sharding` places arrays"
_QUANTIZES = "quantizes layers, which are not quantized here"
_ARCHIVES = "writes a SavedModel for TensorFlow; `Model.export` writes StableHLO and ONNX"

# What Keras has and is not here: the reason, the namespace, the names.
MISSING = (
    (
        _PREPARES,
        "layers",
        "AugMix AutoContrast CategoryEncoding CenterCrop "
        "ContrastLimitedAdaptiveHistogramEqualization CutMix Discretization Equalization "
        "HashedCrossing Hashing IntegerLookup MaxNumBoundingBoxes MixUp Pipeline RandAugment "
        "RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop "
        "RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale "
        "RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation "
        "RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom Resizing "
        "Solarization StringLookup TextVectorization",
    ),
    (_PREPARES, "utils", "FeatureSpace"),
    (
        _DISTRIBUTES,
        "distribution",
        "DataParallel DeviceMesh LayoutMap ModelParallel TensorLayout distribute_tensor "
        "distribution get_device_count initialize list_devices set_distribution",
    ),
    (
        _QUANTIZES,
        "dtype_policies",
        "AWQDTypePolicy GPTQDTypePolicy Int4DTypePolicy QuantizedDTypePolicy "
        "QuantizedFloat8DTypePolicy",
    ),
    (
        _QUANTIZES,
        "quantizers",
        "AWQConfig Float8QuantizationConfig GPTQConfig Int4QuantizationConfig "
        "Int8QuantizationConfig QuantizationConfig",
    ),
    (_ARCHIVES, "export", "ExportArchive"),
)

CLASSES = ("Model", "Sequential", "Layer", "Loss", "Metric", "Optimizer", "Variable")


class Row(NamedTuple):
    """One namespace or class: what Keras has there, and what of it is missing here."""

    name: str
    known: list[str]
    missing: list[str]

    @property
    def here(self) -> int:
        return len(self.known) - len(self.missing)


def namespaces(module: Any = None, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield every public module of Keras, and the names in it that are not modules."""
    module = module or importlib.import_module("keras")
    names = [name for name in sorted(dir(module)) if not name.startswith("_")]
    inner = [name for name in names if inspect.ismodule(getattr(module, name))]
    yield path, [name for name in names if name not in inner]
    for name in inner:
        deeper = getattr(module, name)
        # Not what a module imports from outside, and not Keras's private sources.
        if deeper.__name__.startswith("keras.") and not deeper.__name__.startswith("keras.src"):
            yield from namespaces(deeper, f"{path}.{name}".lstrip("."))


def _find(library: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        library = getattr(library, name, None)
    return library


def rows() -> list[Row]:
    """Compare all public modules."""
    found = []
    for path, names in namespaces():
        known = [name for name in names if f"{path}.{name}" not in FOREIGN]
        ours = _find(kerasish, path)
        if known:
            found.append(Row(path, known, [name for name in known if not hasattr(ours, name)]))
    return found


def class_rows() -> list[Row]:
    """Compare the members of the classes that users derive from."""
    keras = importlib.import_module("keras")
    found = []
    for path in CLASSES:
        theirs, ours = getattr(keras, path), getattr(kerasish, path)
        known = [name for name in dir(theirs) if not name.startswith("_") and name not in REFUSED]
        found.append(Row(path, known, [name for name in known if not _has(ours, name)]))
    return found


def _has(ours: Any, name: str) -> bool:
    # What only instances have, such as `Variable.shape`, is named in `__init__` or annotated.
    return hasattr(ours, name) or f"self.{name}" in inspect.getsource(ours)


def reasons() -> dict[str, str]:
    """Return why each name in `MISSING` is not here."""
    return {f"{path}.{name}": reason for reason, path, names in MISSING for name in names.split()}


def unexplained(found: list[Row]) -> list[str]:
    """Return the names that are missing and not in `MISSING`."""
    missing = [f"{row.name}.{name}".lstrip(".") for row in found for name in row.missing]
    return [name for name in missing if name not in reasons()]


def figure(found: list[Row]) -> str:
    """Return the figure that the README has."""
    known, here = sum(len(row.known) for row in found), sum(row.here for row in found)
    return f"{here:,} of {known:,} public names ({100 * here / known:.1f} %)"


def main() -> int:
    """Print the table."""
    found, members = rows(), class_rows()
    print(f"{'namespace':<36}{'in Keras':>9}{'here':>7}{'share':>8}")
    for row in (*found, *members):
        known = len(row.known)
        print(f"{row.name or 'keras':<36}{known:>9}{row.here:>7}{100 * row.here / known:>7.1f}%")
        if row.missing:
            print(f"    missing: {', '.join(row.missing)}")
    print(f"\n{figure(found)}, in {len(found)} namespaces")
    print(*sorted({f"not here: what {reason}" for reason, _, _ in MISSING}), sep="\n")
    return 1 if unexplained([*found, *members]) and "--missing" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
