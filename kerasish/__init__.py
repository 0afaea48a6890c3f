"""kerasish: Keras's way of working over a pure JAX core."""

import importlib
from typing import TYPE_CHECKING, Any

from kerasish import (
    activations,
    callbacks,
    config,
    constraints,
    datasets,
    errors,
    export,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    saving,
    training,
    utils,
)
from kerasish.core.symbolic import SymbolicTensor
from kerasish.core.symbolic import SymbolicTensor as KerasTensor
from kerasish.core.variable import Variable
from kerasish.layers import Input, InputSpec, Layer
from kerasish.losses import Loss
from kerasish.metrics import Metric
from kerasish.models import Model, Sequential
from kerasish.optimizers import Optimizer
from kerasish.training.state import TrainState

if TYPE_CHECKING:
    from kerasish import applications

__version__ = "0.1.0"

__all__ = [
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Sequential",
    "SymbolicTensor",
    "TrainState",
    "Variable",
    "__version__",
    "activations",
    "applications",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "errors",
    "export",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "training",
    "utils",
]


def __getattr__(name: str) -> Any:
    # Whoever builds a network of their own need not wait for those of others.
    if name == "applications":
        return importlib.import_module("kerasish.applications")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
