"""Folders of checkpoints: arrays with a record, written and read through Orbax."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import jax
import numpy as np

from kerasish.checkpoints.checks import (
    Size,
    check_files,
    check_room,
    check_sizes,
    flat,
    note_files,
    size_of,
)
from kerasish.core.errors import ArgumentError, FileFormatError, KerasishError
from kerasish.core.settings.quiet import quiet

__all__ = ["Checkpoints"]

Found = TypeVar("Found")

# Under this name the record is found.
_RECORD = "run"


class Checkpoints:
    """A folder of checkpoints, each named by a step; the newest of them are kept.

    A checkpoint has trees (nested dicts of arrays, by name) and a record (what JSON can tell). It
    appears whole or not at all; the checksums of its files tell whether it still is. Any program
    reads it with Orbax's `CheckpointManager`.

    Args:
        directory: the folder; it is made if need be, with the first checkpoint.
        keep: how many checkpoints are kept; None for all.

    Raises:
        ArgumentError: if there can be no such folder.
    """

    def __init__(self, directory: str | os.PathLike[str], keep: int | None = None) -> None:
        if not isinstance(directory, (str, os.PathLike)) or not os.fspath(directory):
            raise ArgumentError(f"A folder for checkpoints is told by its path; got {directory!r}.")
        self.path = Path(directory).absolute()
        self.keep = keep
        self._lock: Any = None
        self._opened: Any = None

    def claim(self) -> None:
        """Make the folder, and keep every other run out of it until `close`.

        Raises:
            ArgumentError: if another run has it, or it cannot be written.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / ".lock")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise ArgumentError(
                f"Another run keeps its checkpoints in {str(self.path)!r} at this moment; give "
                "each run a folder of its own."
            ) from error
        except (OSError, ValueError) as error:
            raise ArgumentError(
                f"Checkpoints cannot be written to {str(self.path)!r}: {_cause(error)}."
            ) from error
        self._lock = lock

    def close(self) -> None:
        """Let go of the folder."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def remove(self) -> None:
        """Delete the folder with all checkpoints in it."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    # Writing.

    def save(self, step: int, record: Mapping[str, Any], trees: Mapping[str, Any]) -> None:
        """Write a checkpoint, then delete those that are too many.

        Args:
            step: its name; a checkpoint of that name is replaced.
            record: what to write as JSON.
            trees: by name, nested dicts of arrays, or of strings; empty ones are left out.

        Raises:
            FileFormatError: if it cannot be written; those before it are there still.
        """
        import orbax.checkpoint as ocp

        trees = {name: tree for name, tree in trees.items() if jax.tree.leaves(tree)}
        items = {name: ocp.args.PyTreeSave(tree) for name, tree in trees.items()}
        items[_RECORD] = ocp.args.JsonSave(dict(record))
        try:
            with quiet("absl"):
                manager = self._manager()
                if step in manager.all_steps():
                    manager.delete(step)
                manager.save(step, args=ocp.args.Composite(**items), force=True)
                note_files(self.path / str(step))
        except Exception as error:
            self._clean_up()
            raise FileFormatError(
                f"The checkpoint of step {step} could not be written to {str(self.path)!r}: "
                f"{_cause(error)}. Those before it are as they were."
            ) from error

    def _manager(self) -> Any:
        if self._opened is None:
            import orbax.checkpoint as ocp

            options = ocp.CheckpointManagerOptions(
                max_to_keep=self.keep,
                enable_async_checkpointing=False,  # whoever saves does so in a thread of its own
                cleanup_tmp_directories=True,
            )
            self._opened = ocp.CheckpointManager(self.path, options=options)
        return self._opened

    def _clean_up(self) -> None:
        """Remove what was begun and not finished."""
        for path in self.path.glob("*.orbax-checkpoint-tmp*"):
            shutil.rmtree(path, ignore_errors=True)
        self._opened = None  # it may believe that the step is there

    # Reading.

    def steps(self) -> list[int]:
        """Return the names of the whole checkpoints, the oldest first."""
        paths = self.path.iterdir() if self.path.is_dir() else ()
        names = (path.name for path in paths if path.is_dir())
        return sorted(int(name) for name in names if name.isascii() and name.isdigit())

    def newest(self, read: Callable[[int], Found]) -> Found | None:
        """Read the newest checkpoint, or if it is damaged the one before.

        Those that are damaged are named in a warning and put aside.

        Args:
            read: reads the checkpoint of a step, with `read` or `read_tree`.

        Returns:
            What `read` did; None if there is no checkpoint at all.

        Raises:
            FileFormatError: if there are some and all are damaged.
        """
        damaged: dict[int, FileFormatError] = {}
        for step in reversed(self.steps()):
            try:
                found = read(step)
            except FileFormatError as error:
                damaged[step] = error
                continue
            for other, reason in damaged.items():
                aside = self._put_aside(other)
                warnings.warn(
                    f"{reason} It was renamed to {aside!r}, and that of step {step} is used.",
                    stacklevel=2,
                )
            return found
        if damaged:
            raise FileFormatError(
                f"None of the checkpoints in {str(self.path)!r} can be used. "
                f"{next(iter(damaged.values()))} Delete the folder to begin anew."
            )
        return None

    def _put_aside(self, step: int) -> str:
        aside = self.path / f"{step}.damaged"
        shutil.rmtree(aside, ignore_errors=True)
        os.replace(self.path / str(step), aside)
        return aside.name

    def read(self, step: int, like: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the record and the trees of arrays of a checkpoint.

        Args:
            step: the checkpoint.
            like: by name, trees that are to be replaced: arrays come where theirs are. Those of
                other trees are NumPy arrays.

        Raises:
            FileFormatError: if it is damaged.
            ShapeError: if a tree is another one than it is to replace.
        """
        with self.reading(step) as path:
            record = json.loads((path / _RECORD / "metadata").read_text("utf-8"))
            trees = {}
            for name in (each.name for each in path.iterdir() if each.is_dir()):
                if name in like:
                    check_sizes(path, _sizes(path / name), like[name], partly=False)
                    trees[name] = _restored(path / name, like[name])
                elif name != _RECORD:
                    check_room(_sizes(path / name), like)
                    trees[name] = _restored(path / name, None)
            return record, trees

    def read_tree(self, step: int, name: str, like: Any) -> Any:
        """Return a tree of a checkpoint that another program may have written.

        Args:
            step: the checkpoint.
            name: the tree.
            like: the tree that it is to replace. What the checkpoint has besides is left out.

        Raises:
            FileFormatError: if it is damaged.
            ShapeError: if it lacks something, or has it in another shape.
        """
        with self.reading(step) as path:
            check_sizes(path, _sizes(path / name), like, partly=True)
            return _restored(path / name, like)

    @contextmanager
    def reading(self, step: int) -> Iterator[Path]:
        """Give the folder of a checkpoint, if its files are as they were written.

        Raises:
            FileFormatError: if they are not, or if what is done with them fails.
        """
        path = self.path / str(step)
        try:
            with quiet("absl"):
                check_files(path)
                yield path
        except KerasishError:
            raise
        except Exception as error:
            raise FileFormatError(
                f"The checkpoint of step {step} in {str(self.path)!r} is damaged: {_cause(error)}."
            ) from error


def _sizes(path: Path) -> dict[str, Size]:
    """Return what the arrays of a tree are said to be."""
    import orbax.checkpoint as ocp

    known = ocp.PyTreeCheckpointHandler().metadata(path).tree
    return {key: size_of(metadata) for key, metadata in flat(known)}


def _restored(path: Path, like: Any) -> Any:
    """Read a tree: to where the arrays of `like` are, or without it to the host."""
    import orbax.checkpoint as ocp

    handler = ocp.PyTreeCheckpointHandler()
    target = jax.tree.map(_wanted, handler.metadata(path).tree if like is None else like)
    places = ocp.checkpoint_utils.construct_restore_args(target)
    return handler.restore(
        path, args=ocp.args.PyTreeRestore(target, restore_args=places, partial_restore=True)
    )


def _wanted(leaf: Any) -> Any:
    if isinstance(leaf, jax.Array):
        return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=leaf.sharding)
    return np.empty(leaf.shape, leaf.dtype)


def _cause(error: BaseException) -> str:
    """Return the first line of what went wrong at the bottom."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "NO_SPACE" in str(error) or "No space left" in str(error):
        return "no space is left on the device"
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")
