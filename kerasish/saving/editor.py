"""Looking into files of weights, and changing what they are of."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.saving.comparison import compare
from kerasish.saving.files import atomic_write, source, target
from kerasish.saving.weight_tree import Contents, contents_of, read_contents, write_contents
from kerasish.saving.weights import collect
from kerasish.saving.zip_reader import read_member

__all__ = ["KerasFileEditor"]

_ENDING = ".weights.h5"


class KerasFileEditor:
    """An open file of weights: to be looked at, changed, and saved under another name.

    It serves where a model has changed since its weights were saved: layers have other names,
    are there no more, or are new.

    An object (a layer, an optimizer) is called by its path in the file, or by the end of the
    path where no other object has it.

    Args:
        filepath: a `.keras` or `.weights.h5` file, Keras's or ours. It is left as it is.

    Raises:
        ArgumentError: if it is another kind of file.
        FileFormatError: if there is none, or it is damaged.
        UnsafeModelError: if it leads to other files, or claims far more than it holds.

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
        if not path.name.endswith((".keras", _ENDING)):
            raise ArgumentError(
                f"The file must end in '.keras' or {_ENDING!r}; got {os.fspath(filepath)!r}."
            )
        whole = path.name.endswith(".keras")
        self.filepath = path
        self._root = read_contents(
            io.BytesIO(read_member(path, "model.weights.h5")) if whole else path
        )

    def summary(self) -> None:
        """Print the objects of the file and their weights, with shapes and dtypes."""
        print(self.filepath.name)
        for line in _lines(self._root):
            print(line)

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Print in what the file differs from what a model would save.

        Args:
            reference_model: the model. Its optimizer counts if the file has one.

        Returns:
            `"status"`, which is `"success"` or `"error"`; `"error_count"`, the number of
            differences; and `"match_count"`, the number of weights that fit.
        """
        optimizer = "optimizer" in self._root.parts and reference_model.compiled
        reference = contents_of(collect(reference_model, optimizer=optimizer))
        differences, matches = compare(reference, self._root)
        for line in differences:
            print(line)
        count = len(differences)
        print(f"{count} differences from {reference_model.name!r}; {matches} weights fit.")
        return {
            "status": "error" if differences else "success",
            "error_count": count,
            "match_count": matches,
        }

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Write the weights as they are now.

        Args:
            filepath: where to; it must end in `.weights.h5`. What is there is replaced.

        Raises:
            ArgumentError: if it has another ending or cannot be written.
        """
        path = target(filepath, _ENDING, overwrite=True)
        with atomic_write(path) as temporary:
            write_contents(self._root, temporary)

    def resave_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Write the weights as they are now, as `save` does."""
        self.save(filepath)

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Give an object another name at the same place.

        Args:
            object_name: its path or name.
            new_name: its name from now on, not a path.

        Raises:
            UnknownNameError: if there is no such object.
            ArgumentError: if there are several, or the new name cannot be used.
        """
        holder, name = self._find(object_name)
        _check_free(holder, new_name)
        holder.parts[new_name] = holder.parts.pop(name)

    def delete_object(self, object_name: str) -> None:
        """Remove an object and all within it.

        Args:
            object_name: its path or name.

        Raises:
            UnknownNameError: if there is no such object.
            ArgumentError: if there are several.
        """
        holder, name = self._find(object_name)
        del holder.parts[name]

    def add_object(self, object_path: str, weights: Mapping[str, Any]) -> None:
        """Add an object.

        Args:
            object_path: its path, such as `"layers/dense_2"`, in an object that is there.
            weights: its arrays by name: `{"0": kernel, "1": bias}`.

        Raises:
            UnknownNameError: if there is nothing to put it into.
            ArgumentError: if it is there already, or its weights are none.
        """
        above, _, name = object_path.rpartition("/")
        holder = self._object(above) if above else self._root
        _check_free(holder, name)
        holder.parts[name] = Contents(weights=_arrays(weights))

    def add_weights(self, object_name: str, weights: Mapping[str, Any]) -> None:
        """Add weights to an object.

        Args:
            object_name: its path or name.
            weights: arrays by name.

        Raises:
            UnknownNameError: if there is no such object.
            ArgumentError: if there are several, or it has a weight of such a name already.
        """
        found, new = self._object(object_name), _arrays(weights)
        if taken := sorted(found.weights.keys() & new):
            raise ArgumentError(
                f"{object_name!r} has a weight {taken[0]!r} already; delete it first."
            )
        found.weights.update(new)

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Remove a weight of an object.

        Args:
            object_name: the path or name of the object.
            weight_name: the name of the weight: `"0"`.

        Raises:
            UnknownNameError: if there is no such object or weight.
            ArgumentError: if there are several such objects.
        """
        weights = self._object(object_name).weights
        if weight_name not in weights:
            raise UnknownNameError(f"weight of {object_name!r}", weight_name, weights)
        del weights[weight_name]

    def _object(self, name: str) -> Contents:
        holder, last = self._find(name)
        return holder.parts[last]

    def _find(self, name: str) -> tuple[Contents, str]:
        """Return what holds the object, and its name there."""
        paths = [path for path, _ in self._root.walk() if path]
        found = [name] if name in paths else [p for p in paths if p.rpartition("/")[2] == name]
        if not found:
            raise UnknownNameError("object in the file", name, paths)
        if len(found) > 1:
            raise ArgumentError(f"{name!r} may be {' or '.join(map(repr, found))}; give the path.")
        above, _, last = found[0].rpartition("/")
        return dict(self._root.walk())[above], last


def _check_free(holder: Contents, name: str) -> None:
    if not isinstance(name, str) or not name or "/" in name or name in ("vars", "."):
        raise ArgumentError(f"{name!r} cannot be the name of an object; give a word.")
    if name in holder.parts:
        raise ArgumentError(f"There is an object {name!r} at that place already; delete it first.")


def _arrays(weights: Any) -> dict[str, np.ndarray]:
    """Return arrays by name, if they are such."""
    if not isinstance(weights, Mapping) or not all(
        isinstance(name, str) and name.strip(".") and "/" not in name for name in weights
    ):
        raise ArgumentError(
            f"Weights are given as a dict from names to arrays, such as {{'0': kernel, '1': bias}};"
            f" got {type(weights).__name__} {str(weights)[:100]}."
        )
    arrays = {name: np.asarray(value) for name, value in weights.items()}
    for name, value in arrays.items():
        if value.dtype.kind not in "biufc" and value.dtype.name != "bfloat16":
            raise ArgumentError(f"The weight {name!r} is of dtype {value.dtype}: no numbers.")
    return arrays


def _lines(contents: Contents) -> list[str]:
    """Return the lines of a tree below an object."""
    blocks = [[f"{name}: {v.shape} {v.dtype.name}"] for name, v in contents.weights.items()]
    blocks += [[name, *_lines(part)] for name, part in contents.parts.items()]
    lines = []
    for i, block in enumerate(blocks):
        first, rest = ("└─ ", "   ") if i == len(blocks) - 1 else ("├─ ", "│  ")
        lines += [first + block[0], *(rest + line for line in block[1:])]
    return lines
