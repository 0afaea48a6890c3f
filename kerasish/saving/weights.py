"""Saving and loading of weights: HDF5 in Keras's layout, safetensors, checkpoints."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from kerasish.core.errors import ArgumentError, NotBuiltError, ShapeError
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.serialization.untrusted import guarded
from kerasish.core.surface.old_names import checked
from kerasish.core.tree import variables_with_paths as all_variables
from kerasish.core.variable import Variable
from kerasish.saving.files import atomic_write, source, target
from kerasish.saving.folders import is_model_folder
from kerasish.saving.hdf5.reader import JoinedGroup, find_group, is_hdf5, open_hdf5, read_dataset
from kerasish.saving.layout import layers_by_name
from kerasish.saving.legacy import legacy_root, read_legacy_optimizer, read_legacy_weights
from kerasish.saving.migration.weight_layout import Keras2Layout
from kerasish.saving.model_protocol import SaveableModel, as_layer
from kerasish.saving.optimizer import collect_optimizer, read_optimizer
from kerasish.saving.orbax import is_checkpoint, read_checkpoint
from kerasish.saving.safetensors import ENDING, prepare_safetensors, read_safetensors
from kerasish.saving.shards import INDEX_SUFFIX, Entry, open_shards, prepare_shards
from kerasish.saving.stores import BoundedReader, stored_arrays
from kerasish.saving.zip_reader import read_member

if TYPE_CHECKING:
    import h5py

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


_BY_NAME = "by_name requires weights in legacy HDF5; {!r} is not such a file. Leave it out."


@checked
def save_weights(
    model: SaveableModel,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
) -> None:
    """Save the weights of a model; see `Model.save_weights`."""
    prepare_weights(model, filepath, overwrite, max_shard_size)()


def prepare_weights(
    model: SaveableModel,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
) -> Callable[[], None]:
    """Take a snapshot of the weights, and return a function that writes it, in any thread."""
    path = target(filepath, (".weights.h5", INDEX_SUFFIX, ENDING), overwrite)
    if path.name.endswith(ENDING):
        if max_shard_size is not None:
            raise ArgumentError(f"max_shard_size requires a `.weights.h5` file; got {path.name!r}.")
        return prepare_safetensors(model, path, overwrite)
    entries = collect(model, optimizer=True)
    if max_shard_size is not None or path.name.endswith(INDEX_SUFFIX):
        return prepare_shards(entries, path, max_shard_size, write_weights)

    def write() -> None:
        with atomic_write(path) as temporary:
            write_weights(entries, temporary)

    return write


@checked
def load_weights(
    model: SaveableModel,
    filepath: str | os.PathLike[str],
    skip_mismatch: bool = False,
    by_name: bool = False,
) -> None:
    """Load the weights of a model; see `Model.load_weights`."""
    in_folder = is_checkpoint(filepath)
    path = Path(filepath) if in_folder or is_model_folder(filepath) else source(filepath)
    if not model.built:
        raise NotBuiltError(
            f"{model.name!r} has no weights to load into, because its input shape is unknown. "
            "Start it with `kerasish.Input(shape=...)`, or call it on data once."
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


def collect(model: SaveableModel, *, optimizer: bool) -> list[Entry]:
    """Return the current weights of all layers and, if requested, of the optimizer."""
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has no weights to save yet; call it on data once.")
    entries: list[Entry] = [
        (
            f"{path}/vars" if path else "vars",
            layer.name,
            stored_arrays(layer, [layer._kerasish_file_value(v) for v in variables]),
        )
        for path, layer, variables in layers_by_name(as_layer(model))
    ]
    return entries + (collect_optimizer(model) if optimizer else [])


def write_weights(entries: list[Entry], file: Path | BinaryIO) -> None:
    """Write the result of `collect` to an HDF5 file or stream."""
    import h5py

    with h5py.File(file, "w") as h5:
        for path, name, values in entries:
            group = h5.create_group(path)
            group.attrs["name"] = name
            for key, value in values.items():
                write_array(group, key, np.asarray(value))


def write_array(group: h5py.Group, name: str, value: np.ndarray) -> None:
    """Write an array to a group of an HDF5 file."""
    if value.dtype.name == "bfloat16":  # HDF5 has no bfloat16; Keras stores it like this as well
        group.create_dataset(name, data=value.view("V2"))
        group[name].attrs["dtype"] = value.dtype.name
    else:
        group.create_dataset(name, data=value)


def read_weights(
    model: SaveableModel,
    file: Path | BinaryIO,
    *,
    skip_mismatch: bool,
    build_optimizer: bool,
    by_name: bool = False,
) -> None:
    """Load the weights of all layers and the optimizer state, or nothing if an error occurs.

    Args:
        model: the model.
        file: a path (of the index, if the weights are sharded) or a stream.
        skip_mismatch: whether to skip layers whose weights do not match.
        build_optimizer: whether to build the optimizer of a compiled model to restore its state;
            otherwise an unbuilt optimizer is not changed.
        by_name: whether to match the layers of a legacy file by name.

    Raises:
        ArgumentError: if `by_name` is set for another file format.
        FileFormatError: if the file is damaged.
        ShapeError: if the file does not match the model.
    """
    if isinstance(file, Path) and file.name.endswith(INDEX_SUFFIX):
        opened: AbstractContextManager[h5py.File | JoinedGroup] = open_shards(file)
    else:
        opened = open_hdf5(file)
    hooks: list[PendingHook] = []
    with guarded("The weights cannot be read"), opened as h5:
        if (root := legacy_root(h5)) is None:
            if by_name:
                raise ArgumentError(_BY_NAME.format(str(file)))
            found = list(_read_layers(model, h5, hooks, skip_mismatch=skip_mismatch))
            read_state = read_optimizer
        else:
            found = list(
                read_legacy_weights(model, root, skip_mismatch=skip_mismatch, by_name=by_name)
            )
            read_state = read_legacy_optimizer
        state = _read_state(model, h5, read_state, skip_mismatch, build_optimizer)
    with _rollback_on_error(model) if hooks else nullcontext():
        for variable, value in found:
            variable.assign(value)
        if state is not None:
            state()
        for hook in hooks:
            _call_hook(hook, skip_mismatch)


# A layer whose `load_own_variables` is called after reading, and its arguments.
PendingHook = tuple[Any, dict[str, np.ndarray]]


def _call_hook(hook: PendingHook, skip_mismatch: bool) -> None:
    layer, store = hook
    try:
        with guarded(f"`load_own_variables` of {layer.name!r} failed"):
            layer.load_own_variables(store)
    except ShapeError:
        if not skip_mismatch:
            raise


@contextmanager
def _rollback_on_error(model: SaveableModel) -> Iterator[None]:
    before = [(variable, variable.value) for _, variable in all_variables(model)]
    try:
        yield
    except BaseException:
        for variable, value in before:
            variable.assign(value)
        raise


def _read_state(
    model: SaveableModel,
    h5: h5py.Group,
    read_state: Callable[..., Any],
    skip_mismatch: bool,
    build: bool,
) -> Callable[[], None] | None:
    try:
        found: Callable[[], None] | None = read_state(model, h5, build=build)
        return found
    except ShapeError:
        if not skip_mismatch:
            raise
        return None


def _read_layers(
    model: SaveableModel, h5: h5py.Group, hooks: list[PendingHook], *, skip_mismatch: bool
) -> Iterator[tuple[Variable, np.ndarray]]:
    """Yield variables and values; layers with `load_own_variables` are added to `hooks`."""
    reader, keras2_layout = BoundedReader(h5), Keras2Layout(h5)
    for path, layer, variables in layers_by_name(as_layer(model)):
        if has_hook(layer, "load_own_variables"):
            hooks.append((layer, reader.arrays(f"{path}/vars" if path else "vars", layer.name)))
            continue
        try:
            yield from _read_layer(h5, keras2_layout, path, layer.name, variables)
            yield from layer._kerasish_after_loading()
        except ShapeError:
            if not skip_mismatch:
                raise


def _read_layer(
    h5: h5py.Group, keras2_layout: Keras2Layout, path: str, name: str, variables: list[Variable]
) -> list[tuple[Variable, np.ndarray]]:
    """Return the variables of a layer and their values after checking the shapes."""
    where = f"{path}/vars" if path else "vars"
    if (group := find_group(h5, where)) is None and (
        keras2_path := keras2_layout.find(where)
    ) is not None:
        group = find_group(h5, keras2_path)
    count = 0 if group is None else len(group)
    if count != len(variables):
        raise ShapeError(
            f"Layer {name!r} ({path or 'the model'}) has {len(variables)} weights of its own; the "
            f"file has {count} for it."
        )
    return [(v, read_dataset(group, str(i), v.shape, name)) for i, v in enumerate(variables)]
