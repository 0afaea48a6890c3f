"""Logs that are numbers when read, and cost nothing until then."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np

__all__ = ["LazyLogs"]


class LazyLogs(MutableMapping[str, float]):
    """A dict of floats that wait on the device, packed into one array.

    Args:
        names: the keys.
        packed: a device array with the values in that order.
    """

    def __init__(self, names: Sequence[str], packed: Any) -> None:
        self._names = names
        self._packed = packed
        self._values: dict[str, float] | None = None

    def _read(self) -> dict[str, float]:
        if self._values is None:
            # One transfer for all of them; this is where the host waits for the device.
            numbers = np.asarray(self._packed).tolist()
            self._values = dict(zip(self._names, numbers, strict=True))
        return self._values

    def __getitem__(self, key: str) -> float:
        return self._read()[key]

    def __setitem__(self, key: str, value: float) -> None:
        self._read()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read() if self._values is not None else self._names)

    def __len__(self) -> int:
        return len(self._names if self._values is None else self._values)

    def __repr__(self) -> str:
        return repr(self._read())
