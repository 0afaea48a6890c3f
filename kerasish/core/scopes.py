"""Keras's scopes: variables with values from outside, prefixes of names, devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.paths import to_name
from kerasish.core.scope import Scope
from kerasish.core.settings.config import next_seed
from kerasish.core.variable import Variable, name_prefix

__all__ = ["StatelessScope", "SymbolicScope", "device", "name_scope"]


class StatelessScope(Scope):
    """Reads and writes variables without changing them.

    Inside it, a variable has the value given here, or its own; what is assigned to it stays in
    the scope, where `get_current_value` finds it, also after the scope is closed.

    Args:
        state_mapping: pairs of a variable and its value.
        collect_losses: accepted: `losses` always has what `add_loss` was given.
        initialize_variables: accepted, without effect: a variable that has no value yet draws it.

    Raises:
        ArgumentError: if a pair does not begin with a variable.
        ShapeError: if a value has another shape than its variable.

    Examples:
        >>> variable = Variable([1.0, 2.0])
        >>> with StatelessScope([(variable, jnp.zeros(2))]) as scope:
        ...     variable.assign_add([1.0, 1.0])
        >>> scope.get_current_value(variable).tolist(), variable.numpy().tolist()
        ([1.0, 1.0], [1.0, 2.0])
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Variable, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        super().__init__(rng=self._first_key)
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables
        self._seed_state: Variable | None = None
        for variable, value in state_mapping or ():
            self.add_update((variable, value))
            if _is_seed_state(variable):
                self._seed_state = variable

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Give a variable another value within the scope.

        Args:
            update: the variable and the value.
        """
        variable, value = update
        if not isinstance(variable, Variable):
            raise ArgumentError(
                f"`StatelessScope` takes pairs (variable, value); got {variable!r}."
            )
        value = jnp.asarray(value, variable.dtype)
        if value.shape != variable.shape:
            raise ShapeError(
                f"The variable {to_name(variable.path)!r} has shape {variable.shape}; the value "
                f"given for it has shape {value.shape}."
            )
        self.bind(variable, value)

    def get_current_value(self, variable: Variable) -> Any:
        """Return the value that a variable was given or assigned in the scope; None if none.

        Args:
            variable: the variable.
        """
        return self.read(variable)

    def _first_key(self) -> jax.Array:
        """Return the key of the random numbers drawn in the scope, by the state given for them."""
        if self._seed_state is None:
            with jax.ensure_compile_time_eval():
                return jax.random.key(next_seed())
        state = self.read(self._seed_state)
        self.bind(self._seed_state, state.at[1].add(1))
        return jax.random.fold_in(jax.random.key(state[0]), state[1])


def _is_seed_state(variable: Variable) -> bool:
    return variable.path == ("seed_generator", "seed_generator_state")


class SymbolicScope(Scope):
    """A scope in which layers may be built, and weights without values read as zeros.

    For shapes alone: within `jax.eval_shape`.

    Examples:
        >>> from kerasish import layers
        >>> layer = layers.Dense(3)
        >>> def run(x):
        ...     with SymbolicScope():
        ...         return layer(x)
        >>> jax.eval_shape(run, jnp.ones((2, 4))).shape
        (2, 3)
    """

    def __init__(self) -> None:
        super().__init__(building=True, rng=_constant_key)


def _constant_key() -> jax.Array:
    return jax.random.key(0)


class name_scope:
    """Puts a prefix before the paths of variables made in the block, and names its operations.

    Variables of a layer get their paths from the layer, whatever block it was made in.

    Args:
        name: the prefix.
        caller: accepted, without effect.
        deduplicate: accepted, without effect.
        override_parent: a path to begin with, instead of the prefixes of the blocks around.

    Raises:
        ArgumentError: if the name is not a string, or has a slash.

    Examples:
        >>> with name_scope("block"):
        ...     Variable(1.0, name="scale").path
        ('block', 'scale')
    """

    def __init__(
        self,
        name: str,
        caller: Any = None,
        deduplicate: bool = True,
        override_parent: str | None = None,
    ) -> None:
        if not isinstance(name, str) or "/" in name:
            raise ArgumentError(f"A name scope has a name without slashes; got {name!r}.")
        self.name = name
        self.override_parent = override_parent
        self._entered: list[ExitStack] = []

    def __enter__(self) -> name_scope:
        outer = name_prefix.get()
        if self.override_parent is not None:
            outer = tuple(filter(None, self.override_parent.split("/")))
        stack = ExitStack()
        stack.enter_context(jax.named_scope(self.name))
        stack.enter_context(_set(name_prefix, (*outer, self.name)))
        self._entered.append(stack)
        return self

    def __exit__(self, *exc: object) -> None:
        self._entered.pop().close()


@contextmanager
def _set(variable: ContextVar[tuple[str, ...]], value: tuple[str, ...]) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


@contextmanager
def device(device_name: Any) -> Iterator[None]:
    """Let arrays be made, and computations run, on a device.

    Args:
        device_name: such as `"cpu:0"`, `"gpu:1"` or `"tpu"`, or a device of JAX.

    Raises:
        ArgumentError: if there is no such device.

    Examples:
        >>> with device("cpu:0"):
        ...     {each.platform for each in jnp.ones(2).devices()}
        {'cpu'}
    """
    with jax.default_device(_device(device_name)):
        yield


def _device(name: Any) -> jax.Device:
    if isinstance(name, jax.Device):
        return name
    kind, _, index = str(name).lower().partition(":")
    try:
        if not isinstance(name, str):
            raise ValueError
        return jax.devices(kind)[int(index or 0)]
    except (RuntimeError, IndexError, ValueError) as error:
        known = ", ".join(f"{each.platform}:{each.id}" for each in jax.devices())
        raise ArgumentError(f"There is no device {name!r}. This machine has {known}.") from error
