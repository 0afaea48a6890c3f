"""Weights in files: HDF5 in Keras's layout, or safetensors."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, NotBuiltError, ShapeError
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.serialization.untrusted import guarded
from kerasish.core.surface.old_names import checked
from kerasish.core.tree import variables_with_paths as all_variables
from kerasish.core.variable import Variable
from kerasish.saving.files import atomic_write, source, target
from kerasish.saving.folders import is_model_folder
from kerasish.saving.hdf5.reader import descend, is_hdf5, open_hdf5, read_dataset
from kerasish.saving.layout import places
from kerasish.saving.legacy import legacy_root, read_legacy, read_legacy_optimizer
from kerasish.saving.migration.places import EarlierPlaces
from kerasish.saving.optimizer import optimizer_entries, read_optimizer
from kerasish.saving.orbax import is_checkpoint, read_checkpoint
from kerasish.saving.safetensors import ENDING, prepare_safetensors, read_safetensors
from kerasish.saving.shards import LISTING, Entry, open_shards, prepare_shards
from kerasish.saving.stores import StoreReader, stored
from kerasish.saving.zip_reader import read_member

__all__ = [
    "Entry",
    "collect",
    "load_weights",
    "prepare_weights",
    "read_weights",
    "save_weights",
    "write_array",
    "write_weights",
]


_BY_NAME = "by_name is for weights in legacy HDF5; {!r} is not such a file. Leave it out."


@checked
def save_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
) -> None:
    """Write the weights of a model; see `Model.save_weights`."""
    prepare_weights(model, filepath, overwrite, max_shard_size)()


def prepare_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
) -> Callable[[], None]:
    """Return what writes the weights as they are now, in any thread, at any time."""
    path = target(filepath, (".weights.h5", LISTING, ENDING), overwrite)
    if path.name.endswith(ENDING):
        if max_shard_size is not None:
            raise ArgumentError(f"max_shard_size is for `.weights.h5` files; got {path.name!r}.")
        return prepare_safetensors(model, path, overwrite)
    entries = collect(model, optimizer=True)
    if max_shard_size is not None or path.name.endswith(LISTING):
        return prepare_shards(entries, path, max_shard_size, write_weights)

    def write() -> None:
        with atomic_write(path) as temporary:
            write_weights(entries, temporary)

    return write


@checked
def load_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    skip_mismatch: bool = False,
    by_name: bool = False,
) -> None:
    """Read the weights of a model; see `Model.load_weights`."""
    in_folder = is_checkpoint(filepath)
    path = Path(filepath) if in_folder or is_model_folder(filepath) else source(filepath)
    if not model.built:
        raise NotBuiltError(
            f"{model.name!r} has no weights to load into, because its input shape is not known. "
            "Begin with `kerasish.Input(shape=...)`, or call it on data once."
        )
    if by_name and not (path.is_file() and is_hdf5(path)):
        raise ArgumentError(_BY_NAME.format(str(path)))
    if in_folder:
        return read_checkpoint(model, path, optimizer=False)
    if path.name.endswith(ENDING):
        return read_safetensors(model, path, skip_mismatch)
    file: Any = path
    if path.is_dir() or zipfile.is_zipfile(path):
        file = io.BytesIO(read_member(path, "model.weights.h5"))
    read_weights(model, file, skip_mismatch=skip_mismatch, build_optimizer=False, by_name=by_name)


def collect(model: Any, *, optimizer: bool) -> list[Entry]:
    """Return the weights of all layers, and of the optimizer, as they are now."""
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has no weights to save yet; call it on data once.")
    entries: list[Entry] = [
        (
            f"{path}/vars" if path else "vars",
            layer.name,
            stored(layer, [layer._kerasish_file_value(v) for v in variables]),
        )
        for path, layer, variables in places(model)
    ]
    return entries + (optimizer_entries(model) if optimizer else [])


def write_weights(entries: list[Entry], file: Any) -> None:
    """Write what `collect` returned to an HDF5 file or stream."""
    import h5py

    with h5py.File(file, "w") as h5:
        for path, name, values in entries:
            group = h5.create_group(path)
            group.attrs["name"] = name
            for key, value in values.items():
                write_array(group, key, np.asarray(value))


def write_array(group: Any, name: str, value: np.ndarray) -> None:
    """Write an array into a group of an HDF5 file."""
    if value.dtype.name == "bfloat16":  # which HDF5 does not have; so has Keras
        group.create_dataset(name, data=value.view("V2"))
        group[name].attrs["dtype"] = value.dtype.name
    else:
        group.create_dataset(name, data=value)


def read_weights(
    model: Any, file: Any, *, skip_mismatch: bool, build_optimizer: bool, by_name: bool = False
) -> None:
    """Read the weights of all layers, and the state of the optimizer; all of them or none.

    Args:
        model: the model.
        file: a path, of the listing if there are shards, or a stream.
        skip_mismatch: whether to leave layers alone that do not fit.
        build_optimizer: whether to build the optimizer of a compiled model for its state;
            otherwise one that is not built is left as it is.
        by_name: whether layers of a legacy file go to the layers of their names.

    Raises:
        ArgumentError: if `by_name` is set for a file of another kind.
        FileFormatError: if the file is damaged.
        ShapeError: if it does not fit the model.
    """
    sharded = isinstance(file, Path) and file.name.endswith(LISTING)
    opened = open_shards(file) if sharded else open_hdf5(file)
    hooks: list[Action] = []
    with guarded("The weights cannot be read"), opened as h5:
        if (root := legacy_root(h5)) is None:
            if by_name:
                raise ArgumentError(_BY_NAME.format(str(file)))
            found = list(_read_layers(model, h5, hooks, skip_mismatch=skip_mismatch))
            read_state = read_optimizer
        else:
            found = list(read_legacy(model, root, skip_mismatch=skip_mismatch, by_name=by_name))
            read_state = read_legacy_optimizer
        state = _read_state(model, h5, read_state, skip_mismatch, build_optimizer)
    with _undone_if_it_fails(model) if hooks else nullcontext():
        for variable, value in found:
            variable.assign(value)
        if state is not None:
            state()
        for hook in hooks:
            _call(hook, skip_mismatch)


# What is left to do once a file is read: a method of a layer, and what to call it with.
Action = tuple[Any, dict[str, np.ndarray]]


def _call(hook: Action, skip_mismatch: bool) -> None:
    layer, store = hook
    try:
        with guarded(f"`load_own_variables` of {layer.name!r} failed"):
            layer.load_own_variables(store)
    except ShapeError:
        if not skip_mismatch:
            raise


@contextmanager
def _undone_if_it_fails(model: Any) -> Iterator[None]:
    before = [(variable, variable.value) for _, variable in all_variables(model)]
    try:
        yield
    except BaseException:
        for variable, value in before:
            variable.assign(value)
        raise


def _read_state(
    model: Any, h5: Any, read: Callable[..., Any], skip_mismatch: bool, build: bool
) -> Callable[[], None] | None:
    try:
        found: Callable[[], None] | None = read(model, h5, build=build)
        return found
    except ShapeError:
        if not skip_mismatch:
            raise
        return None


def _read_layers(
    model: Any, h5: Any, hooks: list[Action], *, skip_mismatch: bool
) -> Iterator[tuple[Variable, np.ndarray]]:
    """Yield the values for the weights of all layers, but of those that load them themselves."""
    reader, earlier = StoreReader(h5), EarlierPlaces(h5)
    for path, layer, variables in places(model):
        if has_hook(layer, "load_own_variables"):
            hooks.append((layer, reader.store(f"{path}/vars" if path else "vars", layer.name)))
            continue
        try:
            yield from _read_layer(h5, earlier, path, layer.name, variables)
            yield from layer._kerasish_after_loading()
        except ShapeError:
            if not skip_mismatch:
                raise


def _read_layer(
    h5: Any, earlier: EarlierPlaces, path: str, name: str, variables: list[Variable]
) -> list[tuple[Variable, np.ndarray]]:
    """Return the values for the weights of one layer, once they are known to fit."""
    where = f"{path}/vars" if path else "vars"
    if (group := descend(h5, where)) is None and (place := earlier.place(where)) is not None:
        group = descend(h5, place)
    count = 0 if group is None else len(group)
    if count != len(variables):
        raise ShapeError(
            f"Layer {name!r} ({path or 'the model'}) has {len(variables)} weights of its own; the "
            f"file has {count} for it."
        )
    return [(v, read_dataset(group, str(i), v.shape, name)) for i, v in enumerate(variables)]
