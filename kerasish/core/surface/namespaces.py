"""What a public module shows: the names in its `__all__`, and a sentence about any other.

`present` changes the class of a module, and of the public modules in it, to `Namespace`:

- `dir(module)`, and so completion, lists the public names alone;
- files of the library are not attributes of it, so that `layers.dense` is a missing name and
  not a module that cannot be called (`from kerasish.layers.dense import Dense` still works);
- a missing name raises an error that says what to use instead.
"""

from __future__ import annotations

import sys
from types import ModuleType

from kerasish.core.errors import nearest
from kerasish.core.surface.advice import advice

__all__ = ["Namespace", "explain", "present"]

_ROOT = __name__.partition(".")[0]
_presented: dict[str, Namespace] = {}


class Namespace(ModuleType):
    """A module that shows its public names only."""

    __all__: list[str]

    def __dir__(self) -> list[str]:
        return sorted(self.__all__)

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        # With `name` set too, Python would add a second suggestion to ours.
        raise AttributeError(explain(self.__name__, name), obj=self)

    def __setattr__(self, name: str, value: object) -> None:
        # This is how an import gives a package its submodule.
        if _is_submodule(self, name, value):
            if name not in self.__all__ and not name.startswith("_"):
                return
            present(f"{self.__name__}.{name}")
        super().__setattr__(name, value)


def present(module: str) -> None:
    """Make a module show its public names only, and all public modules in it.

    Args:
        module: the name of a module that is imported; one without `__all__` stays as it is.
    """
    loaded = sys.modules[module]
    if not hasattr(loaded, "__all__"):
        return
    loaded.__class__ = Namespace
    assert isinstance(loaded, Namespace)
    _presented[module] = loaded
    # Of a module with a search path, even an empty one, `from module import name` asks for a
    # submodule `name` before it gives up; then `_Explainer` has its say.
    vars(loaded).setdefault("__path__", [])
    for name, value in list(vars(loaded).items()):
        if _is_submodule(loaded, name, value) and not name.startswith("_"):
            if name in loaded.__all__:
                present(value.__name__)
            else:
                delattr(loaded, name)
    if not any(isinstance(finder, _Explainer) for finder in sys.meta_path):
        sys.meta_path.append(_Explainer())


def _is_submodule(module: ModuleType, name: str, value: object) -> bool:
    return isinstance(value, ModuleType) and value.__name__ == f"{module.__name__}.{name}"


def explain(module: str, name: str) -> str:
    """Return a sentence that says that a module lacks a name, and what to use instead.

    Args:
        module: the full name of the module.
        name: what was looked for in it.

    Examples:
        >>> import kerasish
        >>> explain("kerasish.layers", "dense")
        "module 'kerasish.layers' has no attribute 'dense'. Did you mean 'Dense'?"
        >>> explain("kerasish.layers", "Adam")
        "module 'kerasish.layers' has no attribute 'Adam'. Use `kerasish.optimizers.Adam`."
    """
    path = f"{module}.{name}".partition(".")[2]
    return f"module {module!r} has no attribute {name!r}.{_instead(module, name, path)}"


def _instead(module: str, name: str, path: str) -> str:
    if said := advice(path):
        return f" {said}"
    if home := _home(name):
        return f" Use `{home}.{name}`."
    known = getattr(sys.modules.get(module), "__all__", ())
    near = nearest(name, known)
    return f" Did you mean {near!r}?" if near else ""


def _home(name: str) -> str | None:
    """Return the public module that has a name, the shortest first."""
    homes = [path for path, module in _presented.items() if name in module.__all__]
    return min(homes, key=lambda path: (path.count("."), path not in _FIRST, path), default=None)


# Of several modules with a name, the one that a user most likely means.
_FIRST = (f"{_ROOT}.ops", f"{_ROOT}.layers", f"{_ROOT}.models")


class _Explainer:
    """The last of the import system's finders: explains a missing part of the library."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """Raise an error with a sentence if the name is of a presented module."""
        module, _dot, part = name.rpartition(".")
        if module in _presented and not part.startswith("_"):
            # Without `name`, so that `from module import part` does not replace the message.
            raise ModuleNotFoundError(explain(module, part))
