"""A dict whose keys are attributes, and that can be frozen."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from kerasish.core.errors import ArgumentError

__all__ = ["Config"]


class Config:
    """Settings by name, as attributes or as items.

    Args:
        **kwargs: the first settings.

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

    def _changing(self) -> dict[str, Any]:
        """Return the settings if they may be changed.

        Raises:
            ArgumentError: if they are frozen.
        """
        if self._frozen:
            raise ArgumentError("The config is frozen; call `unfreeze()` to change it.")
        return self._settings

    @property
    def frozen(self) -> bool:
        """Whether the settings can be read only."""
        return self._frozen

    def freeze(self) -> None:
        """Let the settings be read only."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Let the settings be changed again."""
        object.__setattr__(self, "_frozen", False)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a dict of their own."""
        return dict(self._settings)

    def to_json(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(self._settings)

    def get(self, keyname: str, value: Any = None) -> Any:
        """Return a setting, or `value` if there is none of that name."""
        return self._settings.get(keyname, value)

    def pop(self, *args: Any) -> Any:
        """Remove a setting and return it; see `dict.pop`."""
        return self._changing().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Change several settings; see `dict.update`."""
        self._changing().update(*args, **kwargs)

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._settings.keys()

    def values(self) -> ValuesView[Any]:
        """Return the values."""
        return self._settings.values()

    def items(self) -> ItemsView[str, Any]:
        """Return names and values."""
        return self._settings.items()

    def __getitem__(self, key: str) -> Any:
        return self._settings[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._changing()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._changing()[key]

    def __getattr__(self, name: str) -> Any:
        settings = self.__dict__.get("_settings", {})
        if name not in settings:
            raise AttributeError(f"There is no setting {name!r}.")
        return settings[name]

    def __setattr__(self, name: str, value: Any) -> None:
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
