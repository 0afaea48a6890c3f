"""How functions of arrays become the functions of `kerasish.ops`.

A function is written for arrays and has Keras's parameters. What is made of it takes lists
of numbers as well, and records itself where it meets a tensor of a graph. Called on arrays,
that costs a look at the types of its arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.graph.operation import Recordable, operations
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

__all__ = ["define", "family", "functions", "operation", "unrecorded"]

F = TypeVar("F", bound=Callable[..., Any])

# What a call is made on, in the words of Keras's parameters; all others are settings. Where
# a function means something else by such a word, its line says so.
ARGUMENTS = {
    *("a", "array", "b", "condition", "data", "elements", "f", "images", "indices", "inputs"),
    *("kernel", "output", "sorted_sequence", "start", "stop", "target", "tensor", "updates"),
    *("values", "variable", "x", "x1", "x2", "xs", "y"),
}
# Of those, what is a list of arrays.
LISTS = frozenset(("choicelist", "condlist", "xs"))

# The types of what a function takes as it is; those of arrays are added as they are met.
_plain: set[type] = {type(None), bool, complex, float, int, str}

_functions: dict[str, tuple[str, Callable[..., Any]]] = {}


def functions(*modules: str) -> dict[str, Callable[..., Any]]:
    """Return the functions of some parts of `keras.ops`; of all where none is named."""
    return {
        name: function
        for name, (module, function) in _functions.items()
        if not modules or module in modules
    }


def family(
    form: Callable[[Any], Callable[..., Any]], source: Any, names: str
) -> dict[str, Callable[..., Any]]:
    """Return functions that have their parameters, and how they are passed on, in common.

    Args:
        form: takes a function of JAX and returns one with Keras's parameters.
        source: the module of those functions.
        names: theirs, separated by spaces; `ours=theirs` where they differ.
    """
    pairs = (name.partition("=") for name in names.split())
    return {ours: form(getattr(source, theirs or ours)) for ours, _, theirs in pairs}


def define(
    module: str,
    functions: Mapping[str, Callable[..., Any]],
    *,
    kinds: Mapping[str, str] | None = None,
    arguments: Mapping[str, str] | None = None,
    docs: str = "jax.numpy",
) -> None:
    """Make functions of arrays those of `kerasish.ops`.

    Args:
        module: the part of `keras.ops` that they belong to.
        functions: by name.
        kinds: the classes that Keras's files name them by, where those are not the names.
        arguments: what they are called on, where that is not told by the parameters.
        docs: where the functions are described.
    """
    for name, function in functions.items():
        kind = (kinds or {}).get(name)
        given = (arguments or {}).get(name)
        made = _recording(function, name, module, kind, given, raw=False)
        made.__doc__ = function.__doc__ or f"`{docs}.{name}`, with Keras's parameters."


def operation(
    module: str, kind: str | None = None, arguments: str | None = None, *, raw: bool = False
) -> Callable[[F], F]:
    """Return a decorator that makes a function of arrays one of `kerasish.ops`; see `define`.

    With `raw`, the function is given its arguments as they come.
    """

    def decorate(function: F) -> F:
        name = function.__name__.strip("_")
        return cast(F, _recording(function, name, module, kind, arguments, raw=raw))

    return decorate


def unrecorded(module: str) -> Callable[[F], F]:
    """Return a decorator for a function of `kerasish.ops` that takes no tensors of graphs."""

    def decorate(function: F) -> F:
        _functions[function.__name__.strip("_")] = module, function
        return function

    return decorate


def _recording(
    function: Callable[..., Any],
    name: str,
    module: str,
    kind: str | None,
    given: str | None,
    *,
    raw: bool,
) -> Callable[..., Any]:
    """Enter a function under its name, and return what records itself."""
    arguments = frozenset(ARGUMENTS if given is None else given.split())
    code = function.__code__
    prepare = {p: _preparation(p, arguments) for p in code.co_varnames[: code.co_argcount]}
    by_place = tuple(prepare.values())
    # What follows `*operands` is all of one kind.
    beyond = _as_array if code.co_flags & inspect.CO_VARARGS else _as_it_is

    if raw:
        prepare, by_place, beyond = {}, (_as_it_is,) * code.co_argcount, _as_it_is

    def made(*args: Any, **kwargs: Any) -> Any:
        for value in args:
            if type(value) not in _plain and not _is_array(value):
                return carefully(args, kwargs)
        for value in kwargs.values():
            if type(value) not in _plain and not _is_array(value):
                return carefully(args, kwargs)
        return function(*args, **kwargs)

    def carefully(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if _is_symbolic(args) or (kwargs and _is_symbolic(kwargs)):
            return operations[name].record(args, kwargs)
        count = len(by_place)
        args = (
            *(prepared(value) for prepared, value in zip(by_place, args, strict=False)),
            *map(beyond, args[count:]),
        )
        named = {key: prepare.get(key, _as_it_is)(value) for key, value in kwargs.items()}
        return function(*args, **named)

    made.__name__ = made.__qualname__ = name
    made.__module__ = "kerasish.ops"
    made.__doc__ = function.__doc__
    made.__wrapped__ = function  # type: ignore[attr-defined]
    kind = kind or "".join(part.capitalize() for part in name.split("_"))
    operations[name] = Recordable(made, name, kind, module, arguments)
    _functions[name] = module, made
    return made


def _is_array(value: Any) -> bool:
    if isinstance(value, jax.Array):
        _plain.add(type(value))
        return True
    return False


def _is_symbolic(value: Any) -> bool:
    """Return whether it is, or holds, a tensor of a graph; this is asked at every call."""
    if isinstance(value, (tuple, list)):
        return any(map(_is_symbolic, value))
    if isinstance(value, dict):
        return any(map(_is_symbolic, value.values()))
    return isinstance(value, SymbolicTensor)


def _preparation(parameter: str, arguments: frozenset[str]) -> Callable[[Any], Any]:
    if parameter not in arguments:
        return _as_setting
    return _as_arrays if parameter in LISTS else _as_array


def _as_it_is(x: Any) -> Any:
    return x


def _as_array(x: Any) -> Any:
    if isinstance(x, (list, tuple, np.ndarray)):
        return jnp.asarray(x)
    return x.value if isinstance(x, Variable) else x


def _as_arrays(x: Any) -> Any:
    return [_as_array(each) for each in x] if isinstance(x, (list, tuple)) else _as_array(x)


def _as_setting(x: Any) -> Any:
    """Return a setting as JAX wants it, which compares settings by their hash."""
    return tuple(_as_setting(each) for each in x) if isinstance(x, list) else x
