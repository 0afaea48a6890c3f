"""`load_data` for all the image datasets: find, or download; decode once, and keep."""

from __future__ import annotations

import sys
from pathlib import Path

from kerasish.core.settings.cache import cache_folder
from kerasish.datasets import _cache
from kerasish.datasets._download import download
from kerasish.datasets._images import Bytes, Examples, ImageDataset, PathLike, Splits, short
from kerasish.datasets._prepared import Prepared, data_folder, find
from kerasish.datasets._read import check_packages, read

__all__ = ["available", "load"]


def available(dataset: ImageDataset, data_dir: PathLike | None) -> bool:
    """Return whether `dataset` is prepared in `data_dir`."""
    return find(dataset.name, data_folder(data_dir)) is not None


def load(dataset: ImageDataset, data_dir: PathLike | None) -> Splits:
    """Return `(x_train, y_train), (x_test, y_test)` of `dataset`."""
    root = data_folder(data_dir)
    prepared = find(dataset.name, root) or download(dataset, root)
    folder = cache_folder() / f"{prepared.name}-{prepared.version}-{prepared.fingerprint()}"
    arrays = _cache.load(folder, _shapes(dataset, prepared))
    if arrays is None:
        check_packages(dataset.name)
        _announce(prepared, folder)
        arrays = _flat(read(dataset, prepared))
        _cache.save(folder, arrays)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _shapes(dataset: ImageDataset, prepared: Prepared) -> dict[str, tuple[int, ...]]:
    shapes = {}
    for split, count in prepared.sizes.items():
        shapes[f"x_{split}"] = (count, *dataset.image_shape)
        shapes[f"y_{split}"] = (count, *dataset.label_shape)
    return shapes


def _flat(splits: dict[str, Examples]) -> dict[str, Bytes]:
    return {
        f"{letter}_{split}": array
        for split, examples in splits.items()
        for letter, array in zip("xy", examples, strict=True)
    }


def _announce(prepared: Prepared, folder: Path) -> None:
    """Say what takes the seconds that follow."""
    if _cache.is_writable(folder):
        fate = f", once; kept in {short(folder.parent)}"
    else:
        fate = f"; {short(folder.parent)} cannot be written to, so the next load decodes them again"
    count = sum(prepared.sizes.values())
    print(f"Decoding {prepared.name} ({count:,} images){fate}", file=sys.stderr, flush=True)
