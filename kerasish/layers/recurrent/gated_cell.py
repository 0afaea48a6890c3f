"""What the cells of all recurrent layers share: weights, dropout, and the way through time."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp

from kerasish import activations, constraints, initializers, regularizers
from kerasish.core.errors import ArgumentError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.seeds import as_generator
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.kernels import recurrence
from kerasish.layers._shared import broadcast_along, positive_int

__all__ = ["GatedCell", "apply_gates", "drop_ignored_arguments", "zero_states"]


class GatedCell(Layer):
    """A cell whose gates are linear in its input and in its first state.

    A subclass says in `step` what becomes of the gates, and in `shapes`, `project` and `product`
    what linear means, if it is not a matrix product. All that a cell does is done by `scan`, for
    a whole sequence at once.

    Attributes:
        gates: how many times `units` the kernels are wide.
        channels: the axis of the features in the input of one timestep.
        step: `(gates, states, *extra) -> states`, a hashable object.
        join: makes the gates of what the input and what the state contribute.
    """

    gates: ClassVar[int]
    channels = -1
    step: Callable[..., tuple[Any, ...]]
    join: Callable[[Any, Any], Any] = staticmethod(operator.add)
    product: Callable[[Any, Any], Any] = staticmethod(jnp.matmul)

    def __init__(
        self,
        units: int,
        activation: Any,
        use_bias: bool,
        kernel_initializer: Any,
        recurrent_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        recurrent_regularizer: Any,
        bias_regularizer: Any,
        kernel_constraint: Any,
        recurrent_constraint: Any,
        bias_constraint: Any,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.units = positive_int(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = _rate(dropout, "dropout")
        self.recurrent_dropout = _rate(recurrent_dropout, "recurrent_dropout")
        self.seed = seed
        self.seed_generator = as_generator(seed)
        self.input_spec = InputSpec(ndim=2)

    @property
    def state_size(self) -> Any:
        """The size of the state, or a list of sizes if there are several states."""
        return self.units

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self.units

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Return the states before the first step: zeros."""
        return zero_states(self, batch_size)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape, recurrent_shape = self.shapes(input_shape)
        self.kernel = self.add_weight(
            shape,
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            recurrent_shape,
            self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
            name="recurrent_kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                self.bias_shape(),
                self.bias_init(),
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        features = input_shape[self.channels]
        if features is not None:
            self.input_spec = InputSpec(ndim=len(input_shape), axes={self.channels: features})

    def shapes(self, input_shape: tuple[int | None, ...]) -> tuple[Any, Any]:
        """Return the shapes of the input's and of the recurrent kernel."""
        width = self.gates * self.units
        return (input_shape[-1], width), (self.units, width)

    def project(self, x: Any) -> Any:
        """Return the contribution of the inputs, `(time, batch, ...)`, to the gates."""
        return x @ self.kernel.value

    def bias_shape(self) -> tuple[int, ...]:
        """Return the shape of the bias."""
        return (self.gates * self.units,)

    def bias_init(self) -> Any:
        """Return the initializer of the bias."""
        return self.bias_initializer

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        bare = not isinstance(states, (list, tuple))
        carry = (states,) if bare else tuple(states)
        outputs, carry = self.scan(inputs[None], carry, training=training)
        return outputs[0], carry[0] if bare else list(carry)

    def scan(
        self, x: Any, carry: tuple[Any, ...], *, training: bool, **loop: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """Go through time.

        Args:
            x: the inputs, `(time, batch, features)`.
            carry: the states before the first step.
            training: whether dropout drops.
            **loop: `mask`, `reverse`, `unroll`; see `recurrence`.

        Returns:
            The outputs, `(time, batch, units)`, and the last states.
        """
        kept = None
        if training and self.dropout:
            x = x * self._dropout_mask(self.dropout, x[0])[None]
        if training and self.recurrent_dropout:
            kept = self._dropout_mask(self.recurrent_dropout, carry[0])
        bias, *recurrent = self.terms(kept)
        projected = self.project(x)
        if bias is not None:
            projected = projected + broadcast_along(bias, projected.ndim)
        return recurrence(
            self.step,
            projected,
            carry,
            *recurrent,
            join=self.join,
            product=self.product,
            kept=kept,
            own_gradient=self._steps_are_pure(),
            **loop,
        )

    def terms(self, kept: Any) -> tuple[Any, Any, Any, tuple[Any, ...]]:
        """Return the input's bias, the recurrent kernel, its bias, and what else `step` takes."""
        return (self.bias.value if self.use_bias else None), self.recurrent_kernel.value, None, ()

    def _steps_are_pure(self) -> bool:
        # What a function of the user's reads besides its argument is not known.
        known = activations.activations.entries.values()
        used = self.activation, getattr(self, "recurrent_activation", self.activation)
        return all(any(function is one for one in known) for function in used)

    def _dropout_mask(self, rate: float, like: Any) -> Any:
        """Return which elements dropout keeps, and by what it multiplies them."""
        if rate == 1:
            return jnp.zeros_like(like)
        kept = jax.random.bernoulli(self.seed_generator.next_key(), 1 - rate, like.shape)
        return kept.astype(like.dtype) / (1 - rate)


def drop_ignored_arguments(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return arguments without those that Keras accepts and makes nothing of."""
    return {name: value for name, value in kwargs.items() if name != "implementation"}


def zero_states(cell: Any, batch_size: Any) -> list[Any]:
    """Return a zero for each state of a cell."""
    size = cell.state_size
    dims = [size] if isinstance(size, int) else list(size)
    return [jnp.zeros((batch_size, n), cell.compute_dtype) for n in dims]


def apply_gates(function: Any, gates: Any, count: int, which: Sequence[int]) -> list[Any]:
    """Return `function` of some of the `count` gates that stand side by side.

    On a CPU, a function of all of them and slices of that are several times as
    fast as the function of each slice.
    """
    if function in (activations.sigmoid, activations.hard_sigmoid):
        parts = jnp.split(function(gates), count, -1)
        return [parts[i] for i in which]
    parts = jnp.split(gates, count, -1)
    return [function(parts[i]) for i in which]


def _rate(value: Any, name: str) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ArgumentError(f"{name} must be a rate from 0 to 1; got {value!r}.")
    return value
