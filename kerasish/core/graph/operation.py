"""Operations: functions of arrays that a graph holds beside its layers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container
from functools import cached_property
from typing import Any, ClassVar

import jax

from kerasish.core.errors import FileFormatError, KerasishError, NotBuiltError, ShapeError
from kerasish.core.graph.symbolic import Node, SymbolicTensor, has_symbolic, infer, symbolic_call
from kerasish.core.names import snake_case
from kerasish.core.rematerialization import rematerialized
from kerasish.core.surface.reserved import Shadowable

__all__ = ["OpDef", "Operation", "RecordedCall", "operations"]

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class OpDef:
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

    def __reduce__(self) -> Any:
        return _by_name, (self.name,)

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
            return RecordedCall(self, settings)(*given[: len(given) - unsaid], **named)
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
operations: dict[str, OpDef] = {}


def _by_name(name: str) -> OpDef:
    return operations[name]


class Operation:
    """A computation without weights, which a graph holds beside its layers.

    A subclass computes in `call`; on tensors of a functional model it records itself. Shapes are
    found out by tracing. To go into files, register it with
    `kerasish.saving.register_keras_serializable()`, and return the arguments of the constructor
    from `get_config`, unless they are attributes of the same names.

    Args:
        name: a name; made from the class otherwise.

    Examples:
        >>> import jax.numpy as jnp
        >>> class Scaled(Operation):
        ...     def __init__(self, factor=2.0, name=None):
        ...         super().__init__(name=name)
        ...         self.factor = factor
        ...     def call(self, x):
        ...         return x * self.factor
        >>> Scaled(3.0)(jnp.ones(2)).tolist(), Scaled().get_config()
        ([3.0, 3.0], {'name': 'scaled', 'factor': 2.0})
    """

    weights: ClassVar[tuple[()]] = ()

    def __init__(self, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self._kerasish_nodes: list[Node] = []

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs from arrays; a subclass writes this."""
        raise NotImplementedError(f"{type(self).__name__} has no `call` method.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute from arrays, or record the call in a graph."""
        if has_symbolic(args, kwargs):
            return symbolic_call(self, args, kwargs)
        return self.call(*args, **kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Record a call on tensors that begin at `Input`, and return those it gives."""
        return symbolic_call(self, args, kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return tensors with the shapes and dtypes of the outputs, part of no graph."""
        return jax.tree.map(SymbolicTensor, infer(self.call, args, kwargs))

    def rematerialized_call(self, fn: Callable[..., Any], *_: Any, **__: Any) -> Callable[..., Any]:
        """Return a function that is computed again for its gradient; see `remat`."""
        return rematerialized(fn)

    def get_config(self) -> dict[str, Any]:
        """Return the name, and the arguments that are attributes of the same names."""
        arguments = list(inspect.signature(type(self).__init__).parameters)[1:]
        return {"name": self.name} | {
            each: getattr(self, each) for each in arguments if hasattr(self, each)
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Operation:
        """Make an operation from what `get_config` returned."""
        return cls(**config)

    def _kerasish_copy(self) -> Operation:
        """Return an equal operation that is part of no graph yet."""
        return self.from_config(self.get_config())

    @property
    def input(self) -> Any:
        """The tensors that it was first called on."""
        args = self._kerasish_first_node().args
        return args[0] if len(args) == 1 else list(args)

    @property
    def output(self) -> Any:
        """The tensors that the first call gave."""
        return self._kerasish_first_node().outputs

    def _kerasish_output_shape(self) -> Any:
        """The shape of the output, None where a size is unknown; several in their structure."""
        return jax.tree.map(lambda tensor: tensor.shape, self._kerasish_first_node().outputs)

    output_shape = Shadowable(_kerasish_output_shape)

    def _kerasish_first_node(self) -> Node:
        if not self._kerasish_nodes:
            raise NotBuiltError(f"The operation {self.name!r} was never called on an `Input`.")
        return self._kerasish_nodes[0]

    def __repr__(self) -> str:
        return f"<Operation name={self.name}>"


class RecordedCall(Operation):
    """The place of a function of `kerasish.ops` in a graph.

    Args:
        op: the function.
        settings: its arguments that are no tensors, by name.
        name: a name; made from the kind otherwise.
    """

    def __init__(self, op: OpDef, settings: dict[str, Any], name: str | None = None) -> None:
        super().__init__(name or snake_case(op.kind))
        self.op = op
        self.settings = settings

    @property
    def kind(self) -> str:
        """The class that Keras has for it, as files and summaries show it."""
        return self.op.kind

    @classmethod
    def described(cls, module: str, kind: str, config: dict[str, Any]) -> RecordedCall:
        """Make one from how a file describes it.

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

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_kerasish_nodes": []}

    def get_config(self) -> dict[str, Any]:
        """Return the name and the settings."""
        return {"name": self.name, **self.settings}

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the function of arrays."""
        named, rest = {**self.settings, **kwargs}, list(args)
        positional: list[Any] = []
        for parameter in self.op.parameters:
            if parameter.kind is parameter.VAR_POSITIONAL:
                positional, rest = positional + rest, []
            elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                if parameter.name in named:
                    positional.append(named.pop(parameter.name))
                else:
                    positional.append(rest.pop(0) if rest else parameter.default)
        return self.op.function(*positional, *rest, **named)

    def _kerasish_copy(self) -> RecordedCall:
        return RecordedCall(self.op, self.settings, self.name)

    def __repr__(self) -> str:
        return f"<Operation {self.op.name} name={self.name}>"


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

    def reshape(self: SymbolicTensor, newshape: Any) -> Any:
        """Return the tensor in another shape."""
        return operations["reshape"].function(self, newshape)

    def squeeze(self: SymbolicTensor, axis: Any = None) -> Any:
        """Return the tensor without an axis of size 1, or without all of them."""
        return operations["squeeze"].function(self, axis)

    SymbolicTensor.reshape, SymbolicTensor.squeeze = reshape, squeeze  # type: ignore[method-assign]


_add_operators()
