"""Downloading a dataset that is not on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kerasish.datasets._fetch import fetch
from kerasish.datasets._images import ImageDataset, short, unavailable
from kerasish.datasets._prepare import prepare
from kerasish.datasets._prepared import Prepared, find

__all__ = ["download"]


def download(dataset: ImageDataset, root: Path) -> Prepared:
    """Fetch `dataset` from its authors, prepare it in `root`, and return what is there then.

    Nothing is written before every file has come.

    Raises:
        DatasetUnavailableError: if that cannot be done.
    """
    try:
        import tensorflow_datasets as tfds

        builder = tfds.builder_cls(dataset.name)
        _check_place(root, root / dataset.name / str(builder.VERSION))
        infos = builder.url_infos.items()
        files = {os.path.basename(url): fetch(url, info.checksum) for url, info in infos}
        print(f"Preparing {dataset.name}, once; kept in {short(root)}", file=sys.stderr, flush=True)
        prepare(dataset, dataset.unpack(files), root)
    except ImportError as error:
        reason = f'{error.name} is not installed (`pip install "kerasish[datasets]"`)'
        raise unavailable(dataset.name, root, reason) from error
    except Exception as error:  # the network, the disk, and whatever TFDS raises
        reason = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise unavailable(dataset.name, root, reason) from error
    prepared = find(dataset.name, root)
    assert prepared is not None, f"{root / dataset.name} was prepared, but is not complete"
    return prepared


def _check_place(root: Path, target: Path) -> None:
    """Raise, before anything is fetched, if the result could not be put there."""
    if target.exists():
        raise FileExistsError(
            f"what lies in {str(target)!r} is not complete, or in another file format"
        )
    nearest = next(folder for folder in (root, *root.absolute().parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(f"{str(nearest)!r} is no folder that can be written to")
