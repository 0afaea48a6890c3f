"""Dtype policies: in which dtype weights are kept and in which they compute."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.settings import config

__all__ = [
    "DTypePolicy",
    "cast_floats",
    "dtype_policy",
    "is_float",
    "policy_of",
    "set_dtype_policy",
]

_MIXED = {"mixed_bfloat16": "bfloat16", "mixed_float16": "float16"}


class DTypePolicy:
    """How a layer stores its weights and in which dtype it computes.

    Args:
        name: a dtype (`"float32"`, `"bfloat16"`, ...) for both, or
            `"mixed_bfloat16"` / `"mixed_float16"`: float32 weights, 16-bit
            computation. None stands for `config.floatx()`.

    Raises:
        ArgumentError: if `name` is neither.

    Examples:
        >>> policy = DTypePolicy("mixed_bfloat16")
        >>> policy.variable_dtype, policy.compute_dtype
        ('float32', 'bfloat16')
    """

    # Layers are not quantized.
    quantization_mode: ClassVar[None] = None

    def __init__(self, name: str | None = None) -> None:
        self.name = config.floatx() if name is None else str(name)
        self.compute_dtype = _MIXED.get(self.name, self.name)
        self.variable_dtype = "float32" if self.name in _MIXED else self.name
        try:
            jnp.dtype(self.compute_dtype)
        except TypeError as error:
            raise ArgumentError(
                f"There is no dtype policy called {name!r}; use a dtype such as 'float32', "
                "or 'mixed_bfloat16' or 'mixed_float16'."
            ) from error

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """Return an input as a layer takes it: an array, in `dtype` if it holds floats.

        Args:
            x: an array, or anything else, which is returned as it is.
            autocast: whether to cast floats.
            dtype: to what.
        """
        x = jnp.asarray(x) if isinstance(x, np.ndarray) else x
        return cast_floats(x, dtype) if autocast else x

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this policy again."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """Make a policy from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"DTypePolicy({self.name!r})"


def policy_of(identifier: Any) -> DTypePolicy:
    """Return the policy meant by a policy, a dtype, a config, or None."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return DTypePolicy(**identifier.get("config", identifier))
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    return DTypePolicy(np.dtype(identifier).name)


_policy: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are given no `dtype`."""
    return _policy or DTypePolicy(config.floatx())


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the policy of layers made from here on that are given no `dtype`."""
    global _policy
    _policy = policy_of(policy)


def is_float(x: Any) -> bool:
    """Return whether `x` has a real floating dtype."""
    dtype = getattr(x, "dtype", None)
    return dtype is not None and jnp.issubdtype(dtype, jnp.floating)


def cast_floats(x: Any, dtype: str) -> Any:
    """Cast `x` to `dtype` if it is a floating array; leave anything else alone."""
    return x.astype(dtype) if is_float(x) and x.dtype != dtype else x
