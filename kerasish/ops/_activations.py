"""Activation functions as operations: relu, softmax, gelu, ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations
from kerasish.ops._define import define, family, unary


def _along(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=-1: function(x, axis)


def _scaled(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, alpha=1.0: function(x, alpha)


def _beyond(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, threshold=0.5: function(x, threshold)


define(
    "nn",
    {
        **family(
            unary,
            activations,
            """
            hard_sigmoid hard_silu hard_swish=hard_silu hard_tanh log_sigmoid relu relu6 selu
            sigmoid silu softplus softsign sparse_plus sparse_sigmoid swish=silu tanh_shrink
            """,
        ),
        **family(_along, activations, "glu log_softmax softmax sparsemax"),
        **family(_scaled, activations, "celu elu"),
        **family(_beyond, activations, "hard_shrink soft_shrink"),
        # The default differs from `activations.gelu`, whose default is the exact form.
        "gelu": lambda x, approximate=True: activations.gelu(x, approximate),
        "leaky_relu": lambda x, negative_slope=0.2: activations.leaky_relu(x, negative_slope),
        "squareplus": lambda x, b=4: activations.squareplus(x, b),
        "threshold": lambda x, threshold, default_value: activations.threshold(
            x, threshold, default_value
        ),
    },
    kinds={"swish": "Silu", "hard_swish": "HardSilu"},
    arguments=dict.fromkeys(("squareplus", "threshold"), "x"),
    docs="kerasish.activations",
)
