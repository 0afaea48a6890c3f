"""Config: a dict of settings with attribute access that can be frozen."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.core.types import PyTree

__all__ = ["Config"]


class Config:
    """Settings by name, as attributes or as items.

    Args:
        **kwargs: the initial settings.

    Examples:
        >>> config = Config(rate=0.1)
        >>> config.units = 3
        >>> config["rate"], config.as_dict()
        (0.1, {'rate': 0.1, 'units': 3})
        >>> config.freeze()
        >>> config.units = 4
        Traceback (most recent call last):
            ...
        kerasish.core.errors.ArgumentError: The config is frozen; call `unfreeze()` to change it.
    """

    _settings: dict[str, Any]
    _frozen: bool

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_settings", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    def _mutable_settings(self) -> dict[str, Any]:
        """Return the settings for modification.

        Raises:
            ArgumentError: if the config is frozen.
        """
        if self._frozen:
            raise ArgumentError("The config is frozen; call `unfreeze()` to change it.")
        return self._settings

    @property
    def frozen(self) -> bool:
        """Whether the config is read-only."""
        return self._frozen

    def freeze(self) -> None:
        """Make the config read-only."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Make the config mutable again."""
        object.__setattr__(self, "_frozen", False)

    def as_dict(self) -> dict[str, Any]:
        """Return a copy of the settings as a dict."""
        return dict(self._settings)

    def to_json(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(self._settings)

    def get(self, keyname: str, value: object = None) -> Any:
        """Return a setting, or `value` if it does not exist."""
        return self._settings.get(keyname, value)

    def pop(self, *args: Any) -> Any:
        """Remove a setting and return it; see `dict.pop`."""
        return self._mutable_settings().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Update several settings; see `dict.update`."""
        self._mutable_settings().update(*args, **kwargs)

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._settings.keys()

    def values(self) -> ValuesView[Any]:
        """Return the values."""
        return self._settings.values()

    def items(self) -> ItemsView[str, Any]:
        """Return names and values."""
        return self._settings.items()

    def __getitem__(self, key: str) -> PyTree:
        return self._settings[key]

    def __setitem__(self, key: str, value: object) -> None:
        self._mutable_settings()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._mutable_settings()[key]

    def __getattr__(self, name: str) -> Any:
        settings = self.__dict__.get("_settings", {})
        if name not in settings:
            raise AttributeError(f"There is no setting {name!r}.")
        return settings[name]

    def __setattr__(self, name: str, value: object) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self._settings:
            raise AttributeError(f"There is no setting {name!r}.")
        del self[name]

    def __contains__(self, key: object) -> bool:
        return key in self._settings

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def __repr__(self) -> str:
        return f"<Config {self._settings}>"
