"""Operations: functions of arrays that a graph holds beside its layers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container
from functools import cached_property
from typing import Any, ClassVar

import jax

from kerasish.core.errors import FileFormatError, KerasishError, ShapeError
from kerasish.core.names import snake_case
from kerasish.core.reserved import Shadowable
from kerasish.core.symbolic import Node, SymbolicTensor, has_symbolic, symbolic_call

__all__ = ["Operation", "Recordable", "operations"]

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Recordable:
    """A function that can be recorded: what it is called, here and in files.

    Args:
        function: takes arrays, and records itself where it meets a SymbolicTensor.
        name: its name in `kerasish.ops`.
        kind: the class that Keras's files name it by.
        module: the part of `keras.ops` that it belongs to.
        arguments: the parameters that a file holds as arguments of a call; all others
            are settings.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        kind: str,
        module: str,
        arguments: Container[str],
    ) -> None:
        self.function = function
        self.name = name
        self.kind = kind
        self.module = module
        self.arguments = arguments

    @cached_property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters, in order."""
        return list(inspect.signature(self.function).parameters.values())

    @property
    def settings(self) -> list[str]:
        """The names of the parameters that are settings."""
        return [p.name for p in self.parameters if not self._is_argument(p)]

    def _is_argument(self, parameter: inspect.Parameter) -> bool:
        return parameter.name in self.arguments or parameter.kind in _VARIADIC

    def record(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a call on SymbolicTensors and return the tensors it gives.

        Raises:
            ShapeError: if the function does not take tensors of these shapes and dtypes.
        """
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        settings: dict[str, Any] = {}
        given: list[Any] = []
        named: dict[str, Any] = {}
        unsaid = 0
        for parameter in self.parameters:
            value = bound.arguments[parameter.name]
            if parameter.kind is parameter.VAR_POSITIONAL:
                given.extend(value)
            elif parameter.kind is parameter.VAR_KEYWORD:
                named.update(value)
            elif self._is_argument(parameter):
                given.append(value)
                unsaid = unsaid + 1 if value is parameter.default else 0
            elif has_symbolic(value):
                named[parameter.name] = value
            else:
                settings[parameter.name] = value
        try:
            return Operation(self, settings)(*given[: len(given) - unsaid], **named)
        except KerasishError:
            raise
        except (TypeError, ValueError, jax.errors.InconclusiveDimensionOperation) as error:
            leaves = jax.tree.leaves((args, kwargs))
            shapes = [str(x.shape) for x in leaves if isinstance(x, SymbolicTensor)]
            reason = str(error).strip().split("\n")[0]
            raise ShapeError(
                f"`ops.{self.name}` does not take tensors of shape {' and '.join(shapes)} so: "
                f"{reason}"
            ) from error


# By name; filled by `kerasish.ops`.
operations: dict[str, Recordable] = {}


class Operation:
    """The place of a function in a graph: what a layer is there, without weights.

    Args:
        recordable: the function.
        settings: its arguments that are no tensors, by name.
        name: a name; made from the kind otherwise.

    Attributes:
        nodes: its calls in graphs.
    """

    weights: ClassVar[tuple[()]] = ()

    def __init__(
        self, recordable: Recordable, settings: dict[str, Any], name: str | None = None
    ) -> None:
        self.recordable = recordable
        self.settings = settings
        self.name = name or snake_case(recordable.kind)
        self._kerasish_nodes: list[Node] = []

    @property
    def kind(self) -> str:
        """The class that Keras has for it, as files and summaries show it."""
        return self.recordable.kind

    @classmethod
    def from_config(cls, module: str, kind: str, config: dict[str, Any]) -> Operation:
        """Make an operation from how a file describes it.

        Raises:
            FileFormatError: if there is no such operation, or it has no such settings.
        """
        part = module.rpartition(".")[2]
        for each in operations.values():
            if (each.module, each.kind) == (part, kind):
                settings = {key: value for key, value in config.items() if key != "name"}
                open_ended = any(p.kind is p.VAR_KEYWORD for p in each.parameters)
                unknown = set(settings) - set(each.settings)
                if unknown and not open_ended:
                    raise FileFormatError(
                        f"The file gives the operation {kind!r} the settings {sorted(unknown)}; "
                        f"it has {each.settings}."
                    )
                return cls(each, settings, config.get("name"))
        raise FileFormatError(f"The file names {kind!r} of {module!r}, which is no operation here.")

    def get_config(self) -> dict[str, Any]:
        """Return the name and the settings."""
        return {"name": self.name, **self.settings}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the function of arrays, or record the call in a graph."""
        if has_symbolic(args, kwargs):
            return symbolic_call(self, args, kwargs)
        named, rest = {**self.settings, **kwargs}, list(args)
        positional: list[Any] = []
        for parameter in self.recordable.parameters:
            if parameter.kind is parameter.VAR_POSITIONAL:
                positional, rest = positional + rest, []
            elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                if parameter.name in named:
                    positional.append(named.pop(parameter.name))
                else:
                    positional.append(rest.pop(0) if rest else parameter.default)
        return self.recordable.function(*positional, *rest, **named)

    def _kerasish_output_shape(self) -> Any:
        """The shape of the output, None where a size is unknown; several in their structure."""
        return jax.tree.map(lambda tensor: tensor.shape, self.output)

    output_shape = Shadowable(_kerasish_output_shape)

    @property
    def output(self) -> Any:
        """The tensors that it gave."""
        return self._kerasish_nodes[0].outputs

    def __repr__(self) -> str:
        return f"<Operation {self.recordable.name} name={self.name}>"


# Python's operators, and the functions of `kerasish.ops` that they stand for.
_BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
# `==` stays what it is for objects, as in Keras: tensors are keys of dicts.
_COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "ne": "not_equal",
}
_OTHERS = {
    "neg": "negative",
    "abs": "absolute",
    "invert": "logical_not",
    "round": "round",
    "getitem": "get_item",
}


def _add_operators() -> None:
    """Give SymbolicTensor Python's operators."""

    def forward(name: str) -> Callable[..., Any]:
        return lambda self, *others: operations[name].function(self, *others)

    def reflected(name: str) -> Callable[..., Any]:
        return lambda self, other: operations[name].function(other, self)

    for symbol, name in {**_BINARY, **_COMPARISONS, **_OTHERS}.items():
        setattr(SymbolicTensor, f"__{symbol}__", forward(name))
    for symbol, name in _BINARY.items():
        setattr(SymbolicTensor, f"__r{symbol}__", reflected(name))
    for name in ("reshape", "squeeze"):
        setattr(SymbolicTensor, name, forward(name))


_add_operators()
