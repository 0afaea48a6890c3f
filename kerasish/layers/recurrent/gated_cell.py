"""GatedCell: weights, dropout and the scan over timesteps that all cells share."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar, Unpack

import jax
import jax.numpy as jnp

from kerasish import activations
from kerasish.core.errors import ArgumentError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.seeds import as_generator
from kerasish.core.surface.layer_options import BaseOptions, LayerOptions
from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.core.variable import Variable
from kerasish.kernels import recurrence
from kerasish.layers._shared import broadcast_along, positive_int
from kerasish.layers._weights import add_weight_for, set_weight_options

__all__ = ["CellOptions", "GatedCell", "RNNOptions", "apply_gates", "make_cell", "zero_states"]

C = TypeVar("C", bound="GatedCell")

# The bias of the input, the recurrent kernel, its bias, and further arguments of `step`.
RecurrentTerms = tuple[Array | None, Array, Array | None, tuple[Array, ...]]


class CellOptions(LayerOptions, total=False):
    """Keyword arguments of cells that Keras's constructors do not name.

    Attributes:
        implementation: accepted as in Keras; without effect.
    """

    implementation: int


class RNNOptions(BaseOptions, total=False):
    """Keyword arguments of recurrent layers that Keras's constructors do not name.

    Attributes:
        implementation: accepted as in Keras; without effect.
        zero_output_for_mask: whether the output is 0 where the mask is False.
    """

    implementation: int
    zero_output_for_mask: bool


class GatedCell(Layer):
    """Base of cells whose gates are linear in the input and in the first state.

    A subclass sets `step`, which computes the new states from the gates, and `shapes`, `project`
    and `product`, if the linear map is not a matrix product. All of a cell's computation is in
    `scan`, for a whole sequence at once.

    Attributes:
        gates: width of the kernels, in multiples of `units`.
        channels: the axis of the features in the input of one timestep.
        step: `(gates, states, *extra) -> states`, a hashable object.
        join: makes the gates of what the input and what the state contribute.
    """

    gates: ClassVar[int]
    channels = -1
    step: Callable[..., tuple[Array, ...]]
    join: Callable[[Array, Array], Array] = staticmethod(operator.add)
    product: Callable[[Array, Array], Array] = staticmethod(jnp.matmul)

    activation: Callable[..., Array]
    kernel: Variable
    recurrent_kernel: Variable
    bias: Variable

    def __init__(
        self,
        *,
        units: int,
        activation: ActivationLike,
        use_bias: bool,
        kernel_initializer: InitializerLike,
        recurrent_initializer: InitializerLike,
        bias_initializer: InitializerLike,
        kernel_regularizer: RegularizerLike,
        recurrent_regularizer: RegularizerLike,
        bias_regularizer: RegularizerLike,
        kernel_constraint: ConstraintLike,
        recurrent_constraint: ConstraintLike,
        bias_constraint: ConstraintLike,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.units = positive_int(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        set_weight_options(
            self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint
        )
        set_weight_options(
            self, "recurrent", recurrent_initializer, recurrent_regularizer, recurrent_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self.dropout = _rate(dropout, "dropout")
        self.recurrent_dropout = _rate(recurrent_dropout, "recurrent_dropout")
        self.seed = seed
        self.seed_generator = as_generator(seed)
        self.input_spec = InputSpec(ndim=2)

    @property
    def state_size(self) -> int | list[int]:
        """The size of the state, or a list of sizes if there are several states."""
        return self.units

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self.units

    def get_initial_state(self, batch_size: int | None = None) -> list[Array]:
        """Return the states before the first step: zeros."""
        return zero_states(self, batch_size)

    def build(self, input_shape: Shape) -> None:
        shape, recurrent_shape = self.shapes(input_shape)
        self.kernel = add_weight_for(self, "kernel", shape)
        self.recurrent_kernel = add_weight_for(
            self, "recurrent", recurrent_shape, name="recurrent_kernel"
        )
        if self.use_bias:
            self.bias = add_weight_for(
                self, "bias", self.bias_shape(), initializer=self.bias_init()
            )
        features = input_shape[self.channels]
        if features is not None:
            self.input_spec = InputSpec(ndim=len(input_shape), axes={self.channels: features})

    def shapes(self, input_shape: Shape) -> tuple[Shape, Shape]:
        """Return the shapes of the input's and of the recurrent kernel."""
        width = self.gates * self.units
        return (input_shape[-1], width), (self.units, width)

    def project(self, x: Array) -> Array:
        """Return the contribution of the inputs, `(time, batch, ...)`, to the gates."""
        return x @ self.kernel.value

    def bias_shape(self) -> tuple[int, ...]:
        """Return the shape of the bias."""
        return (self.gates * self.units,)

    def bias_init(self) -> InitializerLike:
        """Return the initializer of the bias."""
        return self.bias_initializer

    def call(
        self, inputs: Array, states: Sequence[Array] | Array, training: bool = False
    ) -> tuple[Array, Array | list[Array]]:
        bare = not isinstance(states, (list, tuple))
        carry = (states,) if bare else tuple(states)
        outputs, carry = self.scan(inputs[None], carry, training=training)
        return outputs[0], carry[0] if bare else list(carry)

    def scan(
        self, x: Array, carry: tuple[Any, ...], *, training: bool, **loop: Any
    ) -> tuple[Array, tuple[Array, ...]]:
        """Run the cell over all timesteps.

        Args:
            x: the inputs, `(time, batch, features)`.
            carry: the states before the first step.
            training: whether dropout drops.
            **loop: `mask`, `reverse`, `unroll`; see `recurrence`.

        Returns:
            The outputs, `(time, batch, units)`, and the last states.
        """
        dropout_mask = None
        if training and self.dropout:
            x = x * self._dropout_mask(self.dropout, x[0])[None]
        if training and self.recurrent_dropout:
            dropout_mask = self._dropout_mask(self.recurrent_dropout, carry[0])
        bias, kernel, recurrent_bias, extra = self.terms(dropout_mask)
        projected = self.project(x)
        if bias is not None:
            projected = projected + broadcast_along(bias, projected.ndim)
        return recurrence(
            self.step,
            projected,
            carry,
            kernel,
            recurrent_bias,
            extra,
            join=self.join,
            product=self.product,
            kept=dropout_mask,
            own_gradient=self._steps_are_pure(),
            **loop,
        )

    def terms(
        self, dropout_mask: Array | None
    ) -> tuple[Array | None, Array, Array | None, tuple[Array, ...]]:
        """Return the input's bias, the recurrent kernel, its bias, and what else `step` takes."""
        return (self.bias.value if self.use_bias else None), self.recurrent_kernel.value, None, ()

    def _steps_are_pure(self) -> bool:
        # What a function of the user's reads besides its argument is not known.
        known = activations.activations.entries.values()
        used = self.activation, getattr(self, "recurrent_activation", self.activation)
        return all(any(function is one for one in known) for function in used)

    def _dropout_mask(self, rate: float, like: Array) -> Array:
        """Return which elements dropout keeps, and by what it multiplies them."""
        if rate == 1:
            return jnp.zeros_like(like)
        dropout_mask = jax.random.bernoulli(self.seed_generator.next_key(), 1 - rate, like.shape)
        return dropout_mask.astype(like.dtype) / (1 - rate)


