"""Small conversions of what `fit` and its relatives return."""

from __future__ import annotations

from kerasish.core.types import Logs

__all__ = ["as_result"]


def as_result(
    logs: dict[str, float], order: list[str], return_dict: bool
) -> float | list[float] | Logs:
    """Return logs as Keras does: a dict, a list with the loss first, or the loss alone."""
    if return_dict:
        return logs
    values = [logs[name] for name in order if name in logs]
    return values[0] if len(values) == 1 else values
