"""The description of a whole model, from any era."""

from __future__ import annotations

from typing import Any

from kerasish.saving.migration.families import at_home, is_described, operation_module

__all__ = ["translated"]

# Where models and layers are; the published networks have a few of their own.
_LAYERS = ("", "layers", "src.applications.convnext", "src.applications.inception_resnet_v2")
# The arguments of `compile`, and what a description in them describes.
_COMPILED = {
    "optimizer": ("optimizers",),
    "loss": ("losses",),
    "metrics": ("metrics", "losses"),
    "weighted_metrics": ("metrics", "losses"),
}


def translated(config: dict[str, Any], version: str | None = None) -> dict[str, Any]:
    """Return the description of a model as Keras writes it to `.keras` files today.

    Args:
        config: the description, with `compile_config`, if the model was compiled.
        version: the version of Keras that wrote it, if that is known.

    Raises:
        FileFormatError: if it is damaged.
    """
    if "module" in config:
        return config
    compiled = config.get("compile_config")
    model: dict[str, Any] = _layer(config)
    if isinstance(compiled, dict):
        model["compile_config"] = {
            key: _within(value, *_COMPILED[key]) if key in _COMPILED else value
            for key, value in compiled.items()
        }
    return model


def _layer(described: Any) -> Any:
    """Return a layer or model, and all layers in it, with their modules."""
    if isinstance(described, list):
        return [_layer(each) for each in described]
    if not is_described(described) or not isinstance(described.get("config"), dict):
        return described
    if _is_operation(described):
        module = operation_module(described["class_name"])
        return described | {"module": f"keras.src.ops.{module}"}
    config = {
        key: _layer(value) if key == "layers" or is_described(value) else value
        for key, value in described["config"].items()
    }
    return at_home(described, *_LAYERS) | {"config": config}


def _is_operation(described: dict[str, Any]) -> bool:
    """Return whether it is a function in a graph: unlike layers, they cannot be trainable."""
    return (
        "inbound_nodes" in described
        and "module" not in described
        and "trainable" not in described["config"]
        and operation_module(described["class_name"]) is not None
    )


def _within(value: Any, *families: str) -> Any:
    """Return a value of the compile settings, with a module for each description in it."""
    if is_described(value):
        return at_home(value, *families)
    if isinstance(value, list):
        return [_within(each, *families) for each in value]
    if isinstance(value, dict):
        return {key: _within(each, *families) for key, each in value.items()}
    return value
