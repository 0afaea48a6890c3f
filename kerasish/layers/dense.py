"""Dense: the fully connected layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from kerasish import activations
from kerasish.core.input_spec import InputSpec
from kerasish.core.surface.layer_options import BaseOptions
from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.core.variable import Variable
from kerasish.layers._lora import LoraMixin, LoraWeight
from kerasish.layers._shared import broadcast_along, positive_int, register
from kerasish.layers._weights import add_weight_for, set_weight_options

__all__ = ["Dense"]


@register()
class Dense(LoraMixin):
    """`activation(x @ kernel + bias)`.

    Shapes: `(batch, ..., features) -> (batch, ..., units)`.

    Args:
        units: size of the last axis of the output.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the kernel, of shape `(features, units)`.
        bias_initializer: initializer of the bias, of shape `(units,)`.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        lora_rank: rank of low-rank adapters (LoRA; Hu et al., 2021). The kernel is then frozen and
            the adapters are trained. None for no adapters.
        lora_alpha: scale of the adapters: their product is multiplied by `lora_alpha / lora_rank`;
            equal to `lora_rank` by default.
        quantization_config: must be None, since layers are not quantized.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `units` or `lora_rank` is not a positive integer.
        UnknownNameError: if no activation, initializer, ... is registered under a name.

    Examples:
        >>> import numpy as np
        >>> Dense(3, activation="relu")(np.ones((2, 5), "float32")).shape
        (2, 3)
    """

    kernel = LoraWeight()

    activation: Callable[..., Array]
    bias: Variable

    def __init__(
        self,
        units: int,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: None = None,
        **kwargs: Unpack[BaseOptions],
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive_int(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        set_weight_options(
            self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True
        self._refuse_quantization(quantization_config)
        self._set_lora_options(lora_rank, lora_alpha)

    def build(self, input_shape: Shape) -> None:
        features = input_shape[-1]
        self.kernel = add_weight_for(self, "kernel", (features, self.units))
        if self.use_bias:
            self.bias = add_weight_for(self, "bias", (self.units,))
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features} if features else None)
        self._add_lora_weights()

    def call(self, inputs: Array, training: bool | None = None) -> Array:
        y = inputs @ self._lora_weight()
        return self.activation(y + broadcast_along(self.bias.value, y.ndim) if self.use_bias else y)
