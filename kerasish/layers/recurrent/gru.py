"""Gated recurrent units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

import jax.numpy as jnp

from kerasish import activations
from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
)
from kerasish.layers._shared import register
from kerasish.layers._weights import constructor_arguments
from kerasish.layers.recurrent.gated_cell import (
    CellOptions,
    GatedCell,
    RecurrentTerms,
    RNNOptions,
    apply_gates,
    make_cell,
)
from kerasish.layers.recurrent.rnn import RNN, share_settings

__all__ = ["GRU", "GRUCell"]


@dataclass(frozen=True)
class _ResetAfterStep:
    """The reset gate multiplies what the state contributes to the candidate."""

    activation: Callable[..., Any]
    recurrent_activation: Callable[..., Any]

    def __call__(self, gates: Array, states: Sequence[Array]) -> tuple[Any]:
        (h,) = states
        z, r = apply_gates(self.recurrent_activation, gates, 4, (0, 1))
        _, _, of_input, of_state = jnp.split(gates, 4, -1)
        return (z * h + (1 - z) * self.activation(of_input + r * of_state),)


@dataclass(frozen=True)
class _ResetBeforeStep:
    """The reset gate multiplies the state itself, before a product of its own."""

    activation: Callable[..., Any]
    recurrent_activation: Callable[..., Any]

    def __call__(
        self, gates: Array, states: Sequence[Array], kernel: Array, kept: Array | None = None
    ) -> tuple[Any]:
        (h,) = states
        z, r = apply_gates(self.recurrent_activation, gates, 3, (0, 1))
        reset = r * h if kept is None else r * h * kept
        candidate = self.activation(jnp.split(gates, 3, -1)[2] + reset @ kernel)
        return (z * h + (1 - z) * candidate,)


def _join_reset_after(inputs: Array, state: Array) -> Array:
    """Add what goes into the first two gates; the two halves of the candidate stay apart."""
    n = inputs.shape[-1] // 3 * 2
    both = inputs[..., :n] + state[..., :n]
    return jnp.concatenate([both, inputs[..., n:], state[..., n:]], -1)


def _join_reset_before(inputs: Array, state: Array) -> Array:
    """Add what goes into the first two gates, to which the state contributes."""
    n = state.shape[-1]
    return jnp.concatenate([inputs[..., :n] + state, inputs[..., n:]], -1)


@register()
class GRUCell(GatedCell):
    """One step of a `GRU`.

    With `z, r` sigmoids and `g` a tanh of what the input and the state contribute to
    each: `h = z * h + (1 - z) * g`, where `r` resets what the state contributes to `g`.

    Shapes: `(batch, features), [(batch, units)] -> (batch, units), [(batch, units)]`.

    Args:
        units: the size of the output and of the state.
        activation: of the candidate; None for none.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer: where the input's kernel, `(features, 3 * units)`, starts.
        recurrent_initializer: where the recurrent kernel, `(units, 3 * units)`, starts.
        bias_initializer: where the bias, `(2, 3 * units)`, starts.
        kernel_regularizer: a penalty on the input's kernel.
        recurrent_regularizer: a penalty on the recurrent kernel.
        bias_regularizer: a penalty on the bias.
        kernel_constraint: a projection of the input's kernel after each update.
        recurrent_constraint: a projection of the recurrent kernel after each update.
        bias_constraint: a projection of the bias after each update.
        dropout: the share of the input that is dropped in training, the same at each step.
        recurrent_dropout: the share of the state that is dropped before its product, likewise.
        reset_after: whether the reset gate comes after the recurrent product (as in cuDNN) or
            before it (as in the paper; then the bias is `(3 * units,)`).
        seed: layers with the same seed draw the same, in every run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> import numpy as np
        >>> cell = GRUCell(4)
        >>> output, states = cell(np.ones((2, 3), "float32"), cell.get_initial_state(2))
        >>> output.shape, len(states)
        ((2, 4), 1)
    """

    gates = 3

    recurrent_activation: Callable[..., Array]

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
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
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Unpack[CellOptions],
    ) -> None:
        super().__init__(
            **constructor_arguments(
                locals(), "recurrent_activation", "reset_after", "implementation"
            )
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after
        step = _ResetAfterStep if reset_after else _ResetBeforeStep
        self.step = step(self.activation, self.recurrent_activation)
        self.join = _join_reset_after if reset_after else _join_reset_before

    def bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def terms(self, kept: Array | None) -> RecurrentTerms:
        bias, kernel, _, _ = super().terms(kept)
        if self.reset_after:
            return (None, kernel, None, ()) if bias is None else (bias[0], kernel, bias[1], ())
        of_gates, of_candidate = jnp.split(kernel, [2 * self.units], -1)
        extra = (of_candidate,) if kept is None else (of_candidate, kept)
        return bias, of_gates, None, extra


@register()
class GRU(RNN):
    """Gated recurrent units (Cho et al., 2014).

    Shapes: `(batch, steps, features) -> (batch, units)`; `(batch, steps, units)` with
    `return_sequences`. What it can be called with is told at `RNN`.

    Args:
        units: the size of the output and of the state.
        activation: of the candidate; None for none.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer: where the input's kernel, `(features, 3 * units)`, starts.
        recurrent_initializer: where the recurrent kernel, `(units, 3 * units)`, starts.
        bias_initializer: where the bias, `(2, 3 * units)`, starts.
        kernel_regularizer: a penalty on the input's kernel.
        recurrent_regularizer: a penalty on the recurrent kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the input's kernel after each update.
        recurrent_constraint: a projection of the recurrent kernel after each update.
        bias_constraint: a projection of the bias after each update.
        dropout: the share of the input that is dropped in training, the same at each step.
        recurrent_dropout: the share of the state that is dropped before its product, likewise.
        seed: layers with the same seed draw the same, in every run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all steps, or that of the last.
        return_state: whether to return the last state as well.
        go_backwards: whether to begin at the end; the outputs come in that order.
        stateful: whether a batch begins where the last one ended, see `RNN`.
        unroll: whether to write the steps one after another instead of as a loop.
        reset_after: whether the reset gate comes after the recurrent product (as in cuDNN) or
            before it (as in the paper; then the bias is `(3 * units,)`).
        use_cudnn: accepted for Keras's sake, without effect.
        **kwargs: `name`, `trainable`, `dtype`, `zero_output_for_mask`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> GRU(4, return_sequences=True)(np.ones((2, 5, 3), "float32")).shape
        (2, 5, 4)
    """

    # The settings of the cell are this layer's own; what makes no difference has no place in them.
    _kerasish_foreign_config: ClassVar = {"cell": None, "use_cudnn": None}

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
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
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: bool | str = "auto",
        **kwargs: Unpack[RNNOptions],
    ) -> None:
        cell, options = make_cell(GRUCell, constructor_arguments(locals()))
        super().__init__(cell, **options)
        share_settings(self, cell)
