"""ConvLSTM1D, ConvLSTM2D, ConvLSTM3D: LSTMs with convolutions as products."""

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
    """A convolutional LSTM over `rank` spatial axes; see `ConvLSTM2D` for its arguments."""

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

    Shapes: `(batch, steps, size, channels) -> (batch, new_size, filters)`; all steps of them with
    `return_sequences`, with `return_state` also the last `h` and `c`. Under
    `data_format="channels_first"` the channels come before the spatial axes. See `RNN` for the
    arguments of a call.

    Args:
        filters: number of channels of the output and of each state.
        kernel_size: size of both kernels along each spatial axis.
        strides: stride of the input convolution along each spatial axis.
        padding: padding of the input convolution: `"valid"` (no padding) or `"same"` (zeros, so
            that with stride 1 the size stays). The state convolution always uses `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring elements of the input's kernel.
        activation: activation of the candidate and of the output; None for the identity.
        recurrent_activation: activation of the gates.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(*kernel_size, channels, 4
            * filters)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(*kernel_size,
            filters, 4 * filters)`.
        bias_initializer: initializer of the bias, of shape `(4 * filters,)`.
        unit_forget_bias: whether to initialize the bias of the forget gate to 1.
        kernel_regularizer: regularizer of the input's kernel.
        recurrent_regularizer: regularizer of the recurrent kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the input's kernel, applied after each update.
        recurrent_constraint: constraint of the recurrent kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        dropout: dropout rate of the input in training; one mask for all timesteps.
        recurrent_dropout: dropout rate of the state in training, before its convolution; one mask
            for all timesteps.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all timesteps instead of the last one
            only.
        return_state: whether to also return the final states.
        go_backwards: whether to process the sequence in reverse; the outputs are returned in
            reverse order.
        stateful: whether the final state of a batch is the initial state of the next; see `RNN`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
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

    Shapes: `(batch, steps, height, width, channels) -> (batch, new_height, new_width, filters)`;
    all steps of them with `return_sequences`, with `return_state` also the last `h` and `c`. Under
    `data_format="channels_first"` the channels come before the spatial axes. See `RNN` for the
    arguments of a call.

    Args:
        filters: number of channels of the output and of each state.
        kernel_size: size of both kernels along each spatial axis.
        strides: stride of the input convolution along each spatial axis.
        padding: padding of the input convolution: `"valid"` (no padding) or `"same"` (zeros, so
            that with stride 1 the size stays). The state convolution always uses `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring elements of the input's kernel.
        activation: activation of the candidate and of the output; None for the identity.
        recurrent_activation: activation of the gates.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(*kernel_size, channels, 4
            * filters)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(*kernel_size,
            filters, 4 * filters)`.
        bias_initializer: initializer of the bias, of shape `(4 * filters,)`.
        unit_forget_bias: whether to initialize the bias of the forget gate to 1.
        kernel_regularizer: regularizer of the input's kernel.
        recurrent_regularizer: regularizer of the recurrent kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the input's kernel, applied after each update.
        recurrent_constraint: constraint of the recurrent kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        dropout: dropout rate of the input in training; one mask for all timesteps.
        recurrent_dropout: dropout rate of the state in training, before its convolution; one mask
            for all timesteps.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all timesteps instead of the last one
            only.
        return_state: whether to also return the final states.
        go_backwards: whether to process the sequence in reverse; the outputs are returned in
            reverse order.
        stateful: whether the final state of a batch is the initial state of the next; see `RNN`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
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

    Shapes: `(batch, steps, depth, height, width, channels) -> (batch, new_depth, new_height,
    new_width, filters)`; all steps of them with `return_sequences`, with `return_state` also the
    last `h` and `c`. Under `data_format="channels_first"` the channels come before the spatial
    axes. See `RNN` for the arguments of a call.

    Args:
        filters: number of channels of the output and of each state.
        kernel_size: size of both kernels along each spatial axis.
        strides: stride of the input convolution along each spatial axis.
        padding: padding of the input convolution: `"valid"` (no padding) or `"same"` (zeros, so
            that with stride 1 the size stays). The state convolution always uses `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring elements of the input's kernel.
        activation: activation of the candidate and of the output; None for the identity.
        recurrent_activation: activation of the gates.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the input's kernel, of shape `(*kernel_size, channels, 4
            * filters)`.
        recurrent_initializer: initializer of the recurrent kernel, of shape `(*kernel_size,
            filters, 4 * filters)`.
        bias_initializer: initializer of the bias, of shape `(4 * filters,)`.
        unit_forget_bias: whether to initialize the bias of the forget gate to 1.
        kernel_regularizer: regularizer of the input's kernel.
        recurrent_regularizer: regularizer of the recurrent kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the input's kernel, applied after each update.
        recurrent_constraint: constraint of the recurrent kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        dropout: dropout rate of the input in training; one mask for all timesteps.
        recurrent_dropout: dropout rate of the state in training, before its convolution; one mask
            for all timesteps.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        return_sequences: whether to return the outputs of all timesteps instead of the last one
            only.
        return_state: whether to also return the final states.
        go_backwards: whether to process the sequence in reverse; the outputs are returned in
            reverse order.
        stateful: whether the final state of a batch is the initial state of the next; see `RNN`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if an input or a state does not fit.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((2, 4, 6, 6, 6, 3), "float32")
        >>> ConvLSTM3D(8, 3, return_sequences=True)(x).shape
        (2, 4, 4, 4, 4, 8)
    """

    rank = 3
