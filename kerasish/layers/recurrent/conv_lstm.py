"""Long short-term memory whose products are convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.layers._shared import register
from kerasish.layers._weights import constructor_arguments
from kerasish.layers.recurrent.conv_lstm_cell import ConvLSTMCell
from kerasish.layers.recurrent.gated_cell import RNNOptions, make_cell
from kerasish.layers.recurrent.rnn import RNN, share_settings

__all__ = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]


class _ConvLSTM(RNN):
    """A convolutional LSTM over `rank` spatial axes; its arguments are told at `ConvLSTM2D`."""

    rank: ClassVar[int]
    _kerasish_foreign_config: ClassVar = {"cell": None}

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
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
        **kwargs: Unpack[RNNOptions],
    ) -> None:
        arguments = constructor_arguments(locals()) | {"rank": self.rank}
        cell, options = make_cell(ConvLSTMCell, arguments)
        super().__init__(cell, **options)
        share_settings(self, cell)

    def initial_states(self, timestep_shape: Shape) -> list[Array]:
        states: list[Array] = self.cell.initial_states(tuple(timestep_shape))
        return states


@register()
class ConvLSTM1D(_ConvLSTM):
    """An LSTM whose products are convolutions over one spatial axis (Shi et al., 2015).

    Shapes: `(batch, steps, size, channels) ->
    (batch, new_size, filters)`; all steps of them with `return_sequences`,
    with `return_state` also the last `h` and `c`. Under `data_format="channels_first"` the
    channels come before the spatial axes. What it can be called with is told at `RNN`.

    Args:
        filters: how many channels come out, and each state has.
        kernel_size: the extent of both kernels in each spatial axis.
        strides: the step of the input's convolution in each spatial axis.
        padding: of the input's convolution: `"valid"` (none) or `"same"` (as many zeros as it
            takes). That of the state is always `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring elements of the input's kernel.
        activation: of the candidate and of the output; None for none.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer: where the input's kernel, `(*kernel_size, channels, 4 * filters)`,
            starts.
        recurrent_initializer: where the recurrent kernel, `(*kernel_size, filters,
            4 * filters)`, starts.
        bias_initializer: where the bias, `(4 * filters,)`, starts.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer: a penalty on the input's kernel.
        recurrent_regularizer: a penalty on the recurrent kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the input's kernel after each update.
        recurrent_constraint: a projection of the recurrent kernel after each update.
        bias_constraint: a projection of the bias after each update.
        dropout: the share of the input that is dropped in training, the same at each step.
        recurrent_dropout: the share of the state that is dropped before its convolution.
        seed: layers with the same seed draw the same, in every run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all steps, or that of the last.
        return_state: whether to return the last states as well.
        go_backwards: whether to begin at the end; the outputs come in that order.
        stateful: whether a batch begins where the last one ended, see `RNN`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((2, 4, 6, 3), "float32")
        >>> ConvLSTM1D(8, 3, return_sequences=True)(x).shape
        (2, 4, 4, 8)
    """

    rank = 1


@register()
class ConvLSTM2D(_ConvLSTM):
    """An LSTM whose products are convolutions over height and width (Shi et al., 2015).

    Shapes: `(batch, steps, height, width, channels) ->
    (batch, new_height, new_width, filters)`; all steps of them with `return_sequences`,
    with `return_state` also the last `h` and `c`. Under `data_format="channels_first"` the
    channels come before the spatial axes. What it can be called with is told at `RNN`.

    Args:
        filters: how many channels come out, and each state has.
        kernel_size: the extent of both kernels in each spatial axis.
        strides: the step of the input's convolution in each spatial axis.
        padding: of the input's convolution: `"valid"` (none) or `"same"` (as many zeros as it
            takes). That of the state is always `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring elements of the input's kernel.
        activation: of the candidate and of the output; None for none.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer: where the input's kernel, `(*kernel_size, channels, 4 * filters)`,
            starts.
        recurrent_initializer: where the recurrent kernel, `(*kernel_size, filters,
            4 * filters)`, starts.
        bias_initializer: where the bias, `(4 * filters,)`, starts.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer: a penalty on the input's kernel.
        recurrent_regularizer: a penalty on the recurrent kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the input's kernel after each update.
        recurrent_constraint: a projection of the recurrent kernel after each update.
        bias_constraint: a projection of the bias after each update.
        dropout: the share of the input that is dropped in training, the same at each step.
        recurrent_dropout: the share of the state that is dropped before its convolution.
        seed: layers with the same seed draw the same, in every run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all steps, or that of the last.
        return_state: whether to return the last states as well.
        go_backwards: whether to begin at the end; the outputs come in that order.
        stateful: whether a batch begins where the last one ended, see `RNN`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((2, 4, 6, 6, 3), "float32")
        >>> ConvLSTM2D(8, 3, return_sequences=True)(x).shape
        (2, 4, 4, 4, 8)
    """

    rank = 2


@register()
class ConvLSTM3D(_ConvLSTM):
    """An LSTM whose products are convolutions over three spatial axes (Shi et al., 2015).

    Shapes: `(batch, steps, depth, height, width, channels) ->
    (batch, new_depth, new_height, new_width, filters)`; all steps of them with `return_sequences`,
    with `return_state` also the last `h` and `c`. Under `data_format="channels_first"` the
    channels come before the spatial axes. What it can be called with is told at `RNN`.

    Args:
        filters: how many channels come out, and each state has.
        kernel_size: the extent of both kernels in each spatial axis.
        strides: the step of the input's convolution in each spatial axis.
        padding: of the input's convolution: `"valid"` (none) or `"same"` (as many zeros as it
            takes). That of the state is always `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring elements of the input's kernel.
        activation: of the candidate and of the output; None for none.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer: where the input's kernel, `(*kernel_size, channels, 4 * filters)`,
            starts.
        recurrent_initializer: where the recurrent kernel, `(*kernel_size, filters,
            4 * filters)`, starts.
        bias_initializer: where the bias, `(4 * filters,)`, starts.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer: a penalty on the input's kernel.
        recurrent_regularizer: a penalty on the recurrent kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the input's kernel after each update.
        recurrent_constraint: a projection of the recurrent kernel after each update.
        bias_constraint: a projection of the bias after each update.
        dropout: the share of the input that is dropped in training, the same at each step.
        recurrent_dropout: the share of the state that is dropped before its convolution.
        seed: layers with the same seed draw the same, in every run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all steps, or that of the last.
        return_state: whether to return the last states as well.
        go_backwards: whether to begin at the end; the outputs come in that order.
        stateful: whether a batch begins where the last one ended, see `RNN`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((2, 4, 6, 6, 6, 3), "float32")
        >>> ConvLSTM3D(8, 3, return_sequences=True)(x).shape
        (2, 4, 4, 4, 4, 8)
    """

    rank = 3
