"""Dtype policies: in which dtype layers keep their weights, and in which they compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish.core.dtypes import DTypePolicy, policy_of
from kerasish.core.errors import ArgumentError
from kerasish.core.policy_map import DTypePolicyMap
from kerasish.core.serialization.config import deserialize_keras_object, serialize_keras_object

__all__ = [
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "deserialize",
    "get",
    "serialize",
]

FloatDTypePolicy = DTypePolicy


def get(identifier: Any) -> DTypePolicy:
    """Return the policy meant by a policy, its name, a dtype, a config, or None.

    Args:
        identifier: None stands for `config.dtype_policy()`.

    Raises:
        ArgumentError: if there is no such policy.

    Examples:
        >>> get("mixed_bfloat16").compute_dtype
        'bfloat16'
    """
    return deserialize(identifier) if isinstance(identifier, dict) else policy_of(identifier)


def serialize(dtype_policy: DTypePolicy) -> Any:
    """Return a description of a policy, in Keras's form.

    Args:
        dtype_policy: a policy.

    Examples:
        >>> serialize(DTypePolicy("float32"))["config"]
        {'name': 'float32'}
    """
    return serialize_keras_object(dtype_policy)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> DTypePolicy:
    """Return the policy of a description.

    Args:
        config: what `serialize` returned, here or in Keras.
        custom_objects: names, besides registered ones, that it may hold.

    Raises:
        ArgumentError: if it describes something else.

    Examples:
        >>> deserialize({"class_name": "DTypePolicy", "config": {"name": "float16"}})
        DTypePolicy('float16')
    """
    policy = deserialize_keras_object(config, custom_objects)
    if not isinstance(policy, DTypePolicy):
        raise ArgumentError(f"{config!r} is not the description of a dtype policy.")
    return policy