def make_cell(cell_class: type[C], arguments: dict[str, Any]) -> tuple[C, dict[str, Any]]:
    """Make the cell of a layer such as `LSTM` from the arguments of the layer's constructor.

    Args:
        cell_class: the class of the cell.
        arguments: the arguments of the layer, by name.

    Returns:
        The cell, and the arguments that are left for `RNN`.
    """
    names = _constructor_names(cell_class)  # type: ignore[arg-type]  # classes are hashable
    own = {name: value for name, value in arguments.items() if name in names}
    ignored = ("implementation", "use_cudnn", "rank")  # accepted as in Keras; no effect
    rest = {k: v for k, v in arguments.items() if k not in names and k not in ignored}
    return cell_class(**own, dtype=arguments.get("dtype")), rest


@functools.cache
def _constructor_names(cell_class: type[GatedCell]) -> frozenset[str]:
    """Return the named arguments of a cell's constructors, without those of every layer."""
    constructors = [c.__init__ for c in cell_class.__mro__ if issubclass(c, GatedCell)]
    names = {name for each in constructors for name in inspect.signature(each).parameters}
    return frozenset(names - {"self", "kwargs", "settings"})


def zero_states(cell: Layer, batch_size: int | None) -> list[Array]:
    """Return a zero for each state of a cell."""
    size = cell.state_size
    dims = [size] if isinstance(size, int) else list(size)
    return [jnp.zeros((batch_size, n), cell.compute_dtype) for n in dims]


def apply_gates(
    function: Callable[..., Array], gates: Array, count: int, which: Sequence[int]
) -> list[Array]:
    """Return `function` of some of the `count` gates that stand side by side.

    On a CPU, a function of all of them and slices of that are several times as
    fast as the function of each slice.
    """
    if function in (activations.sigmoid, activations.hard_sigmoid):
        parts = jnp.split(function(gates), count, -1)
        return [parts[i] for i in which]
    parts = jnp.split(gates, count, -1)
    return [function(parts[i]) for i in which]


def _rate(value: object, name: str) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ArgumentError(f"{name} must be a rate from 0 to 1; got {value!r}.")
    return value
