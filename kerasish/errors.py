"""Everything that kerasish raises on purpose; see `KerasishError`."""

from kerasish.core.errors import (
    ArgumentError,
    DataError,
    DatasetUnavailableError,
    FileFormatError,
    KerasishError,
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
    "NotBuiltError",
    "NotCompiledError",
    "PurityError",
    "ShapeError",
    "UnknownNameError",
    "UnsafeModelError",
]
