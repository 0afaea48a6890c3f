"""Translation of models: Sequential, functional, and nested models."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import FileFormatError
from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era
from kerasish.saving.migration.families import (
    LAYERS,
    is_serialized_object,
    with_module,
    without_module,
)
from kerasish.saving.migration.graph import graph
from kerasish.saving.migration.layers import layer
from kerasish.saving.migration.values import dtype, plain_name

__all__ = ["model"]

_GRAPHS = ("Model", "Functional")


def model(described: JSON, era: Era) -> dict[str, Any]:
    """Translate a serialized model or layer.

    Args:
        described: the serialized object.
        era: the version of Keras that wrote it.

    Raises:
        FileFormatError: if a part has no equivalent, or the config is damaged.
    """
    config = described.get("config") if is_serialized_object(described) else None
    if isinstance(config, list):
        return _sequential(without_module(described), {"layers": config}, era)
    if not isinstance(config, dict) or "layers" not in config:
        return _layer(described, era)
    described = without_module(described)
    if not isinstance(config["layers"], list):
        raise FileFormatError(f"The model of {era} has no list of layers.")
    if "input_layers" not in config:
        return _sequential(described, config, era)
    name = "Functional" if described["class_name"] in _GRAPHS else described["class_name"]
    translated = graph(_drop_removed(config), era, model)
    return with_module(described | {"class_name": name, "config": translated}, *LAYERS)


def _layer(described: JSON, era: Era) -> dict[str, Any]:
    kept: dict[str, Any] = layer(described, era, model)
    return {key: value for key, value in kept.items() if key not in ("inbound_nodes", "name")}


def _drop_removed(config: dict[str, Any]) -> dict[str, Any]:
    """Drop removed settings from the config of a model."""
    kept = {
        key: value for key, value in config.items() if key not in ("dynamic", "batch_input_shape")
    }
    if "name" in kept:
        kept["name"] = plain_name(kept["name"])
    if (policy := dtype(kept.pop("dtype", None))) is not None:
        kept["dtype"] = policy
    return kept


def _sequential(described: dict[str, Any], config: dict[str, Any], era: Era) -> dict[str, Any]:
    """Translate a Sequential; its input shape in the first layer becomes an `InputLayer`."""
    layers = [model(each, era) for each in config["layers"]]
    first = config["layers"][0] if config["layers"] else {}
    if layers and first.get("class_name") != "InputLayer":
        start = _input_of(first)
        if start is not None:
            layers.insert(0, start)
    kept = _drop_removed(config) | {"layers": layers}
    shape = kept.get("build_input_shape")
    if not (isinstance(shape, list) and all(n is None or isinstance(n, int) for n in shape)):
        kept.pop("build_input_shape", None)
    return with_module(described | {"config": kept}, *LAYERS)


def _input_of(described: dict[str, Any]) -> dict[str, Any] | None:
    config = described.get("config")
    if not isinstance(config, dict) or not config.get("batch_input_shape"):
        return None
    is_embedding = described["class_name"] == "Embedding"
    given = "int32" if is_embedding else config.get("input_dtype") or dtype(config.get("dtype"))
    kind = given if isinstance(given, str) and not given.startswith("mixed_") else None
    return {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {
            "batch_shape": config["batch_input_shape"],
            "dtype": kind,
            "name": plain_name(f"{config.get('name', 'layer')}_input"),
        },
        "registered_name": None,
    }
