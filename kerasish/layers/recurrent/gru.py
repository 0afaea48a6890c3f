"""GRU and GRUCell: gated recurrent units."""

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
        self,
        gates: Array,
        states: Sequence[Array],
        kernel: Array,
        dropout_mask: Array | None = None,
    ) -> tuple[Any]:
        (h,) = states
        z, r = apply_gates(self.recurrent_activation, gates, 3, (0, 1))
        reset = r * h if dropout_mask is None else r * h * dropout_mask
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
        units: size of the output and of the state.
        activation: activation of the candidate; None for the identity.
        recurrent_activation: activation of the gates.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(features, 3 * units)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(units, 3 * units)`.
        bias_initializer: initializer of the bias, of shape `(2, 3 * units)`.
        kernel_regularizer: regularizer of the input's kernel.
        recurrent_regularizer: regularizer of the recurrent kernel.
        bias_regularizer: regularizer of the bias.
        kernel_constraint: constraint of the input's kernel, applied after each update.
        recurrent_constraint: constraint of the recurrent kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        dropout: dropout rate of the input in training; one mask for all timesteps.
        recurrent_dropout: dropout rate of the state in training, before its product; one mask for
            all timesteps.
        reset_after: whether the reset gate comes after the recurrent product (as in cuDNN) or
            before it (as in the paper; then the bias is `(3 * units,)`).
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

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

    def terms(self, dropout_mask: Array | None) -> RecurrentTerms:
        bias, kernel, _, _ = super().terms(dropout_mask)
        if self.reset_after:
            return (None, kernel, None, ()) if bias is None else (bias[0], kernel, bias[1], ())
        of_gates, of_candidate = jnp.split(kernel, [2 * self.units], -1)
        extra = (of_candidate,) if dropout_mask is None else (of_candidate, dropout_mask)
        return bias, of_gates, None, extra


@register()
class GRU(RNN):
    """Gated recurrent units (Cho et al., 2014).

    Shapes: `(batch, steps, features) -> (batch, units)`; `(batch, steps, units)` with
    `return_sequences`. See `RNN` for the arguments of a call.

    Args:
        units: size of the output and of the state.
        activation: activation of the candidate; None for the identity.
        recurrent_activation: activation of the gates.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(features, 3 * units)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(units, 3 * units)`.
        bias_initializer: initializer of the bias, of shape `(2, 3 * units)`.
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
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all timesteps instead of the last one
            only.
        return_state: whether to also return the final state.
        go_backwards: whether to process the sequence in reverse; the outputs are returned in
            reverse order.
        stateful: whether the final state of a batch is the initial state of the next; see `RNN`.
        unroll: whether to unroll the loop over timesteps.
        reset_after: whether the reset gate comes after the recurrent product (as in cuDNN) or
            before it (as in the paper; then the bias is `(3 * units,)`).
        use_cudnn: accepted as in Keras; without effect.
        **kwargs: `name`, `trainable`, `dtype`, `zero_output_for_mask`.

    Raises:
        ArgumentError: if an argument is invalid.
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
