"""Registration of array functions as operations of `kerasish.ops`.

Each operation is written as a function of arrays with Keras's parameters. Its wrapper also
accepts lists of numbers and variables, and records a node when an argument is a symbolic tensor.
On arrays the overhead is a check of the argument types.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.graph.operation import OpDef, operations
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

__all__ = ["binary", "define", "family", "functions", "operation", "unary", "unrecorded"]

F = TypeVar("F", bound=Callable[..., Any])

# Names of parameters that take arrays; all others are settings. Operations with other names of
# array parameters list them explicitly (`arguments`).
ARGUMENTS = {
    *("a", "array", "b", "condition", "data", "elements", "f", "images", "indices", "inputs"),
    *("kernel", "output", "sorted_sequence", "start", "stop", "target", "tensor", "updates"),
    *("values", "variable", "x", "x1", "x2", "xs", "y"),
}
# Array parameters that take a list of arrays.
LISTS = frozenset(("choicelist", "condlist", "xs"))

# Types that need no conversion; types of arrays are added when first seen.
_plain: set[type] = {type(None), bool, complex, float, int, str}

_functions: dict[str, tuple[str, Callable[..., Any]]] = {}


def functions(*modules: str) -> dict[str, Callable[..., Any]]:
    """Return the operations of some modules of `keras.ops`, or of all modules."""
    return {
        name: function
        for name, (module, function) in _functions.items()
        if not modules or module in modules
    }


def family(
    form: Callable[[Callable[..., Any]], Callable[..., Any]], source: object, names: str
) -> dict[str, Callable[..., Any]]:
    """Return several functions of JAX wrapped with the same parameters.

    Args:
        form: takes a function of JAX and returns one with Keras's parameters.
        source: the module of the functions of JAX.
        names: their names, separated by spaces; `ours=theirs` where the names differ.
    """
    pairs = (name.partition("=") for name in names.split())
    return {ours: form(getattr(source, theirs or ours)) for ours, _, theirs in pairs}


def unary(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of JAX with the parameters `(x)`."""
    return lambda x: function(x)


def binary(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of JAX with the parameters `(x1, x2)`."""
    return lambda x1, x2: function(x1, x2)


def define(
    module: str,
    functions: Mapping[str, Callable[..., Any]],
    *,
    kinds: Mapping[str, str] | None = None,
    arguments: Mapping[str, str] | None = None,
    docs: str = "jax.numpy",
) -> None:
    """Register array functions as operations of `kerasish.ops`.

    Args:
        module: the module of `keras.ops` that they belong to.
        functions: array functions by name.
        kinds: class names in Keras's files, where they differ from the camel-cased names.
        arguments: names of array parameters, where they are not in `ARGUMENTS`.
        docs: the module that documents the functions.
    """
    for name, function in functions.items():
        kind = (kinds or {}).get(name)
        given = (arguments or {}).get(name)
        wrapper = _recording(function, name, module, kind, given, raw=False)
        wrapper.__doc__ = function.__doc__ or f"`{docs}.{name}`, with Keras's parameters."


def operation(
    module: str, kind: str | None = None, arguments: str | None = None, *, raw: bool = False
) -> Callable[[F], F]:
    """Return a decorator that registers an array function as an operation; see `define`.

    With `raw`, the arguments are passed without conversion.
    """

    def decorate(function: F) -> F:
        name = function.__name__.strip("_")
        return cast(F, _recording(function, name, module, kind, arguments, raw=raw))

    return decorate


def unrecorded(module: str) -> Callable[[F], F]:
    """Return a decorator for a function of `kerasish.ops` that is never recorded in a graph."""

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
    """Register a function under its name and return its recording wrapper."""
    arguments = frozenset(ARGUMENTS if given is None else given.split())
    code = function.__code__
    converters = {p: _converter(p, arguments) for p in code.co_varnames[: code.co_argcount]}
    by_position = tuple(converters.values())
    # All values of `*operands` are arrays.
    rest = _as_array if code.co_flags & inspect.CO_VARARGS else _unchanged

    if raw:
        converters, by_position, rest = {}, (_unchanged,) * code.co_argcount, _unchanged

    def wrapper(*args: object, **kwargs: object) -> object:
        for value in args:
            if type(value) not in _plain and not _is_array(value):
                return convert_or_record(args, kwargs)
        for value in kwargs.values():
            if type(value) not in _plain and not _is_array(value):
                return convert_or_record(args, kwargs)
        return function(*args, **kwargs)

    def convert_or_record(args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        if _is_symbolic(args) or (kwargs and _is_symbolic(kwargs)):
            return operations[name].record(args, kwargs)
        count = len(by_position)
        args = (
            *(convert(value) for convert, value in zip(by_position, args, strict=False)),
            *map(rest, args[count:]),
        )
        named = {key: converters.get(key, _unchanged)(value) for key, value in kwargs.items()}
        return function(*args, **named)

    wrapper.__name__ = wrapper.__qualname__ = name
    wrapper.__module__ = "kerasish.ops"
    wrapper.__doc__ = function.__doc__
    wrapper.__wrapped__ = function  # type: ignore[attr-defined]
    kind = kind or "".join(part.capitalize() for part in name.split("_"))
    operations[name] = OpDef(wrapper, name, kind, module, arguments)
    _functions[name] = module, wrapper
    return wrapper


def _is_array(value: object) -> bool:
    if isinstance(value, jax.Array):
        _plain.add(type(value))
        return True
    return False


def _is_symbolic(value: object) -> bool:
    """Return whether a value is or contains a symbolic tensor; runs at every call."""
    if isinstance(value, (tuple, list)):
        return any(map(_is_symbolic, value))
    if isinstance(value, dict):
        return any(map(_is_symbolic, value.values()))
    return isinstance(value, SymbolicTensor)


def _converter(parameter: str, arguments: frozenset[str]) -> Callable[[Any], Any]:
    if parameter not in arguments:
        return _as_setting
    return _as_arrays if parameter in LISTS else _as_array


def _unchanged(x: object) -> object:
    return x


def _as_array(x: object) -> object:
    if isinstance(x, (list, tuple, np.ndarray)):
        return jnp.asarray(x)
    return x.value if isinstance(x, Variable) else x


def _as_arrays(x: object) -> object:
    return [_as_array(each) for each in x] if isinstance(x, (list, tuple)) else _as_array(x)


def _as_setting(x: object) -> object:
    """Convert lists to tuples, since JAX requires hashable static arguments."""
    return tuple(_as_setting(each) for each in x) if isinstance(x, list) else x
