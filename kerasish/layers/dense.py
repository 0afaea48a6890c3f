"""The fully connected layer."""

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
        units: the size of the output's last axis.
        activation: a name or a function; None for none.
        use_bias: whether to add a bias.
        kernel_initializer: where the kernel, `(features, units)`, starts.
        bias_initializer: where the bias, `(units,)`, starts.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the kernel after each update.
        bias_constraint: a projection of the bias after each update.
        lora_rank: the inner size of a product of two small weights that is learned in the
            place of the kernel, which is frozen (Hu et al., 2021); None for none.
        lora_alpha: that product is multiplied by `lora_alpha / lora_rank`; by default by 1.
        quantization_config: must be None, since layers are not quantized.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `units` or `lora_rank` is no positive whole number.
        UnknownNameError: if there is no activation, initializer, ... of a name.

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
