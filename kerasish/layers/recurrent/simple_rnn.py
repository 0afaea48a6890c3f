"""SimpleRNN and SimpleRNNCell: the fully connected recurrent layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

from kerasish.core.surface.layer_options import BaseOptions, LayerOptions
from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
)
from kerasish.layers._shared import register
from kerasish.layers._weights import constructor_arguments
from kerasish.layers.recurrent.gated_cell import GatedCell, make_cell
from kerasish.layers.recurrent.rnn import RNN, share_settings

__all__ = ["SimpleRNN", "SimpleRNNCell"]


@dataclass(frozen=True)
class _Step:
    """The output is the state."""

    activation: Callable[..., Any]

    def __call__(self, gates: Array, states: Sequence[Array]) -> tuple[Any]:
        return (self.activation(gates),)


@register()
class SimpleRNNCell(GatedCell):
    """One step of a `SimpleRNN`: `h = activation(x @ kernel + h @ recurrent_kernel + bias)`.

    Shapes: `(batch, features), [(batch, units)] -> (batch, units), [(batch, units)]`.

    Args:
        units: size of the output and of the state.
        activation: activation of the output; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(features, units)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(units, units)`.
        bias_initializer: initializer of the bias, of shape `(units,)`.
        kernel_regularizer: regularizer of the input's kernel.
        recurrent_regularizer: regularizer of the recurrent kernel.
        bias_regularizer: regularizer of the bias.
        kernel_constraint: constraint of the input's kernel, applied after each update.
        recurrent_constraint: constraint of the recurrent kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        dropout: dropout rate of the input in training; one mask for all timesteps.
        recurrent_dropout: dropout rate of the state in training, before its product; one mask for
            all timesteps.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> cell = SimpleRNNCell(4)
        >>> output, states = cell(np.ones((2, 3), "float32"), cell.get_initial_state(2))
        >>> output.shape, len(states)
        ((2, 4), 1)
    """

    gates = 1

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**constructor_arguments(locals()))
        self.step = _Step(self.activation)

    def call(
        self, sequence: Array, states: Sequence[Array] | Array, training: bool = False
    ) -> tuple[Array, Array | list[Array]]:
        # Keras calls the input of this one cell `sequence`.
        return super().call(sequence, states, training)


@register()
class SimpleRNN(RNN):
    """Fully connected RNN: `h = activation(x @ kernel + h @ recurrent_kernel + bias)`.

    Shapes: `(batch, steps, features) -> (batch, units)`; `(batch, steps, units)` with
    `return_sequences`. See `RNN` for the arguments of a call.

    Args:
        units: size of the output and of the state.
        activation: activation of the output; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(features, units)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(units, units)`.
        bias_initializer: initializer of the bias, of shape `(units,)`.
        kernel_regularizer: regularizer of the input's kernel.
        recurrent_regularizer: regularizer of the recurrent kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the input's kernel, applied after each update.
        recurrent_constraint: constraint of the recurrent kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        dropout: dropout rate of the input in training; one mask for all timesteps.
        recurrent_dropout: dropout rate of the state in training, before its product; one mask for
            all timesteps.
        return_sequences: whether to return the outputs of all timesteps instead of the last one
            only.
        return_state: whether to also return the final state.
        go_backwards: whether to process the sequence in reverse; the outputs are returned in
            reverse order.
        stateful: whether the final state of a batch is the initial state of the next; see `RNN`.
        unroll: whether to unroll the loop over timesteps.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`, `zero_output_for_mask`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> SimpleRNN(4, return_sequences=True)(np.ones((2, 5, 3), "float32")).shape
        (2, 5, 4)
    """

    # The settings of the cell are this layer's own; what makes no difference has no place in them.
    _kerasish_foreign_config: ClassVar = {"cell": None}

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Unpack[BaseOptions],
    ) -> None:
        cell, options = make_cell(SimpleRNNCell, constructor_arguments(locals()))
        super().__init__(cell, **options)
        share_settings(self, cell)
