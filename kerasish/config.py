"""Settings that hold for the whole process."""

from kerasish.core.cache import (
    disable_compilation_cache,
    enable_compilation_cache,
    from_environment,
)
from kerasish.core.config import epsilon, floatx, set_epsilon, set_floatx
from kerasish.core.dtypes import DTypePolicy, dtype_policy, set_dtype_policy

__all__ = [
    "DTypePolicy",
    "disable_compilation_cache",
    "dtype_policy",
    "enable_compilation_cache",
    "epsilon",
    "floatx",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
]

from_environment()
