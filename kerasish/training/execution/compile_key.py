"""Whether two sets of `compile` arguments make the same programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish.core.errors import KerasishError
from kerasish.optimizers import Optimizer

__all__ = ["same_programs"]


def same_programs(one: Any, other: Any) -> bool:
    """Return whether steps that are compiled for one set of settings serve the other too.

    Args:
        one: a structure of names, numbers, optimizers, losses, metrics, functions.
        other: another one.

    Returns:
        True if they are equal, but for numbers of optimizers, which are no part of programs.
        Two functions are equal only if they are one.
    """
    return bool(_essence(one) == _essence(other))


def _essence(thing: object) -> Any:
    """Return what a setting means for a program, as something that can be compared."""
    if thing is None or isinstance(thing, (str, int, float, bool)):
        return thing
    if isinstance(thing, (list, tuple)):
        return [_essence(each) for each in thing]
    if isinstance(thing, Mapping):
        return {key: _essence(each) for key, each in thing.items()}
    # What others wrote may depend on more than their config tells.
    if type(thing).__module__.partition(".")[0] != "kerasish" or not hasattr(thing, "get_config"):
        return _Only(thing)
    try:
        config = thing.get_config()
    except KerasishError:  # an optax transformation, a function without a name
        return _Only(getattr(thing, "transformation", thing))
    if isinstance(thing, Optimizer):
        hyperparams = set(thing._kerasish_hyperparams)
        fixed = (
            hyperparams - {"learning_rate"} if thing._kerasish_schedule is not None else hyperparams
        )
        config = {key: value for key, value in config.items() if key not in fixed}
        config |= {
            "name": "",
            "hyperparams": sorted(hyperparams),
            "undecayed": thing._kerasish_undecayed,
        }
    return type(thing), _Only(getattr(thing, "fn", None)), _essence(config)


class _Only:
    """Equal to itself alone, whatever the thing thinks about equality."""

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Only) and other.thing is self.thing

    __hash__ = None  # type: ignore[assignment]
