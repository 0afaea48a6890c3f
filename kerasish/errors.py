"""The exceptions of kerasish; see `KerasishError` for the hierarchy."""

from kerasish.core.errors import (
    ArgumentError,
    DataError,
    DatasetUnavailableError,
    FileFormatError,
    KerasishError,
    NonFiniteLossError,
    NotBuiltError,
    NotCompiledError,
    PurityError,
    ShapeError,
    UnknownNameError,
    UnsafeModelError,
)

__all__ = [
    "ArgumentError",
    "DataError",
    "DatasetUnavailableError",
    "FileFormatError",
    "KerasishError",
    "NonFiniteLossError",
    "NotBuiltError",
    "NotCompiledError",
    "PurityError",
    "ShapeError",
    "UnknownNameError",
    "UnsafeModelError",
]
