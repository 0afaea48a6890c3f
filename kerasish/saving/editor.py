"""KerasFileEditor: inspect and edit weights files."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.saving.comparison import compare
from kerasish.saving.files import atomic_write, source, target
from kerasish.saving.model_protocol import SaveableModel
from kerasish.saving.weight_tree import WeightTree, read_tree, tree_from_entries, write_tree
from kerasish.saving.weights import collect
from kerasish.saving.zip_reader import read_member

__all__ = ["KerasFileEditor"]

_SUFFIX = ".weights.h5"


class KerasFileEditor:
    """Inspects and edits a weights file, and saves the result to another file.

    Use it when a model has changed since its weights were saved: layers were renamed, removed or
    added.

    Objects (layers, optimizers) are referred to by their path in the file, or by the last part
    of the path if it is unique.

    Args:
        filepath: a `.keras` or `.weights.h5` file of Keras or kerasish, which is not modified.

    Raises:
        ArgumentError: if the file has another extension.
        FileFormatError: if the file is missing or damaged.
        UnsafeModelError: if the file refers to other files, or would expand to far more than its
            size.

    Examples:
        >>> import tempfile
        >>> import numpy as np
        >>> from kerasish import Input, Sequential, layers
        >>> model = Sequential([Input((4,)), layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save_weights(f"{folder}/model.weights.h5")
        ...     editor = KerasFileEditor(f"{folder}/model.weights.h5")
        >>> editor.rename_object("dense", "top")
        >>> editor.add_object("layers/dense", weights={"0": np.ones((4, 4)), "1": np.zeros(4)})
        >>> editor.summary()
        model.weights.h5
        └─ layers
           ├─ top
           │  ├─ 0: (4, 2) float32
           │  └─ 1: (2,) float32
           └─ dense
              ├─ 0: (4, 4) float64
              └─ 1: (4,) float64
    """

    def __init__(self, filepath: str | os.PathLike[str]) -> None:
        path = source(filepath)
        if not path.name.endswith((".keras", _SUFFIX)):
            raise ArgumentError(
                f"The file must end in '.keras' or {_SUFFIX!r}; got {os.fspath(filepath)!r}."
            )
        is_model = path.name.endswith(".keras")
        self.filepath = path
        self._root = read_tree(
            io.BytesIO(read_member(path, "model.weights.h5")) if is_model else path
        )

    def summary(self) -> None:
        """Print the objects of the file and their weights with shapes and dtypes."""
        print(self.filepath.name)
        for line in _lines(self._root):
            print(line)

    def compare(self, reference_model: SaveableModel) -> dict[str, Any]:
        """Print the differences between the file and the weights of a model.

        Args:
            reference_model: the model. Its optimizer is compared if the file has one.

        Returns:
            A dict with `"status"` (`"success"` or `"error"`), `"error_count"` (the number of
            differences) and `"match_count"` (the number of matching weights).
        """
        optimizer = "optimizer" in self._root.parts and reference_model.compiled
        reference = tree_from_entries(collect(reference_model, optimizer=optimizer))
        differences, matches = compare(reference, self._root)
        for line in differences:
            print(line)
        count = len(differences)
        print(f"{count} differences from {reference_model.name!r}; {matches} weights match.")
        return {
            "status": "error" if differences else "success",
            "error_count": count,
            "match_count": matches,
        }

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Save the current weights.

        Args:
            filepath: the target, which must end in `.weights.h5`; an existing file is replaced.

        Raises:
            ArgumentError: if the path has another extension or is not writable.
        """
        path = target(filepath, _SUFFIX, overwrite=True)
        with atomic_write(path) as temporary:
            write_tree(self._root, temporary)

    def resave_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Save the current weights; the same as `save`."""
        self.save(filepath)

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Rename an object.

        Args:
            object_name: the path or name of the object.
            new_name: the new name, not a path.

        Raises:
            UnknownNameError: if the object does not exist.
            ArgumentError: if the name is ambiguous, or the new name is not valid.
        """
        parent, name = self._find(object_name)
        _check_free(parent, new_name)
        parent.parts[new_name] = parent.parts.pop(name)

    def delete_object(self, object_name: str) -> None:
        """Delete an object and everything within it.

        Args:
            object_name: the path or name of the object.

        Raises:
            UnknownNameError: if the object does not exist.
            ArgumentError: if the name is ambiguous.
        """
        parent, name = self._find(object_name)
        del parent.parts[name]

    def add_object(self, object_path: str, weights: Mapping[str, Any]) -> None:
        """Add an object.

        Args:
            object_path: the path, for example `"layers/dense_2"`, within an existing object.
            weights: arrays by name: `{"0": kernel, "1": bias}`.

        Raises:
            UnknownNameError: if the parent object does not exist.
            ArgumentError: if the object exists already, or the weights are not valid.
        """
        above, _, name = object_path.rpartition("/")
        parent = self._object(above) if above else self._root
        _check_free(parent, name)
        parent.parts[name] = WeightTree(weights=_validate_weights(weights))

    def add_weights(self, object_name: str, weights: Mapping[str, Any]) -> None:
        """Add weights to an object.

        Args:
            object_name: the path or name of the object.
            weights: arrays by name.

        Raises:
            UnknownNameError: if the object does not exist.
            ArgumentError: if the name is ambiguous, or a weight exists already.
        """
        found, new = self._object(object_name), _validate_weights(weights)
        if taken := sorted(found.weights.keys() & new):
            raise ArgumentError(
                f"{object_name!r} has a weight {taken[0]!r} already; delete it first."
            )
        found.weights.update(new)

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Delete a weight of an object.

        Args:
            object_name: the path or name of the object.
            weight_name: the name of the weight, for example `"0"`.

        Raises:
            UnknownNameError: if the object or the weight does not exist.
            ArgumentError: if the name of the object is ambiguous.
        """
        weights = self._object(object_name).weights
        if weight_name not in weights:
            raise UnknownNameError(f"weight of {object_name!r}", weight_name, weights)
        del weights[weight_name]

    def _object(self, name: str) -> WeightTree:
        parent, last = self._find(name)
        return parent.parts[last]

    def _find(self, name: str) -> tuple[WeightTree, str]:
        """Return the parent of an object, and the name of the object in it."""
        paths = [path for path, _ in self._root.walk() if path]
        found = [name] if name in paths else [p for p in paths if p.rpartition("/")[2] == name]
        if not found:
            raise UnknownNameError("object in the file", name, paths)
        if len(found) > 1:
            raise ArgumentError(
                f"{name!r} is ambiguous: {' or '.join(map(repr, found))}; pass the path."
            )
        above, _, last = found[0].rpartition("/")
        return dict(self._root.walk())[above], last


def _check_free(parent: WeightTree, name: str) -> None:
    if not isinstance(name, str) or not name or "/" in name or name in ("vars", "."):
        raise ArgumentError(f"{name!r} is not a valid name of an object.")
    if name in parent.parts:
        raise ArgumentError(f"The object {name!r} exists already; delete it first.")


def _validate_weights(weights: object) -> dict[str, np.ndarray]:
    """Convert weights to arrays and validate their names and dtypes."""
    if not isinstance(weights, Mapping) or not all(
        isinstance(name, str) and name.strip(".") and "/" not in name for name in weights
    ):
        raise ArgumentError(
            f"Weights must be a dict from names to arrays, such as {{'0': kernel, '1': bias}};"
            f" got {type(weights).__name__} {str(weights)[:100]}."
        )
    arrays = {name: np.asarray(value) for name, value in weights.items()}
    for name, value in arrays.items():
        if value.dtype.kind not in "biufc" and value.dtype.name != "bfloat16":
            raise ArgumentError(
                f"The weight {name!r} has dtype {value.dtype}, which is not numeric."
            )
    return arrays


def _lines(contents: WeightTree) -> list[str]:
    """Return the lines of the tree below an object."""
    blocks = [[f"{name}: {v.shape} {v.dtype.name}"] for name, v in contents.weights.items()]
    blocks += [[name, *_lines(part)] for name, part in contents.parts.items()]
    lines = []
    for i, block in enumerate(blocks):
        first, rest = ("└─ ", "   ") if i == len(blocks) - 1 else ("├─ ", "│  ")
        lines += [first + block[0], *(rest + line for line in block[1:])]
    return lines
