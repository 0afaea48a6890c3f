"""Dtype policies: the dtypes of weights and of computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish.core.dtypes import DTypePolicy, policy_of
from kerasish.core.errors import ArgumentError
from kerasish.core.policy_map import DTypePolicyMap
from kerasish.core.serialization.config import deserialize_keras_object, serialize_keras_object
from kerasish.core.types import Config, DTypeLike

__all__ = [
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "deserialize",
    "get",
    "serialize",
]

FloatDTypePolicy = DTypePolicy


def get(identifier: str | DTypePolicy | DTypeLike | Config | None) -> DTypePolicy:
    """Return the policy for a policy, a name, a dtype, a config, or None.

    Args:
        identifier: None stands for `config.dtype_policy()`.

    Raises:
        ArgumentError: if the policy is unknown.

    Examples:
        >>> get("mixed_bfloat16").compute_dtype
        'bfloat16'
    """
    return deserialize(identifier) if isinstance(identifier, dict) else policy_of(identifier)


def serialize(dtype_policy: DTypePolicy) -> Config:
    """Return the config of a policy in the format of Keras.

    Args:
        dtype_policy: a policy.

    Examples:
        >>> serialize(DTypePolicy("float32"))["config"]
        {'name': 'float32'}
    """
    result: Config = serialize_keras_object(dtype_policy)
    return result


def deserialize(config: Config, custom_objects: Mapping[str, Any] | None = None) -> DTypePolicy:
    """Create a policy from its config.

    Args:
        config: the result of `serialize`, also from Keras.
        custom_objects: additional classes by name.

    Raises:
        ArgumentError: if the config is not that of a policy.

    Examples:
        >>> deserialize({"class_name": "DTypePolicy", "config": {"name": "float16"}})
        DTypePolicy('float16')
    """
    policy = deserialize_keras_object(config, custom_objects)
    if not isinstance(policy, DTypePolicy):
        raise ArgumentError(f"{config!r} is not the config of a dtype policy.")
    return policy
