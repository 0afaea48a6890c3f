"""Shared implementation of datasets of files, with a folder for each class."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.types import PyTree
from kerasish.utils.arrays import to_categorical
from kerasish.utils.py_dataset import IndexedBatches

__all__ = ["DirectoryOptions", "LabeledFiles", "list_files", "make_datasets"]


class DirectoryOptions(NamedTuple):
    """Arguments that all datasets of files share; see `image_dataset_from_directory`."""

    directory: str | os.PathLike[str]
    labels: str | Sequence[int] | np.ndarray | None
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool


class LabeledFiles(NamedTuple):
    """Paths of files, the class index of each, and the names of the classes."""

    paths: list[str]
    classes: np.ndarray | None
    names: list[str] | None

    def take(self, numbers: np.ndarray) -> LabeledFiles:
        """Return the files at some indices."""
        classes = None if self.classes is None else self.classes[numbers]
        return LabeledFiles([self.paths[i] for i in numbers], classes, self.names)


def make_datasets(
    options: DirectoryOptions, endings: tuple[str, ...], load_batch: Callable[[list[str]], Any]
) -> IndexedBatches | tuple[IndexedBatches, ...]:
    """Create the dataset of a directory, or two datasets for `subset="both"`.

    Args:
        options: the arguments of the dataset.
        endings: file extensions.
        load_batch: the function that loads a batch of inputs from paths.
    """
    found = list_files(options, endings)
    seed = options.seed
    if options.shuffle:
        seed = int(np.random.default_rng(seed).integers(2**31)) if seed is None else seed
        found = found.take(np.random.default_rng(seed).permutation(len(found.paths)))
    if options.subset is None:
        return _dataset(found, options, load_batch, seed)
    cut = len(found.paths) - int((options.validation_split or 0) * len(found.paths))
    numbers = np.arange(len(found.paths))
    parts = {"training": numbers[:cut], "validation": numbers[cut:]}
    wanted = list(parts) if options.subset == "both" else [options.subset]
    for name in wanted:
        if not len(parts[name]):
            raise DataError(f"No files remain for {name}; change validation_split.")
        _print(options, f"Using {len(parts[name])} files for {name}.")
    made = [_dataset(found.take(parts[name]), options, load_batch, seed) for name in wanted]
    return tuple(made) if options.subset == "both" else made[0]


def list_files(options: DirectoryOptions, endings: tuple[str, ...]) -> LabeledFiles:
    """List the files of a directory in sorted order, with their classes.

    Raises:
        ArgumentError: if arguments are invalid or contradict each other.
        DataError: if there are no files, or their number differs from that of the labels.
    """
    _check(options)
    root = Path(options.directory)
    if not root.is_dir():
        raise DataError(f"There is no directory {str(root)!r}.")
    if not isinstance(options.labels, str):
        paths = _files(root, endings, options.follow_links)
        labels = None if options.labels is None else np.asarray(options.labels)
        if labels is not None and len(labels) != len(paths):
            raise DataError(f"There are {len(paths)} files and {len(labels)} labels.")
        names = None if labels is None else [str(each) for each in sorted(set(labels.tolist()))]
        found = LabeledFiles(paths, labels, names)
    else:
        there = sorted(each.name for each in root.iterdir() if each.is_dir())
        names = there if options.class_names is None else list(options.class_names)
        if set(names) != set(there):
            raise ArgumentError(f"class_names are {names}; the directory has {there}.")
        each = [_files(root / name, endings, options.follow_links) for name in names]
        classes = np.repeat(np.arange(len(names), dtype="int32"), [len(paths) for paths in each])
        found = LabeledFiles(list(itertools.chain(*each)), classes, names)
    of = "" if found.names is None else f" belonging to {len(found.names)} classes"
    _print(options, f"Found {len(found.paths)} files{of}.")
    if not found.paths:
        raise DataError(f"There are no files {', '.join(endings)} in {str(root)!r}.")
    if options.label_mode == "binary" and len(found.names or ()) != 2:
        raise ArgumentError(f"label_mode='binary' requires two classes; got {found.names}.")
    return found


def _check(options: DirectoryOptions) -> None:
    if options.label_mode not in ("int", "categorical", "binary", None):
        raise ArgumentError(
            "label_mode must be 'int', 'categorical', 'binary' or None; got "
            f"{options.label_mode!r}."
        )
    if isinstance(options.labels, str) and options.labels != "inferred":
        raise ArgumentError(f"labels must be 'inferred', a list or None; got {options.labels!r}.")
    if options.labels is None and options.label_mode is not None:
        raise ArgumentError("labels=None requires label_mode=None.")
    if not isinstance(options.labels, str) and options.class_names is not None:
        raise ArgumentError("class_names requires labels='inferred'.")
    if (options.validation_split is None) != (options.subset is None):
        raise ArgumentError("Pass validation_split and subset together.")
    if options.subset not in (None, "training", "validation", "both"):
        raise ArgumentError(
            f"subset must be 'training', 'validation' or 'both'; got {options.subset!r}."
        )
    if options.validation_split is not None and not 0 < options.validation_split < 1:
        raise ArgumentError(
            f"validation_split must be between 0 and 1; got {options.validation_split}."
        )
    if options.subset and options.shuffle and options.seed is None:
        raise ArgumentError(
            "With validation_split, pass a seed or shuffle=False; otherwise the parts overlap."
        )


def _files(root: Path, endings: tuple[str, ...], follow_links: bool) -> list[str]:
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(root, followlinks=follow_links)
        for name in names
        if name.lower().endswith(endings)
    )


def _dataset(
    found: LabeledFiles,
    options: DirectoryOptions,
    load_batch: Callable[[list[str]], Any],
    seed: int | None,
) -> IndexedBatches:
    labels = found.classes if options.label_mode is not None else None
    if labels is not None and options.label_mode == "categorical":
        labels = to_categorical(labels, len(found.names or ()))
    elif labels is not None and options.label_mode == "binary":
        labels = labels[:, None].astype("float32")

    def gather(numbers: np.ndarray) -> PyTree:
        x = load_batch([found.paths[i] for i in np.atleast_1d(numbers)])
        x = x if np.ndim(numbers) else x[0]
        return x if labels is None else (x, labels[numbers])

    count = len(found.paths)
    attributes = {"class_names": found.names, "file_paths": found.paths}
    return IndexedBatches(gather, count, options.batch_size, options.shuffle, seed, **attributes)


def _print(options: DirectoryOptions, text: str) -> None:
    if options.verbose:
        print(text)
