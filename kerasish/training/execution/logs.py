"""Logs that are on the device until somebody reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["PendingLogs"]


class PendingLogs:
    """Logs that wait on the device, packed into one array.

    Callbacks get what `read` returns, a dict, at the moment they are called. Nothing is fetched
    for steps after which no callback is due.

    Args:
        shapes: the keys, and the shapes of their values: () for a number.
        packed: a device array with the values in that order, flat.

    Examples:
        >>> PendingLogs({"loss": ()}, np.array([0.5], "float32")).read()
        {'loss': 0.5}
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], packed: Any) -> None:
        self._shapes = shapes
        self._packed = packed
        self._values: dict[str, Any] | None = None

    @classmethod
    def of(cls, values: dict[str, Any]) -> PendingLogs:
        """Return logs that are a dict already."""
        logs = cls({}, None)
        logs._values = values
        return logs

    def read(self) -> dict[str, Any]:
        """Return the dict, the same one each time; the first time waits for the device.

        Numbers are Python floats, arrays NumPy arrays.
        """
        if self._values is None:
            # One transfer for all of them.
            numbers = np.asarray(self._packed)
            ends = np.cumsum([math.prod(shape) for shape in self._shapes.values()])
            parts = np.split(numbers, ends[:-1])
            self._values = {
                name: part.reshape(shape) if shape else float(part.item())
                for (name, shape), part in zip(self._shapes.items(), parts, strict=True)
            }
        return self._values
