"""Whole models in legacy HDF5: the config in attributes, the weights in groups.

The root has the attributes `model_config` and `training_config` (JSON) and the groups
`model_weights` and `optimizer_weights`; see `legacy.py` for how weights are listed in a group.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import losses
from kerasish.core.errors import FileFormatError
from kerasish.core.layer import Layer
from kerasish.core.paths import to_name
from kerasish.core.serialization.untrusted import guarded
from kerasish.core.types import JSON
from kerasish.saving.files import atomic_write
from kerasish.saving.hdf5.reader import open_hdf5, read_text
from kerasish.saving.legacy import ordered_weights
from kerasish.saving.model_protocol import SaveableModel
from kerasish.saving.versions import KERAS_VERSION
from kerasish.saving.weights import write_array

if TYPE_CHECKING:
    import h5py

__all__ = ["ENDINGS", "prepare_legacy", "read_legacy_config"]

ENDINGS = (".h5", ".hdf5")

# The maximal size of a list of names in an attribute: HDF5 headers are smaller than 64 KiB.
_MAX_ATTRIBUTE_BYTES = 64512

_TEXTS = ("model_config", "training_config", "keras_version")

# The key of the optimizer in the file, and the argument of `compile`.
_OPTIMIZER, _ARGUMENT = "optimizer_config", "optimizer"

# A group: its name, and the names and values of its arrays.
Group = tuple[str, list[tuple[str, Any]]]


def read_legacy_config(path: Path) -> tuple[dict[str, Any], str | None]:
    """Return the config of the model in a file, and the version of Keras that wrote it.

    Args:
        path: an HDF5 file.

    Raises:
        FileFormatError: if the file is damaged, or has weights only.
        UnsafeModelError: if the file is malicious.
    """
    try:
        with guarded("It is damaged"), open_hdf5(path) as h5:
            described, training, version = (read_text(h5, name) for name in _TEXTS)
    except FileFormatError as error:
        raise type(error)(f"{str(path)!r} cannot be read as HDF5. {error}") from error
    if described is None:
        raise FileFormatError(
            f"{str(path)!r} has no attribute `model_config`: it contains only weights. "
            "Build the model in Python, then call `model.load_weights` on the file."
        )
    config, compiled = _json(described, path), _json(training or "null", path)
    if not isinstance(config, dict) or not isinstance(compiled, (dict, type(None))):
        raise FileFormatError(f"The config in {str(path)!r} does not describe a model.")
    return config | {"compile_config": _compile_config(compiled or {})}, version


def _json(text: str, path: Path) -> JSON:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"The config in {str(path)!r} is not JSON: {error}.") from error


def _compile_config(training: dict[str, Any]) -> dict[str, Any]:
    """Convert a training config to the arguments of `compile`."""
    return {_ARGUMENT if key == _OPTIMIZER else key: value for key, value in training.items()}


def prepare_legacy(model: SaveableModel, config: dict[str, Any], path: Path) -> Callable[[], None]:
    """Take a snapshot of a model, and return a function that writes it, in any thread.

    Args:
        model: a model with weights.
        config: the result of `serialize_model`.
        path: the path of the file.
    """
    config = dict(config)
    compiled = config.pop("compile_config", {})
    texts = {"backend": "jax", "keras_version": KERAS_VERSION}
    described = {"model_config": json.dumps(config)}
    if compiled:
        described["training_config"] = json.dumps(_training_config(compiled))
    groups = [(layer.name, _weights_of(layer)) for layer in model._kerasish_sublayers()]
    own = [
        (to_name(v.path), model._kerasish_file_value(v)) for v in model._kerasish_file_variables()
    ]
    optimizer_weights = _optimizer_weights(model) if compiled else []

    def write() -> None:
        import h5py

        with atomic_write(path) as temporary, h5py.File(temporary, "w") as h5:
            h5.attrs.update(texts | described)
            weights = h5.create_group("model_weights")
            weights.attrs.update(texts)
            _write_names(weights, "layer_names", [name for name, _ in groups])
            for name, values in [*groups, ("top_level_model_weights", own)]:
                _write_group(weights, name, values)
            if optimizer_weights:
                _write_group(h5, "optimizer_weights", optimizer_weights)

    return write


def _training_config(compiled: dict[str, Any]) -> dict[str, Any]:
    """Convert the arguments of `compile` to a training config, with full names of losses."""

    def full_name(loss: JSON) -> JSON:
        if isinstance(loss, dict) and "class_name" not in loss:
            return {key: full_name(each) for key, each in loss.items()}
        if isinstance(loss, list):
            return [full_name(each) for each in loss]
        # Keras resolves abbreviations such as `"mse"` to metrics here, and rejects them.
        found = losses.get(loss) if isinstance(loss, str) else None
        return getattr(found, "__name__", loss)

    names = {_ARGUMENT: _OPTIMIZER}
    training = {names.get(key, key): value for key, value in compiled.items()}
    return training | {"loss": full_name(training.get("loss"))}


def _weights_of(layer: Layer) -> list[tuple[str, Any]]:
    return [
        (to_name(variable.path), owner._kerasish_file_value(variable))
        for owner, variable in ordered_weights(layer)
    ]


def _optimizer_weights(model: SaveableModel) -> list[tuple[str, Any]]:
    """Return the variables of an optimizer; before the first step Keras creates them itself."""
    engine = model._kerasish_engine
    if engine is None or engine.owner is None:
        return []
    optimizer = model.optimizer
    return [
        (f"{optimizer.name}/{'_'.join(variable.path)}", variable.value)
        for variable in optimizer.variables
    ]


def _write_group(parent: h5py.Group, name: str, values: Sequence[tuple[str, Any]]) -> None:
    group = parent.create_group(name)
    names: list[str] = []
    for path, value in values:
        # Two weights may have the same path.
        unique = path if path not in names else f"{path}_{len(names)}"
        write_array(group, unique, np.asarray(value))
        names.append(unique)
    _write_names(group, "weight_names", names)


def _write_names(group: h5py.Group, attribute: str, names: list[str]) -> None:
    """Write a list of names, split over several attributes if it is too long for one."""
    encoded = [name.encode("utf-8") for name in names]
    width = max(map(len, encoded), default=1)
    most = max(_MAX_ATTRIBUTE_BYTES // max(width, 1), 1)
    if len(names) <= most:
        group.attrs[attribute] = np.asarray(encoded, f"S{max(width, 1)}")
        return
    for i in range(0, len(names), most):
        group.attrs[f"{attribute}{i // most}"] = np.asarray(encoded[i : i + most], f"S{width}")
