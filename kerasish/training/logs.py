"""Logs that are numbers when read, and cost nothing until then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import numpy as np

__all__ = ["LazyLogs"]


class LazyLogs(MutableMapping[str, float]):
    """A dict of floats that wait on the device, packed into one array.

    Args:
        shapes: the keys, and the shapes of their values: () for a number.
        packed: a device array with the values in that order, flat.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], packed: Any) -> None:
        self._shapes = shapes
        self._packed = packed
        self._values: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            # One transfer for all of them; this is where the host waits for the device.
            numbers = np.asarray(self._packed)
            ends = np.cumsum([math.prod(shape) for shape in self._shapes.values()])
            parts = np.split(numbers, ends[:-1])
            self._values = {
                name: part.reshape(shape) if shape else part.item()
                for (name, shape), part in zip(self._shapes.items(), parts, strict=True)
            }
        return self._values

    def __getitem__(self, key: str) -> float:
        value: float = self._read()[key]
        return value

    def __setitem__(self, key: str, value: float) -> None:
        self._read()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read() if self._values is not None else self._shapes)

    def __len__(self) -> int:
        return len(self._shapes if self._values is None else self._values)

    def __repr__(self) -> str:
        return repr(self._read())
