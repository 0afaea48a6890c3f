"""Translation of initializers, activations and other values in configs of Keras 2."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.serialization.custom_objects import register_keras_serializable
from kerasish.core.types import JSON, Array
from kerasish.saving.migration.eras import Era
from kerasish.saving.migration.families import is_serialized_object, with_module, without_module

__all__ = ["activation", "dtype", "plain_name", "value"]

_FAMILIES = {
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
}
# Names in Keras 3.
_ACTIVATIONS = {"softmax_v2": "softmax", "swish": "silu"}
_DISTRIBUTIONS = {"normal": "truncated_normal"}
_POLICIES = ("Policy", "PolicyV1", "DTypePolicy")
_NO_DTYPE = (None, "infer", "_infer")


@register_keras_serializable("kerasish", "keras2_hard_sigmoid")
def hard_sigmoid(x: Array) -> Array:
    """The piecewise linear sigmoid of Keras 2: `0.2 x + 0.5`, clipped to [0, 1].

    The function of this name in Keras 3 is `relu6(x + 3) / 6`.
    """
    return jnp.clip(0.2 * x + 0.5, 0.0, 1.0)


_HARD_SIGMOID = {
    "module": "builtins",
    "class_name": "function",
    "config": "kerasish>keras2_hard_sigmoid",
    "registered_name": "function",
}


def plain_name(name: JSON) -> JSON:
    """Replace `/` in the name of a layer, which Keras 3 does not allow."""
    return name.replace("/", "_") if isinstance(name, str) else name


def value(key: str, given: JSON, era: Era) -> JSON:
    """Translate the value of a setting other than a layer."""
    if key.endswith("activation"):
        return activation(given)
    if key == "dtype":
        return dtype(given)
    if key == "name":
        return plain_name(given)
    if isinstance(given, dict) and given.get("type") == "ndarray" and "value" in given:
        return given["value"]  # the format of Keras 2.0 to 2.2
    family = _FAMILIES.get(key.rpartition("_")[2])
    if family and is_serialized_object(given):
        return _described(given, family)
    return given


def activation(given: JSON) -> JSON:
    """Translate an activation."""
    if is_serialized_object(given) and given["class_name"] == "function":
        name = given.get("config")
        return activation(name) if name in ("hard_sigmoid", *_ACTIVATIONS) else given
    if given == "hard_sigmoid":
        return _HARD_SIGMOID
    return _ACTIVATIONS.get(given, given) if isinstance(given, str) else given


def dtype(given: JSON) -> JSON:
    """Return the name of a dtype or policy, or None if it is inferred."""
    if is_serialized_object(given) and given["class_name"] in _POLICIES:
        config = given.get("config")
        given = config.get("name") if isinstance(config, dict) else None
    return None if given in _NO_DTYPE else given


def _described(given: dict[str, Any], family: str) -> dict[str, Any]:
    config = dict(given["config"]) if isinstance(given.get("config"), dict) else {}
    for name in ("dtype", "partition_info"):
        config.pop(name, None)
    if "distribution" in config:
        config["distribution"] = _DISTRIBUTIONS.get(config["distribution"], config["distribution"])
    return with_module(without_module(given) | {"config": config}, family)
