"""What every layer has before it has weights: a name, a place, parts, and dtypes."""

from __future__ import annotations

from typing import Any

from kerasish.core.dtypes import DTypePolicy, policy_of
from kerasish.core.errors import NotInitializedError
from kerasish.core.names import checked_name, snake_case
from kerasish.core.policy_map import DTypePolicyMap
from kerasish.core.surface.reserved import PREFIX
from kerasish.core.tree import collect_attributes, rename

__all__ = ["Named", "is_initialized"]


class Named:
    """A thing with a name, with parts, and with a dtype policy.

    Args:
        name: a name, unique within the parent; made from the class otherwise.
        dtype: a dtype or a policy such as `"mixed_bfloat16"`.
    """

    def __init__(self, name: str | None, dtype: Any) -> None:
        self._kerasish_name = None if name is None else checked_name(name)
        self._kerasish_given = name is not None
        self._kerasish_path: str | None = None
        self.dtype_policy = dtype

    def __getattr__(self, name: str) -> Any:
        """Explain a missing attribute, if it is missing because the constructor was not called.

        Raises:
            NotInitializedError: if it was not.
        """
        if not name.startswith("__") and not is_initialized(self):
            kind = type(self).__name__
            raise NotInitializedError(
                f"`{kind}.__init__` does not call `super().__init__()`. Make that its first line, "
                "before attributes are set."
            )
        # A property that raised AttributeError comes here, too: let its own error be seen.
        return object.__getattribute__(self, name)

    @property
    def name(self) -> str:
        """The name, unique within the parent. Assign to it to rename.

        A name that was not given is made from the class, and is changed where another layer of
        the same parent has it.
        """
        return self._kerasish_name or self._kerasish_default_name

    @name.setter
    def name(self, name: str) -> None:
        rename(self, checked_name(name))
        self._kerasish_given = True

    @property
    def _kerasish_default_name(self) -> str:
        """The name while none was given."""
        return snake_case(type(self).__name__)

    @property
    def path(self) -> str:
        """The names from the model down to here, with slashes between them."""
        return self._kerasish_path or self.name

    def _kerasish_sublayers(self) -> list[Any]:
        """Return the direct sublayers, in the order of the attributes that hold them."""
        return collect_attributes(self, Named)

    # Dtypes.

    @property
    def dtype_policy(self) -> DTypePolicy:
        """In which dtype weights are kept, and in which they compute; a name may be assigned."""
        return self._kerasish_dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, policy: Any) -> None:
        policy = policy_of(policy)
        self._kerasish_dtype_policy = (
            policy[self.name] if isinstance(policy, DTypePolicyMap) else policy
        )

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


def is_initialized(named: Named) -> bool:
    """Return whether the constructor of `Named` was called."""
    return f"{PREFIX}given" in vars(named)
