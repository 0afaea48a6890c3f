"""Everything that kerasish raises on purpose.

Each error is also the built-in exception that a Keras user would expect to
catch, and its message says what was asked, what came, and what to do::

    KerasishError
    ├── UnknownNameError         (ValueError)    no such layer, loss, activation, ...
    ├── ArgumentError            (ValueError)    a setting that cannot be
    ├── ShapeError               (ValueError)    an array or a layer of the wrong shape
    ├── DataError                (ValueError)    data that cannot be trained on
    ├── NotBuiltError            (RuntimeError)  the weights do not exist yet
    ├── NotCompiledError         (RuntimeError)  training was asked for before compile
    ├── NonFiniteLossError       (RuntimeError)  a loss that is NaN or infinite
    ├── PurityError              (RuntimeError)  a state write that a JAX transform would lose
    ├── FileFormatError          (ValueError)    a file that is not what it should be
    │   └── UnsafeModelError                     a file that asks for code, or reaches out of itself
    └── DatasetUnavailableError  (RuntimeError)  a dataset that is not on this machine
"""

import difflib
from collections.abc import Iterable
from contextlib import ContextDecorator

__all__ = [
    "ArgumentError",
    "DataError",
    "DatasetUnavailableError",
    "FileFormatError",
    "KerasishError",
    "NonFiniteLossError",
    "NotBuiltError",
    "NotCompiledError",
    "NotInitializedError",
    "PurityError",
    "ShapeError",
    "UnknownNameError",
    "UnsafeModelError",
    "did_you_mean",
    "disable_traceback_filtering",
    "enable_traceback_filtering",
    "filter_traceback",
    "given_as_class",
    "is_traceback_filtering_enabled",
    "nearest",
]


class KerasishError(Exception):
    """The root of every error that kerasish raises on purpose."""


class UnknownNameError(KerasishError, ValueError):
    """A name that nothing is registered under."""

    def __init__(
        self, kind: str, name: object, known: Iterable[str], hint: str | None = None
    ) -> None:
        advice = f" {hint}" if hint else did_you_mean(str(name), known)
        super().__init__(f"There is no {kind} called {name!r}.{advice}")


class ArgumentError(KerasishError, ValueError):
    """An argument whose value makes no sense."""


class ShapeError(KerasishError, ValueError):
    """An array, or a layer's input, of the wrong shape."""


class DataError(KerasishError, ValueError):
    """Data that a model cannot be trained or evaluated on."""


class NotBuiltError(KerasishError, RuntimeError):
    """Weights were asked for before an input shape was known."""


class NotInitializedError(KerasishError, AttributeError):
    """A subclass does not call the constructor of its base class."""


class NotCompiledError(KerasishError, RuntimeError):
    """`fit` or `evaluate` was called before `compile`."""


class NonFiniteLossError(KerasishError, RuntimeError):
    """The loss is NaN or infinite, and `TerminateOnNaN(raise_error=True)` watches it."""


class PurityError(KerasishError, RuntimeError):
    """State was written where a JAX transformation would lose the write."""


class FileFormatError(KerasishError, ValueError):
    """A file is damaged, or is not a file of the kind that was asked for."""


class UnsafeModelError(FileFormatError):
    """A file asks for code that is not on the allow-list, or for what it does not hold itself."""


class DatasetUnavailableError(KerasishError, RuntimeError):
    """A dataset is neither prepared on this machine nor can be downloaded."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'relu'?"`, or all the choices when none is near.

    Args:
        name: what was asked for.
        known: the names that exist.

    Returns:
        A sentence with a leading space, to be appended to an error message.

    Examples:
        >>> did_you_mean("rellu", ["relu", "tanh"])
        " Did you mean 'relu'?"
    """
    choices = sorted(set(known))
    if near := nearest(name, choices):
        return f" Did you mean {near!r}?"
    shown = ", ".join(repr(c) for c in choices[:12])
    return f" The choices are {shown}{', ...' if len(choices) > 12 else ''}."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was most likely meant, or None.

    Args:
        name: what was asked for.
        known: the names that exist. Case and underscores make no difference.

    Examples:
        >>> nearest("max_pooling2d", ["MaxPooling1D", "MaxPooling2D"])
        'MaxPooling2D'
        >>> nearest("f1", ["AUC", "F1Score"])
        'F1Score'
    """
    choices = sorted(known)
    near = difflib.get_close_matches(_plain(name), map(_plain, choices), n=1, cutoff=0.6)
    alike = [choice for choice in choices if _plain(choice) in near]
    if not alike and len(name) > 1:  # the beginning of a name, such as "f1"
        longer = [choice for choice in choices if _plain(choice).startswith(_plain(name))]
        return min(longer, key=len, default=None)
    return max(
        alike, key=lambda each: difflib.SequenceMatcher(None, each, name).ratio(), default=None
    )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def given_as_class(kind: type) -> str:
    """Return the sentence for a class that was given in the place of an instance.

    Examples:
        >>> given_as_class(dict)
        'You gave the class; write `dict()`.'
    """
    return f"You gave the class; write `{kind.__name__}()`."


_filtered = True


def enable_traceback_filtering() -> None:
    """Let errors of kerasish's own come without the frames of JAX and of kerasish between."""
    global _filtered
    _filtered = True


def disable_traceback_filtering() -> None:
    """Let errors come with every frame, to look for a fault inside of kerasish."""
    global _filtered
    _filtered = False


def is_traceback_filtering_enabled() -> bool:
    """Return whether errors of kerasish's own come without the frames between.

    Examples:
        >>> is_traceback_filtering_enabled()
        True
    """
    return _filtered


class filter_traceback(ContextDecorator):
    """Let errors of our own leave the block without the frames and remarks of JAX.

    What they say is meant for the line that the user wrote; tracing lies between.
    Not after `disable_traceback_filtering()`.
    """

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        """Shorten the way that an error of our own came."""
        if _filtered and isinstance(error, KerasishError):
            notes = [
                note for note in getattr(error, "__notes__", ()) if note.startswith("in layer")
            ]
            error.__notes__ = notes
            raise error.with_traceback(None) from None
