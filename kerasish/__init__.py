"""kerasish: the Keras API on a pure JAX core."""

import importlib
from typing import TYPE_CHECKING, Any

from kerasish import (
    activations,
    backend,
    callbacks,
    config,
    constraints,
    datasets,
    dtype_policies,
    errors,
    export,
    initializers,
    layers,
    losses,
    metrics,
    mixed_precision,
    models,
    ops,
    optimizers,
    quantizers,
    random,
    regularizers,
    saving,
    training,
    tree,
    utils,
)
from kerasish.core.graph.function import Function
from kerasish.core.graph.operation import Operation
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.graph.symbolic import SymbolicTensor as KerasTensor
from kerasish.core.rematerialization import RematScope, remat
from kerasish.core.scopes import StatelessScope, SymbolicScope, device, name_scope
from kerasish.core.surface import namespaces
from kerasish.core.variable import Variable
from kerasish.dtype_policies import DTypePolicy, FloatDTypePolicy
from kerasish.initializers import Initializer
from kerasish.layers import Input, InputSpec, Layer
from kerasish.losses import Loss
from kerasish.metrics import Metric
from kerasish.models import Model, Sequential
from kerasish.optimizers import Optimizer
from kerasish.quantizers import Quantizer
from kerasish.regularizers import Regularizer
from kerasish.training.execution.state import TrainState

if TYPE_CHECKING:
    from kerasish import (
        applications,
        distillation,
        legacy,
        preprocessing,
        visualization,
        wrappers,
    )

__version__ = "0.1.0"

__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
    "Function",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Operation",
    "Optimizer",
    "Quantizer",
    "Regularizer",
    "RematScope",
    "Sequential",
    "StatelessScope",
    "SymbolicScope",
    "SymbolicTensor",
    "TrainState",
    "Variable",
    "__version__",
    "activations",
    "applications",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "device",
    "distillation",
    "dtype_policies",
    "errors",
    "export",
    "initializers",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "name_scope",
    "ops",
    "optimizers",
    "preprocessing",
    "quantizers",
    "random",
    "regularizers",
    "remat",
    "saving",
    "training",
    "tree",
    "utils",
    "version",
    "visualization",
    "wrappers",
]


def version() -> str:
    """Return the version of kerasish.

    Examples:
        >>> version() == __version__
        True
    """
    return __version__


# Imported on first use, since most programs do not need them.
_LAZY = frozenset(
    ["applications", "distillation", "legacy", "preprocessing", "visualization", "wrappers"]
)

if not TYPE_CHECKING:  # a type checker would accept every name with `__getattr__`

    def __getattr__(name: str) -> Any:
        if name in _LAZY:
            return importlib.import_module(f"kerasish.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


namespaces.present(__name__)
