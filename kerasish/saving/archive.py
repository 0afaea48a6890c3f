"""Saving and loading of whole models: `.keras` files, folders, legacy HDF5, checkpoints."""

from __future__ import annotations

import io
import json
import os
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from kerasish.core.errors import (
    ArgumentError,
    FileFormatError,
    KerasishError,
    NotBuiltError,
    UnsafeModelError,
)
from kerasish.core.serialization import registry
from kerasish.core.serialization.config import builds_itself
from kerasish.core.serialization.untrusted import check_config, guarded
from kerasish.core.surface.old_names import checked
from kerasish.core.tree import all_layers
from kerasish.core.types import JSON
from kerasish.saving.assets import collect_assets, load_assets
from kerasish.saving.files import atomic_write, source, target
from kerasish.saving.folders import is_model_folder, target_folder, write_folder
from kerasish.saving.hdf5.reader import is_hdf5
from kerasish.saving.legacy_model import ENDINGS, prepare_legacy, read_legacy_config
from kerasish.saving.migration import Era, translate_model
from kerasish.saving.model_protocol import SaveableModel
from kerasish.saving.orbax import checkpoint_config, is_checkpoint, read_checkpoint
from kerasish.saving.versions import KERAS_VERSION
from kerasish.saving.weights import collect, read_weights, write_weights
from kerasish.saving.zip_reader import read_member

__all__ = ["load_model", "make_model", "prepare_model", "save_model", "serialize_model"]

_MEMBERS = ("metadata.json", "config.json", "model.weights.h5")


@checked
def save_model(
    model: SaveableModel,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
    save_format: str | None = None,
) -> None:
    """Save a model to a `.keras` or legacy HDF5 file; see `Model.save`."""
    _check_format(filepath, save_format)
    prepare_model(model, filepath, overwrite, zipped, include_optimizer)()


def _check_format(filepath: str | os.PathLike[str], save_format: str | None) -> None:
    """Check that `save_format` agrees with the file extension.

    Raises:
        ArgumentError: if it does not.
    """
    name = os.fspath(filepath)
    formats = ("h5", "hdf5") if name.endswith(ENDINGS) else ("keras",)
    if save_format is not None and save_format not in formats:
        raise ArgumentError(
            f"The file extension determines the format; {name!r} cannot be {save_format!r}. Use "
            "`model.save('model.keras')` or `model.save('model.h5')`. TensorFlow SavedModels are "
            "not supported; `model.export` writes programs for JAX or ONNX."
        )


def prepare_model(
    model: SaveableModel,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
) -> Callable[[], None]:
    """Take a snapshot of the model, and return a function that writes it, in any thread."""
    if zipped is False:
        path = target_folder(filepath, overwrite)
    else:
        path = target(filepath, (".keras", *ENDINGS), overwrite)
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has no weights to save yet; call it on data once.")
    _warn_shared_layers(model)
    config = serialize_model(model)
    if not include_optimizer:
        config["compile_config"] = {}
    if path.name.endswith(ENDINGS):
        return prepare_legacy(model, config, path)
    metadata = {
        "keras_version": KERAS_VERSION,
        "date_saved": datetime.now().strftime("%Y-%m-%d@%H:%M:%S"),
    }
    texts = json.dumps(metadata), json.dumps(config)
    entries = collect(model, optimizer=bool(config["compile_config"]))
    assets = collect_assets(model)

    def write() -> None:
        weights = io.BytesIO()
        write_weights(entries, weights)
        members: tuple[Any, ...] = (*texts, weights.getbuffer())
        contents = dict(zip(_MEMBERS, members, strict=True)) | assets
        if zipped is False:
            return write_folder(path, contents)
        with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, content)

    return write


def _warn_shared_layers(model: SaveableModel) -> None:
    """Warn about layers in two graphs, which a file would duplicate."""
    holders: dict[int, Any] = {}
    for holder in [each for each in all_layers(model) if hasattr(each, "_kerasish_graph")]:
        for layer in holder.layers:
            if holders.setdefault(id(layer), holder) is not holder and layer.weights:
                warnings.warn(
                    f"Layer {layer.name!r} is in {holders[id(layer)].name!r} and in "
                    f"{holder.name!r}; a `.keras` file cannot represent this and will not load as "
                    "a "
                    "model. Build the model in Python, then call `model.load_weights` on the file.",
                    stacklevel=4,
                )


