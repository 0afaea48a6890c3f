"""Files in folders, one folder for each class: what the datasets of files have in common."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.utils.arrays import to_categorical
from kerasish.utils.py_dataset import IndexedBatches

__all__ = ["Folder", "Found", "datasets", "find"]


class Folder(NamedTuple):
    """Which files to take from a directory, and in which parts; see `image_dataset_from_directory`.

    The fields are the arguments that all datasets of files share.
    """

    directory: str | os.PathLike[str]
    labels: Any
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool


class Found(NamedTuple):
    """Files, the number of the class of each, and the names of the classes."""

    paths: list[str]
    classes: np.ndarray | None
    names: list[str] | None

    def part(self, numbers: Any) -> Found:
        """Return some of them."""
        classes = None if self.classes is None else self.classes[numbers]
        return Found([self.paths[i] for i in numbers], classes, self.names)


def datasets(folder: Folder, endings: tuple[str, ...], read: Callable[[list[str]], Any]) -> Any:
    """Return the dataset of a folder, or two of them under `subset="both"`.

    Args:
        folder: which files.
        endings: how their names end.
        read: what makes a batch of inputs from paths.
    """
    found = find(folder, endings)
    seed = folder.seed
    if folder.shuffle:
        seed = int(np.random.default_rng(seed).integers(2**31)) if seed is None else seed
        found = found.part(np.random.default_rng(seed).permutation(len(found.paths)))
    if folder.subset is None:
        return _dataset(found, folder, read, seed)
    cut = len(found.paths) - int((folder.validation_split or 0) * len(found.paths))
    numbers = np.arange(len(found.paths))
    parts = {"training": numbers[:cut], "validation": numbers[cut:]}
    wanted = list(parts) if folder.subset == "both" else [folder.subset]
    for name in wanted:
        if not len(parts[name]):
            raise DataError(f"No files are left for {name}; change validation_split.")
        _say(folder, f"Using {len(parts[name])} files for {name}.")
    made = [_dataset(found.part(parts[name]), folder, read, seed) for name in wanted]
    return tuple(made) if folder.subset == "both" else made[0]


def find(folder: Folder, endings: tuple[str, ...]) -> Found:
    """Return the files of a folder in order, with their classes.

    Raises:
        ArgumentError: if the arguments make no sense.
        DataError: if there are no files, or the labels do not fit them.
    """
    _check(folder)
    root = Path(folder.directory)
    if not root.is_dir():
        raise DataError(f"There is no directory {str(root)!r}.")
    if not isinstance(folder.labels, str):
        paths = _files(root, endings, folder.follow_links)
        labels = None if folder.labels is None else np.asarray(folder.labels)
        if labels is not None and len(labels) != len(paths):
            raise DataError(f"There are {len(paths)} files and {len(labels)} labels.")
        names = None if labels is None else [str(each) for each in sorted(set(labels.tolist()))]
        found = Found(paths, labels, names)
    else:
        there = sorted(each.name for each in root.iterdir() if each.is_dir())
        names = there if folder.class_names is None else list(folder.class_names)
        if set(names) != set(there):
            raise ArgumentError(f"class_names are {names}; the directory has {there}.")
        each = [_files(root / name, endings, folder.follow_links) for name in names]
        classes = np.repeat(np.arange(len(names), dtype="int32"), [len(paths) for paths in each])
        found = Found(list(itertools.chain(*each)), classes, names)
    of = "" if found.names is None else f" belonging to {len(found.names)} classes"
    _say(folder, f"Found {len(found.paths)} files{of}.")
    if not found.paths:
        raise DataError(f"There are no files {', '.join(endings)} in {str(root)!r}.")
    if folder.label_mode == "binary" and len(found.names or ()) != 2:
        raise ArgumentError(f"label_mode='binary' wants two classes; there are {found.names}.")
    return found


def _check(folder: Folder) -> None:
    if folder.label_mode not in ("int", "categorical", "binary", None):
        raise ArgumentError(
            f"label_mode must be 'int', 'categorical', 'binary' or None; got {folder.label_mode!r}."
        )
    if isinstance(folder.labels, str) and folder.labels != "inferred":
        raise ArgumentError(f"labels must be 'inferred', a list or None; got {folder.labels!r}.")
    if folder.labels is None and folder.label_mode is not None:
        raise ArgumentError("labels=None goes with label_mode=None.")
    if not isinstance(folder.labels, str) and folder.class_names is not None:
        raise ArgumentError("class_names goes with labels='inferred'.")
    if (folder.validation_split is None) != (folder.subset is None):
        raise ArgumentError("validation_split and subset are given together.")
    if folder.subset not in (None, "training", "validation", "both"):
        raise ArgumentError(
            f"subset must be 'training', 'validation' or 'both'; got {folder.subset!r}."
        )
    if folder.validation_split is not None and not 0 < folder.validation_split < 1:
        raise ArgumentError(
            f"validation_split must be between 0 and 1; got {folder.validation_split}."
        )
    if folder.subset and folder.shuffle and folder.seed is None:
        raise ArgumentError(
            "With validation_split, give a seed, or shuffle=False; else the parts overlap."
        )


def _files(root: Path, endings: tuple[str, ...], follow_links: bool) -> list[str]:
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(root, followlinks=follow_links)
        for name in names
        if name.lower().endswith(endings)
    )


def _dataset(
    found: Found, folder: Folder, read: Callable[[list[str]], Any], seed: int | None
) -> IndexedBatches:
    labels = found.classes if folder.label_mode is not None else None
    if labels is not None and folder.label_mode == "categorical":
        labels = to_categorical(labels, len(found.names or ()))
    elif labels is not None and folder.label_mode == "binary":
        labels = labels[:, None].astype("float32")

    def gather(numbers: Any) -> Any:
        x = read([found.paths[i] for i in np.atleast_1d(numbers)])
        x = x if np.ndim(numbers) else x[0]
        return x if labels is None else (x, labels[numbers])

    count = len(found.paths)
    about = {"class_names": found.names, "file_paths": found.paths}
    return IndexedBatches(gather, count, folder.batch_size, folder.shuffle, seed, **about)


def _say(folder: Folder, text: str) -> None:
    if folder.verbose:
        print(text)
