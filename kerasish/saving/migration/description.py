"""The description of a whole model, from any era."""

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

# The arguments of `compile`, and what a description in them describes.
_COMPILED = {
    "optimizer": ("optimizers",),
    "loss": ("losses",),
    "metrics": ("metrics", "losses"),
    "weighted_metrics": ("metrics", "losses"),
}
# What a file says of a model beside its class and config.
_BESIDE = ("build_config", "compile_config")


def translate_model(
    config: dict[str, Any], version: str | None = None
) -> tuple[dict[str, Any], Era | None]:
    """Return the description of a model as Keras writes it to `.keras` files today.

    Args:
        config: the description, with `compile_config`, if the model was compiled.
        version: the version of Keras that wrote it, if that is known.

    Returns:
        The description, and the era that it was translated from, None if that is of Keras 3.

    Raises:
        FileFormatError: if it is damaged, or a part of it has no counterpart.
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
    """Return a layer or model, and all layers in it, with their modules."""
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
    """Return whether it is a function in a graph: unlike layers, they cannot be trainable."""
    return (
        "inbound_nodes" in described
        and "module" not in described
        and "trainable" not in described["config"]
        and operation_module(described["class_name"]) is not None
    )


def _within(value: JSON, *families: str) -> JSON:
    """Return a value of the compile settings, with a module for each description in it."""
    if is_serialized_object(value):
        return with_module(value, *families)
    if isinstance(value, list):
        return [_within(each, *families) for each in value]
    if isinstance(value, dict):
        return {key: _within(each, *families) for key, each in value.items()}
    return value
