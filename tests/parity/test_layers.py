"""Layers: outputs, gradients, state, shapes, dtypes and configs equal Keras's."""

from __future__ import annotations

import numpy as np
import pytest

from .oracle import both, check_layer, close, draw, keras, kerasish

DENSE = [
    "Dense(3)",
    "Dense(1, use_bias=False)",
    "Dense(4, 'relu')",
    "Dense(4, activation='softmax', bias_initializer='ones')",
    "Dense(2, 'gelu', kernel_initializer='he_normal', bias_initializer='random_normal')",
    "Dense(2, kernel_regularizer='l2', bias_regularizer='l1')",
    "Dense(2, kernel_regularizer=k.regularizers.L1L2(0.1, 0.2), activity_regularizer='l2')",
    "Dense(2, kernel_constraint='non_neg', bias_constraint=k.constraints.MaxNorm(1.5, axis=0))",
    "Dense(2, kernel_initializer=k.initializers.VarianceScaling(2.0, 'fan_out', 'uniform', 3))",
    "Dense(2, trainable=False)",
    "Dense(2, name='mine', dtype='float32')",
    "Dense(2, dtype='bfloat16')",
]


@pytest.mark.parametrize("code", DENSE)
@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 5)], ids=str)
def test_dense(code, shape):
    check_layer(code, draw(shape), 2e-2 if "bfloat16" in code else 1e-5)
