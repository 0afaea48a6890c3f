"""Switches for the whole process, and limits that hold for every `fit`."""

from __future__ import annotations

from operator import index

from kerasish.core.errors import ArgumentError

__all__ = [
    "backend",
    "disable_flash_attention",
    "disable_interactive_logging",
    "enable_flash_attention",
    "enable_interactive_logging",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_max_epochs",
    "set_max_steps_per_epoch",
]

_flash: bool | None = None
_interactive = True
_max_epochs: int | None = None
_max_steps: int | None = None


def backend() -> str:
    """Return what computes.

    Examples:
        >>> backend()
        'jax'
    """
    return "jax"


def set_backend(backend: str) -> None:
    """Accept `"jax"`.

    Raises:
        ArgumentError: for any other name.

    Examples:
        >>> set_backend("jax")
    """
    if backend != "jax":
        raise ArgumentError(f"kerasish computes with JAX and nothing else; got {backend!r}.")


def is_nnx_enabled() -> bool:
    """Return whether layers are Flax modules, which they are not.

    Examples:
        >>> is_nnx_enabled()
        False
    """
    return False


def enable_flash_attention() -> None:
    """Let attention layers that are not told otherwise use the fused kernel where there is one."""
    global _flash
    _flash = True


def disable_flash_attention() -> None:
    """Let attention layers that are not told otherwise do without the fused kernel.

    Programs that are compiled already stay as they are.
    """
    global _flash
    _flash = False


def is_flash_attention_enabled() -> bool | None:
    """Return whether attention uses the fused kernel; None, the default, where it can be used."""
    return _flash


def enable_interactive_logging() -> None:
    """Show progress as a bar that moves, where the output is a terminal or a notebook."""
    global _interactive
    _interactive = True


def disable_interactive_logging() -> None:
    """Show progress as plain lines, one after the other, as in a log file."""
    global _interactive
    _interactive = False


def is_interactive_logging_enabled() -> bool:
    """Return whether progress may be shown as a bar that moves.

    Examples:
        >>> is_interactive_logging_enabled()
        True
    """
    return _interactive


def max_epochs() -> int | None:
    """Return how many epochs any `fit` trains for at most; None for as many as it was told."""
    return _max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Limit the epochs of every `fit`, for a quick look at whether a program runs at all.

    Args:
        max_epochs: the limit; None or 0 for none.

    Raises:
        ArgumentError: if it is no such number.

    Examples:
        >>> set_max_epochs(1)
        >>> set_max_epochs(None)
    """
    global _max_epochs
    _max_epochs = _limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """Return how many steps an epoch has at most; None for as many as the data give."""
    return _max_steps


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limit the steps of every epoch, and of `evaluate` and `predict`.

    Args:
        max_steps_per_epoch: the limit; None or 0 for none.

    Raises:
        ArgumentError: if it is no such number.

    Examples:
        >>> set_max_steps_per_epoch(10)
        >>> set_max_steps_per_epoch(None)
    """
    global _max_steps
    _max_steps = _limit("max_steps_per_epoch", max_steps_per_epoch)


def _limit(name: str, value: int | None) -> int | None:
    try:
        number = index(value or 0)
    except TypeError:
        number = -1
    if number < 0:
        raise ArgumentError(f"{name} must be a whole number from 0, or None; got {value!r}.")
    return number or None
