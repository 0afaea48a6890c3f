"""Finding datasets prepared by TensorFlow Datasets, without importing it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from kerasish.core.errors import ArgumentError
from kerasish.datasets.image_dataset import PathLike

__all__ = ["SPLITS", "PreparedDataset", "data_folder", "find"]

SPLITS = ("train", "test")


@dataclass(frozen=True)
class PreparedDataset:
    """A complete dataset on disk: `root/name/version/`, with the size of each split."""

    name: str
    version: str
    root: Path
    sizes: dict[str, int]

    @property
    def folder(self) -> Path:
        """The folder with the records."""
        return self.root / self.name / self.version

    def fingerprint(self) -> str:
        """Return a hash of the names, sizes and modification times of all files."""
        stats = ((file.name, file.stat()) for file in sorted(self.folder.iterdir()))
        seen = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def data_folder(data_dir: PathLike | None) -> Path:
    """Return the folder of datasets: the argument, `TFDS_DATA_DIR`, or the default of TFDS.

    Raises:
        ArgumentError: if `data_dir` is not a path.
    """
    if data_dir is None:
        data_dir = os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    if not isinstance(data_dir, str | os.PathLike) or isinstance(os.fspath(data_dir), bytes):
        raise ArgumentError(
            f"data_dir must be a path, or None for TFDS_DATA_DIR; got {data_dir!r}."
        )
    return Path(os.path.expanduser(data_dir))


def find(name: str, root: Path) -> PreparedDataset | None:
    """Return the newest complete version of `name` in `root`, or None."""
    try:
        folders = [f for f in (root / name).iterdir() if re.fullmatch(r"\d+\.\d+\.\d+", f.name)]
    except OSError:
        return None
    for folder in sorted(folders, key=lambda f: [int(n) for n in f.name.split(".")], reverse=True):
        if sizes := _sizes(name, folder):
            return PreparedDataset(name, folder.name, root, sizes)
    return None


def _sizes(name: str, folder: Path) -> dict[str, int] | None:
    """Return the number of examples of each split, or None if records are missing."""
    try:
        info = json.loads((folder / "dataset_info.json").read_text(encoding="utf-8"))
        shards = {s["name"]: [int(n) for n in s["shardLengths"]] for s in info["splits"]}
        is_random_access = info["fileFormat"] == "array_record"
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not is_random_access or not all(
        shards.get(split) and _shards_exist(name, folder, split, len(shards[split]))
        for split in SPLITS
    ):
        return None
    return {split: sum(shards[split]) for split in SPLITS}


def _shards_exist(name: str, folder: Path, split: str, count: int) -> bool:
    files = (f"{name}-{split}.array_record-{i:05d}-of-{count:05d}" for i in range(count))
    return all((folder / file).is_file() for file in files)
