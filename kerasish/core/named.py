"""What every layer has before it has weights: a name, a place, parts, and dtypes."""

from __future__ import annotations

from typing import Any

from kerasish.core.dtypes import DTypePolicy, policy_of
from kerasish.core.names import snake_case
from kerasish.core.policy_map import DTypePolicyMap
from kerasish.core.tree import parts

__all__ = ["Named"]


class Named:
    """A thing with a name, with parts, and with a dtype policy.

    Args:
        name: a name, unique within the parent; made from the class otherwise.
        dtype: a dtype or a policy such as `"mixed_bfloat16"`.
    """

    def __init__(self, name: str | None, dtype: Any) -> None:
        self._name = name
        self._named = self.is_named = name is not None
        self._path: str | None = None
        self.dtype_policy = dtype

    @property
    def name(self) -> str:
        """The name, unique within the parent."""
        return self._name or snake_case(type(self).__name__)

    def settle_name(self, name: str) -> None:
        """Take the name that the first parent gives, unless there is one already."""
        if not self._named:
            self._name, self._named = name, True

    @property
    def path(self) -> str:
        """The names from the model down to here, with slashes between them."""
        return self._path or self.name

    def sublayers(self) -> list[Any]:
        """Return the direct sublayers, in the order of the attributes that hold them."""
        return parts(self, Named)

    def all_layers(self) -> list[Any]:
        """Return this one and all layers within it, at any depth, each once."""
        found: dict[int, Any] = {}

        def visit(layer: Any) -> None:
            if id(layer) not in found:
                found[id(layer)] = layer
                for child in layer.sublayers():
                    visit(child)

        visit(self)
        return list(found.values())

    # Dtypes.

    @property
    def dtype_policy(self) -> DTypePolicy:
        """In which dtype weights are kept, and in which they compute; a name may be assigned."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        policy = policy_of(policy)
        self._dtype_policy = policy[self.name] if isinstance(policy, DTypePolicyMap) else policy

    @property
    def compute_dtype(self) -> str:
        """The dtype in which the layer computes."""
        return self.dtype_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype in which the layer keeps its weights."""
        return self.dtype_policy.variable_dtype

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.variable_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that inputs of floats are cast to."""
        return self.compute_dtype
