"""Loading of image datasets: find or download, decode once, cache."""

from __future__ import annotations

import sys
from pathlib import Path

from kerasish.core.settings.cache import cache_folder
from kerasish.datasets import decoded_cache
from kerasish.datasets.download import download
from kerasish.datasets.image_dataset import (
    Bytes,
    Examples,
    ImageDataset,
    PathLike,
    Splits,
    display_path,
)
from kerasish.datasets.tfds import PreparedDataset, data_folder, find
from kerasish.datasets.tfds_reader import check_packages, read_splits

__all__ = ["available", "load"]


def available(dataset: ImageDataset, data_dir: PathLike | None) -> bool:
    """Return whether `dataset` is prepared in `data_dir`."""
    return find(dataset.name, data_folder(data_dir)) is not None


def load(dataset: ImageDataset, data_dir: PathLike | None) -> Splits:
    """Return `(x_train, y_train), (x_test, y_test)` of `dataset`."""
    root = data_folder(data_dir)
    prepared = find(dataset.name, root) or download(dataset, root)
    folder = cache_folder() / f"{prepared.name}-{prepared.version}-{prepared.fingerprint()}"
    arrays = decoded_cache.load(folder, _shapes(dataset, prepared))
    if arrays is None:
        check_packages(dataset.name)
        _announce(prepared, folder)
        arrays = _flatten(read_splits(dataset, prepared))
        decoded_cache.save(folder, arrays)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _shapes(dataset: ImageDataset, prepared: PreparedDataset) -> dict[str, tuple[int, ...]]:
    shapes = {}
    for split, count in prepared.sizes.items():
        shapes[f"x_{split}"] = (count, *dataset.image_shape)
        shapes[f"y_{split}"] = (count, *dataset.label_shape)
    return shapes


def _flatten(splits: dict[str, Examples]) -> dict[str, Bytes]:
    return {
        f"{letter}_{split}": array
        for split, examples in splits.items()
        for letter, array in zip("xy", examples, strict=True)
    }


def _announce(prepared: PreparedDataset, folder: Path) -> None:
    """Report that decoding starts, which takes seconds."""
    if decoded_cache.is_writable(folder):
        note = f", once; cached in {display_path(folder.parent)}"
    else:
        note = (
            f"; {display_path(folder.parent)} is not writable, so the next load decodes them again"
        )
    count = sum(prepared.sizes.values())
    print(f"Decoding {prepared.name} ({count:,} images){note}", file=sys.stderr, flush=True)
