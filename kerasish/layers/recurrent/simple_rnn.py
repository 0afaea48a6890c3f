"""The simplest recurrent layer: the output is fed back."""

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
        units: the size of the output and of the state.
        activation: of the output; None for none.
        use_bias: whether there is a bias.
        kernel_initializer: where the input's kernel, `(features, units)`, starts.
        recurrent_initializer: where the recurrent kernel, `(units, units)`, starts.
        bias_initializer: where the bias, `(units,)`, starts.
        kernel_regularizer: a penalty on the input's kernel.
        recurrent_regularizer: a penalty on the recurrent kernel.
        bias_regularizer: a penalty on the bias.
        kernel_constraint: a projection of the input's kernel after each update.
        recurrent_constraint: a projection of the recurrent kernel after each update.
        bias_constraint: a projection of the bias after each update.
        dropout: the share of the input that is dropped in training, the same at each step.
        recurrent_dropout: the share of the state that is dropped before its product, likewise.
        seed: layers with the same seed draw the same, in every run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

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
    """A recurrent layer whose output is its state.

    Shapes: `(batch, steps, features) -> (batch, units)`; `(batch, steps, units)` with
    `return_sequences`. What it can be called with is told at `RNN`.

    Args:
        units: the size of the output and of the state.
        activation: of the output; None for none.
        use_bias: whether there is a bias.
        kernel_initializer: where the input's kernel, `(features, units)`, starts.
        recurrent_initializer: where the recurrent kernel, `(units, units)`, starts.
        bias_initializer: where the bias, `(units,)`, starts.
        kernel_regularizer: a penalty on the input's kernel.
        recurrent_regularizer: a penalty on the recurrent kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the input's kernel after each update.
        recurrent_constraint: a projection of the recurrent kernel after each update.
        bias_constraint: a projection of the bias after each update.
        dropout: the share of the input that is dropped in training, the same at each step.
        recurrent_dropout: the share of the state that is dropped before its product, likewise.
        return_sequences: whether to return the outputs of all steps, or that of the last.
        return_state: whether to return the last state as well.
        go_backwards: whether to begin at the end; the outputs come in that order.
        stateful: whether a batch begins where the last one ended, see `RNN`.
        unroll: whether to write the steps one after another instead of as a loop.
        seed: layers with the same seed draw the same, in every run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`, `zero_output_for_mask`.

    Raises:
        ArgumentError: if a setting cannot be.
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
