"""Which of the methods that files ask for a class has written itself."""

from __future__ import annotations

__all__ = ["has_hook"]

# Where the methods are that every layer, model and optimizer has.
_BASES = ("kerasish.core.", "kerasish.models.", "kerasish.optimizers.")


def has_hook(thing: object, name: str) -> bool:
    """Return whether the class of an object has a method of its own in place of the library's.

    Args:
        thing: a layer, a model, an optimizer.
        name: the method, such as `"save_own_variables"` or `"load_assets"`.
    """
    method = getattr(type(thing), name, None)
    return method is not None and not str(getattr(method, "__module__", "")).startswith(_BASES)
