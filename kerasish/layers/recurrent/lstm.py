"""LSTM and LSTMCell: long short-term memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

import jax.numpy as jnp
import numpy as np

from kerasish import activations
from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    DTypeLike,
    InitializerLike,
    RegularizerLike,
)
from kerasish.initializers import Initializer
from kerasish.layers._shared import broadcast_along, register
from kerasish.layers._weights import constructor_arguments
from kerasish.layers.recurrent.gated_cell import (
    CellOptions,
    GatedCell,
    RNNOptions,
    apply_gates,
    make_cell,
)
from kerasish.layers.recurrent.rnn import RNN, share_settings

__all__ = ["LSTM", "LSTMCell"]


@dataclass(frozen=True)
class LSTMStep:
    """The gates stand in Keras's order: input, forget, candidate, output."""

    activation: Callable[..., Any]
    recurrent_activation: Callable[..., Any]

    def __call__(self, gates: Array, states: Sequence[Array]) -> tuple[Any, Any]:
        _, c = states
        if self == _COMMON:
            i, f, candidate, o = _gates_by_one_tanh(gates)
        else:
            i, f, o = apply_gates(self.recurrent_activation, gates, 4, (0, 1, 3))
            candidate = self.activation(jnp.split(gates, 4, -1)[2])
        c = f * c + i * candidate
        return o * self.activation(c), c


_COMMON = LSTMStep(activations.tanh, activations.sigmoid)


def _gates_by_one_tanh(gates: Array) -> list[Any]:
    """Return a sigmoid of each gate, a tanh of the candidate.

    `sigmoid(x)` is `tanh(x / 2) / 2 + 1 / 2`, so that one tanh does for all of
    them, which on a CPU is faster than four functions of slices.
    """
    units = gates.shape[-1] // 4
    scale = broadcast_along(
        jnp.asarray(np.repeat([0.5, 0.5, 1, 0.5], units), gates.dtype), gates.ndim
    )
    return jnp.split(jnp.tanh(gates * scale) * scale + (1 - scale), 4, -1)


class ForgetBias(Initializer):
    """The bias of the forget gate, the second of four, starts at 1."""

    def __init__(self, others: Any) -> None:
        self.others = others

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike | None
    ) -> np.ndarray:
        units = shape[0] // 4
        draw = getattr(self.others, "draw", None)

        def others(n: int) -> np.ndarray:
            drawn = draw(rng, (n,), dtype) if draw else self.others((n,), dtype)
            return np.asarray(drawn, dtype)

        return np.concatenate([others(units), np.ones(units, dtype), others(2 * units)])


@register()
class LSTMCell(GatedCell):
    """One step of an `LSTM`.

    With `i, f, g, o` the four parts of `x @ kernel + h @ recurrent_kernel + bias`:
    `c = sigmoid(f) * c + sigmoid(i) * tanh(g)`, `h = sigmoid(o) * tanh(c)`.

    Shapes: `(batch, features), [h, c] -> (batch, units), [h, c]`.

    Args:
        units: size of the output and of each state.
        activation: activation of the candidate and of the output; None for the identity.
        recurrent_activation: activation of the gates.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(features, 4 * units)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(units, 4 * units)`.
        bias_initializer: initializer of the bias, of shape `(4 * units,)`.
        unit_forget_bias: whether to initialize the bias of the forget gate to 1.
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
        >>> cell = LSTMCell(4)
        >>> output, states = cell(np.ones((2, 3), "float32"), cell.get_initial_state(2))
        >>> output.shape, len(states)
        ((2, 4), 2)
    """

    gates = 4

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
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Unpack[CellOptions],
    ) -> None:
        super().__init__(
            **constructor_arguments(
                locals(), "recurrent_activation", "unit_forget_bias", "implementation"
            )
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.step = LSTMStep(self.activation, self.recurrent_activation)

    @property
    def state_size(self) -> list[int]:
        """The sizes of `h` and `c`."""
        return [self.units, self.units]

    def bias_init(self) -> InitializerLike:
        return ForgetBias(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer


@register()
class LSTM(RNN):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997; with a forget gate, Gers, 2000).

    Shapes: `(batch, steps, features) -> (batch, units)`; `(batch, steps, units)` with
    `return_sequences`; with `return_state` also the last `h` and `c`. See `RNN` for the arguments
    of a call.

    Args:
        units: size of the output and of each state.
        activation: activation of the candidate and of the output; None for the identity.
        recurrent_activation: activation of the gates.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(features, 4 * units)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(units, 4 * units)`.
        bias_initializer: initializer of the bias, of shape `(4 * units,)`.
        unit_forget_bias: whether to initialize the bias of the forget gate to 1.
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
        return_state: whether to also return the final states.
        go_backwards: whether to process the sequence in reverse; the outputs are returned in
            reverse order.
        stateful: whether the final state of a batch is the initial state of the next; see `RNN`.
        unroll: whether to unroll the loop over timesteps.
        use_cudnn: accepted as in Keras; without effect.
        **kwargs: `name`, `trainable`, `dtype`, `zero_output_for_mask`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> LSTM(4, return_sequences=True)(np.ones((2, 5, 3), "float32")).shape
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
        unit_forget_bias: bool = True,
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
        use_cudnn: bool | str = "auto",
        **kwargs: Unpack[RNNOptions],
    ) -> None:
        cell, options = make_cell(LSTMCell, constructor_arguments(locals()))
        super().__init__(cell, **options)
        share_settings(self, cell)
