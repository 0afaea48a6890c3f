"""The argument `save_freq` of callbacks that save."""

from __future__ import annotations

from datetime import timedelta

from kerasish.core.errors import ArgumentError

__all__ = ["parse_save_freq"]


def parse_save_freq(save_freq: object, owner: str) -> int | timedelta | None:
    """Return the `batch_interval` for a `save_freq`: None if not within epochs.

    Args:
        save_freq: `"epoch"`, a number of batches, a `datetime.timedelta`, or False for never.
        owner: the name of the callback, for messages.

    Raises:
        ArgumentError: if it is none of these.

    Examples:
        >>> parse_save_freq(100, "ModelCheckpoint")
        100
        >>> parse_save_freq("epoch", "ModelCheckpoint") is None
        True
    """
    if save_freq is False or save_freq == "epoch":
        return None
    if isinstance(save_freq, timedelta) and save_freq > timedelta(0):
        return save_freq
    if isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0:
        return save_freq
    raise ArgumentError(
        f"{owner}: save_freq must be 'epoch', a number of batches or a datetime.timedelta; got "
        f"{save_freq!r}."
    )
