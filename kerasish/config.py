"""Settings that hold for the whole process."""

from kerasish.core.config import epsilon, floatx, set_epsilon, set_floatx
from kerasish.core.dtypes import DTypePolicy, dtype_policy, set_dtype_policy

__all__ = [
    "DTypePolicy",
    "dtype_policy",
    "epsilon",
    "floatx",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
]
