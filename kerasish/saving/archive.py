"""Whole models in `.keras` files, a zip of config, metadata and weights, or in legacy HDF5."""

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
from kerasish.saving.assets import collect_assets, load_assets
from kerasish.saving.files import atomic_write, source, target
from kerasish.saving.folders import is_model_folder, target_folder, write_folder
from kerasish.saving.hdf5.reader import is_hdf5
from kerasish.saving.legacy_model import ENDINGS, prepare_legacy, read_legacy_config
from kerasish.saving.migration import Era, translated
from kerasish.saving.orbax import checkpoint_config, is_checkpoint, read_checkpoint
from kerasish.saving.versions import KERAS_VERSION
from kerasish.saving.weights import collect, read_weights, write_weights
from kerasish.saving.zip_reader import read_member

__all__ = ["describe_model", "load_model", "make_model", "prepare_model", "save_model"]

_MEMBERS = ("metadata.json", "config.json", "model.weights.h5")


@checked
def save_model(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
    save_format: str | None = None,
) -> None:
    """Write a model to a `.keras` file; see `Model.save`."""
    _check_format(filepath, save_format)
    prepare_model(model, filepath, overwrite, zipped, include_optimizer)()


def _check_format(filepath: Any, save_format: str | None) -> None:
    """Refuse a format that the ending does not say.

    Raises:
        ArgumentError: if it is another.
    """
    name = os.fspath(filepath)
    says = ("h5", "hdf5") if name.endswith(ENDINGS) else ("keras",)
    if save_format is not None and save_format not in says:
        raise ArgumentError(
            f"The ending of the file says its format; {name!r} cannot be {save_format!r}. Write "
            "`model.save('model.keras')` or `model.save('model.h5')`; a program for TensorFlow "
            "cannot be written, `model.export` writes one for JAX or ONNX."
        )


def prepare_model(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
) -> Callable[[], None]:
    """Return what writes the model as it is now, in any thread, at any time."""
    if zipped is False:
        path = target_folder(filepath, overwrite)
    else:
        path = target(filepath, (".keras", *ENDINGS), overwrite)
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has no weights to save yet; call it on data once.")
    _tell_of_shared(model)
    config = describe_model(model)
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


def _tell_of_shared(model: Any) -> None:
    """Warn of a layer in two graphs: each describes its own layers, so a file makes two of it."""
    holders: dict[int, Any] = {}
    for holder in [each for each in all_layers(model) if hasattr(each, "_kerasish_graph")]:
        for layer in holder.layers:
            if holders.setdefault(id(layer), holder) is not holder and layer.weights:
                warnings.warn(
                    f"Layer {layer.name!r} is in {holders[id(layer)].name!r} and in "
                    f"{holder.name!r}, which a `.keras` file cannot say: it will not load as a "
                    "model. Make the model in Python, then call `model.load_weights` on the file.",
                    stacklevel=4,
                )


def describe_model(model: Any) -> dict[str, Any]:
    """Return what makes an equal model, without its weights: classes, settings, shapes.

    What `compile` was given is left out, with a warning, if it cannot be written to a file.
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
    """Read a model from a `.keras` file or one in legacy HDF5, Keras's or ours.

    Args:
        filepath: the file, or a folder with checkpoints of `OrbaxCheckpoint`, whose newest
            one counts.
        custom_objects: classes and functions that the file names, by name.
        compile: whether to compile the model as it was, with the state of its optimizer.
        safe_mode: whether to refuse code in the file, and classes that are
            neither kerasish's nor registered. Only switch it off for files
            that you trust as you would trust a program.

    Returns:
        The model.

    Raises:
        FileFormatError: if the file is damaged or of another kind.
        UnsafeModelError: if it asks for code or unknown classes, or for far more than it holds.

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
    """Return the description of the model in a `.keras` file, and the version that wrote it."""
    config = _json(read_member(path, "config.json"), path)
    try:
        metadata = _json(read_member(path, "metadata.json"), path)
    except UnsafeModelError:
        raise
    except FileFormatError:  # without it the version is not known
        metadata = None
    return config, metadata.get("keras_version") if isinstance(metadata, dict) else None


def _json(text: bytes, path: Path) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"The config in {str(path)!r} is not JSON: {error}.") from error


def _load_checkpoint(
    filepath: Any, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    config = checkpoint_config(filepath)
    with registry.custom_objects(custom_objects), registry.trusting(safe_mode):
        model = make_model(config, str(filepath), compile)
    compiled = compile and bool(config.get("compile_config"))
    read_checkpoint(model, filepath, optimizer=compiled)
    return model


def make_model(config: Any, source: str, compile: bool = True, version: str | None = None) -> Any:
    """Make a model, without its weights, of what `describe_model` returned.

    Args:
        config: the description.
        source: where it comes from, for messages.
        compile: whether to compile the model as it was.
        version: the version of Keras that wrote it, if that is known.

    Raises:
        FileFormatError: if it describes no model.
        UnsafeModelError: if it asks for code, for unknown classes, or for far too much.
    """
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileFormatError(f"The config in {source!r} does not describe a model.")
    check_config(config, source)
    with guarded(f"The config in {source!r} does not describe a model"):
        config, era = translated(config, version)
        with _naming(era):
            model = registry.deserialize(config)
        if not hasattr(model, "compile"):
            raise FileFormatError(f"{source!r} holds a {type(model).__name__}, not a model.")
        if not builds_itself(model):
            model.build_from_config(config.get("build_config") or {})
        if compile and config.get("compile_config"):
            with _naming(era):
                model.compile_from_config(config["compile_config"])
    return model


@contextmanager
def _naming(era: Era | None) -> Iterator[None]:
    """Say in errors which earlier Keras wrote what is being made."""
    try:
        yield
    except (KerasishError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        if era is None:
            raise
        kind = UnsafeModelError if isinstance(error, UnsafeModelError) else FileFormatError
        raise kind(f"The model was written by {era}. {error}") from error