def serialize_model(model: SaveableModel) -> dict[str, Any]:
    """Return the config of a model without its weights: classes, settings, shapes.

    The arguments of `compile` are left out, with a warning, if they cannot be serialized.
    """
    config: dict[str, Any] = registry.serialize(model)
    shaped = model._kerasish_build_shape is not None or model._kerasish_inputs()
    if "build_config" not in config and shaped:
        config["build_config"] = {
            "input_shape": model._kerasish_build_shape or model._kerasish_input_shape()
        }
    try:
        config["compile_config"] = registry.serialize(model.get_compile_config()) or {}
    except ArgumentError as error:
        warnings.warn(f"The compile settings are not saved. {error}", stacklevel=4)
        config["compile_config"] = {}
    return config


def load_model(
    filepath: str | os.PathLike[str],
    custom_objects: dict[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Load a model from a `.keras` or legacy HDF5 file, written by Keras or kerasish.

    Args:
        filepath: the file, or a folder with checkpoints of `OrbaxCheckpoint`, of which the
            newest is loaded.
        custom_objects: classes and functions that the file refers to, by name.
        compile: whether to compile the model as it was saved and restore its optimizer.
        safe_mode: whether to reject code in the file, and classes that are neither part of
            kerasish nor registered. Disable it only for files that you trust like a
            program.

    Returns:
        The model.

    Raises:
        FileFormatError: if the file is damaged or has another format.
        UnsafeModelError: if the file refers to code or unknown classes, or would expand to far
            more than its size.

    Examples:
        >>> import tempfile
        >>> from kerasish import Input, Sequential, layers
        >>> model = Sequential([Input((4,)), layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model.keras")
        ...     load_model(f"{folder}/model.keras").count_params()
        10
    """
    if is_checkpoint(filepath):
        return _load_checkpoint(filepath, custom_objects, compile, safe_mode)
    in_folder = is_model_folder(filepath)
    path = Path(filepath) if in_folder else source(filepath)
    legacy = not in_folder and is_hdf5(path)
    config, version = read_legacy_config(path) if legacy else _read_config(path)
    with registry.custom_objects(custom_objects), registry.trusting(safe_mode):
        model = make_model(config, str(path), compile, version)
    weights = path if legacy else io.BytesIO(read_member(path, "model.weights.h5"))
    read_weights(model, weights, skip_mismatch=False, build_optimizer=True)
    if not legacy:
        load_assets(model, path)
    return model


def _read_config(path: Path) -> tuple[Any, str | None]:
    """Return the config of the model in a `.keras` file, and the version of Keras."""
    config = _json(read_member(path, "config.json"), path)
    try:
        metadata = _json(read_member(path, "metadata.json"), path)
    except UnsafeModelError:
        raise
    except FileFormatError:  # then the version is unknown
        metadata = None
    return config, metadata.get("keras_version") if isinstance(metadata, dict) else None


def _json(text: bytes, path: Path) -> JSON:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"The config in {str(path)!r} is not JSON: {error}.") from error


def _load_checkpoint(
    filepath: str | os.PathLike[str],
    custom_objects: dict[str, Any] | None,
    compile: bool,
    safe_mode: bool,
) -> SaveableModel:
    config = checkpoint_config(filepath)
    with registry.custom_objects(custom_objects), registry.trusting(safe_mode):
        model = make_model(config, str(filepath), compile)
    compiled = compile and bool(config.get("compile_config"))
    read_checkpoint(model, filepath, optimizer=compiled)
    return model


def make_model(
    config: JSON, source: str, compile: bool = True, version: str | None = None
) -> SaveableModel:
    """Create a model without its weights from the result of `serialize_model`.

    Args:
        config: the config of the model.
        source: the file, for messages.
        compile: whether to compile the model as it was saved.
        version: the version of Keras that wrote the config, if known.

    Raises:
        FileFormatError: if the config does not describe a model.
        UnsafeModelError: if the config refers to code or unknown classes, or is too large.
    """
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileFormatError(f"The config in {source!r} does not describe a model.")
    check_config(config, source)
    with guarded(f"The config in {source!r} does not describe a model"):
        config, era = translate_model(config, version)
        with _name_keras_version(era):
            model: SaveableModel = registry.deserialize(config)
        if not hasattr(model, "compile"):
            raise FileFormatError(f"{source!r} contains a {type(model).__name__}, not a model.")
        if not builds_itself(model):
            model.build_from_config(config.get("build_config") or {})
        if compile and config.get("compile_config"):
            with _name_keras_version(era):
                model.compile_from_config(config["compile_config"])
    return model


@contextmanager
def _name_keras_version(era: Era | None) -> Iterator[None]:
    """Add the version of Keras that wrote the file to errors."""
    try:
        yield
    except (KerasishError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        if era is None:
            raise
        kind = UnsafeModelError if isinstance(error, UnsafeModelError) else FileFormatError
        raise kind(f"The model was written by {era}. {error}") from error
