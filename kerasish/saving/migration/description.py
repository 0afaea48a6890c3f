"""Translation of the config of a whole model."""

from __future__ import annotations

from typing import Any

from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era, era_of
from kerasish.saving.migration.families import (
    LAYERS,
    is_serialized_object,
    operation_module,
    with_module,
)
from kerasish.saving.migration.models import model as model_of_keras2
from kerasish.saving.migration.training import compiled as compiled_by_keras2

__all__ = ["translate_model"]

# Arguments of `compile`, and the modules of the objects in them.
_COMPILED = {
    "optimizer": ("optimizers",),
    "loss": ("losses",),
    "metrics": ("metrics", "losses"),
    "weighted_metrics": ("metrics", "losses"),
}
# Keys of a model beside its class and config.
_BESIDE = ("build_config", "compile_config")


def translate_model(
    config: dict[str, Any], version: str | None = None
) -> tuple[dict[str, Any], Era | None]:
    """Translate the config of a model to the format of Keras 3.

    Args:
        config: the config, with `compile_config` if the model was compiled.
        version: the version of Keras that wrote it, if known.

    Returns:
        The config, and the era that it was translated from, or None for Keras 3.

    Raises:
        FileFormatError: if the config is damaged, or a part has no equivalent.
    """
    era = era_of(config, version)
    if era is None and "module" in config:
        return config, None
    compiled = config.get("compile_config")
    if era is not None:
        beside = {key: config[key] for key in _BESIDE if key in config}
        model = model_of_keras2(config, era) | beside
        if isinstance(compiled, dict):
            model["compile_config"] = compiled_by_keras2(compiled, era)
        return model, era
    described: dict[str, Any] = _layer(config)
    if isinstance(compiled, dict):
        described["compile_config"] = {
            key: _within(value, *_COMPILED[key]) if key in _COMPILED else value
            for key, value in compiled.items()
        }
    return described, None


def _layer(described: JSON) -> JSON:
    """Add modules to a layer or model and to all layers in it."""
    if isinstance(described, list):
        return [_layer(each) for each in described]
    if not is_serialized_object(described) or not isinstance(described.get("config"), dict):
        return described
    if _is_operation(described):
        module = operation_module(described["class_name"])
        return described | {"module": f"keras.src.ops.{module}"}
    config = {
        key: _layer(value) if key == "layers" or is_serialized_object(value) else value
        for key, value in described["config"].items()
    }
    return with_module(described, *LAYERS) | {"config": config}


def _is_operation(described: dict[str, Any]) -> bool:
    """Return whether this is an operation; unlike layers, operations have no `trainable`."""
    return (
        "inbound_nodes" in described
        and "module" not in described
        and "trainable" not in described["config"]
        and operation_module(described["class_name"]) is not None
    )


def _within(value: JSON, *families: str) -> JSON:
    """Add modules to all objects in an argument of `compile`."""
    if is_serialized_object(value):
        return with_module(value, *families)
    if isinstance(value, list):
        return [_within(each, *families) for each in value]
    if isinstance(value, dict):
        return {key: _within(each, *families) for key, each in value.items()}
    return value
