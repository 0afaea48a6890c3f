"""Dtype policies by the paths of layers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from kerasish.core.dtypes import DTypePolicy, dtype_policy, policy_of
from kerasish.core.errors import ArgumentError

__all__ = ["DTypePolicyMap"]


class DTypePolicyMap(DTypePolicy, MutableMapping[str, DTypePolicy]):
    """A dict from the paths of layers, or patterns of them, to dtype policies.

    A path that is in it has the policy given there; else that of the one regular expression
    that matches all of it; else the default. As the `dtype` of a layer it stands for the policy
    that it has for the layer's name.

    Args:
        default_policy: for all other paths; `config.dtype_policy()` unless given.
        policy_map: policies by path.

    Raises:
        ArgumentError: if a value is not a policy, a key is set twice, or several patterns match.

    Examples:
        >>> policies = DTypePolicyMap(default_policy=DTypePolicy("float32"))
        >>> policies["encoder/.*"] = DTypePolicy("bfloat16")
        >>> policies["encoder/dense"].name, policies["decoder"].name
        ('bfloat16', 'float32')
    """

    def __init__(
        self,
        default_policy: DTypePolicy | None = None,
        policy_map: Mapping[str, DTypePolicy] | None = None,
    ) -> None:
        if not isinstance(default_policy, DTypePolicy | None):
            raise ArgumentError(f"default_policy must be a DTypePolicy; got {default_policy!r}.")
        self._default = default_policy
        self._policies: dict[str, DTypePolicy] = {}
        for path, policy in (policy_map or {}).items():
            self[path] = policy
        super().__init__(self.default_policy.name)
        self.name = f"map_{self.name}"

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths that are not in the map."""
        return self._default or dtype_policy()

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policies:
            return self._policies[key]
        found = [path for path in self._policies if re.fullmatch(path, key)]
        if len(found) > 1:
            raise ArgumentError(f"{key!r} matches several paths of the map: {', '.join(found)}.")
        return self._policies[found[0]] if found else self.default_policy

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self._policies:
            raise ArgumentError(
                f"{key!r} is in the map already, with {self._policies[key]!r}; delete it first."
            )
        if not isinstance(policy, DTypePolicy):
            raise ArgumentError(f"The map takes DTypePolicies; got {policy!r} for {key!r}.")
        self._policies[key] = policy

    def __delitem__(self, key: str) -> None:
        del self._policies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policies

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __len__(self) -> int:
        return len(self._policies)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicyMap) and other.get_config() == self.get_config()

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        # As a policy: an empty map is one, too.
        return True

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this map again, policies as they are."""
        return {"default_policy": self._default, "policy_map": dict(self._policies)}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> DTypePolicyMap:
        """Make a map from what `get_config` returned, or from what a file has of it.

        Args:
            config: that dict.
            custom_objects: without effect: policies are not classes of users.
        """
        default = config.get("default_policy")
        policies = config.get("policy_map") or {}
        return cls(
            None if default is None else policy_of(default),
            {path: policy_of(policy) for path, policy in policies.items()},
        )

    def __repr__(self) -> str:
        return f"DTypePolicyMap({self._default!r}, {self._policies!r})"
