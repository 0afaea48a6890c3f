"""TensorFlow graph nodes, which TF 2.0 to 2.3 stored in `TensorFlowOpLayer`."""

from __future__ import annotations

import json
from typing import Any

from kerasish.core.errors import FileFormatError
from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era

__all__ = ["arguments_of"]

# Operations of nodes, and their parameters for the inputs.
_UNARY = {
    "Abs": "absolute",
    "Neg": "negative",
    "Exp": "exp",
    "Log": "log",
    "Log1p": "log1p",
    "Sqrt": "sqrt",
    "Rsqrt": "rsqrt",
    "Square": "square",
    "Sin": "sin",
    "Cos": "cos",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Relu": "relu",
    "Relu6": "relu6",
    "Elu": "elu",
    "Selu": "selu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
    "Identity": "copy",
    "StopGradient": "stop_gradient",
    "Erf": "erf",
}
_BINARY = {
    "Add": "add",
    "AddV2": "add",
    "BiasAdd": "add",
    "Sub": "subtract",
    "Mul": "multiply",
    "RealDiv": "true_divide",
    "Div": "true_divide",
    "FloorDiv": "floor_divide",
    "FloorMod": "mod",
    "Pow": "power",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Greater": "greater",
    "GreaterEqual": "greater_equal",
    "Less": "less",
    "LessEqual": "less_equal",
    "Equal": "equal",
    "NotEqual": "not_equal",
}
_REDUCTIONS = {"Mean": "mean", "Sum": "sum", "Max": "max", "Min": "min", "Prod": "prod"}
_OTHERS = {
    "Reshape": ("reshape", ("x", "newshape")),
    "ExpandDims": ("expand_dims", ("x", "axis")),
    "Transpose": ("transpose", ("x", "axes")),
    "Tile": ("tile", ("x", "repeats")),
    "MatMul": ("matmul", ("x1", "x2")),
    "BatchMatMulV2": ("matmul", ("x1", "x2")),
    "ClipByValue": ("clip", ("x", "x_min", "x_max")),
}
_INPUTS: dict[str, tuple[str, tuple[str, ...]]] = {
    **{kind: (name, ("x",)) for kind, name in _UNARY.items()},
    **{kind: (name, ("x1", "x2")) for kind, name in _BINARY.items()},
    **{kind: (name, ("x", "axis")) for kind, name in _REDUCTIONS.items()},
    **_OTHERS,
}
# Attributes that must not be set.
_TURNED = ("transpose_a", "transpose_b", "adj_x", "adj_y")


def arguments_of(
    name: str, config: dict[str, Any], nodes: list[tuple[Any, dict[str, Any]]], era: Era
) -> tuple[str, list[dict[str, Any]]]:
    """Return the operation for a node, and the arguments of its calls by name.

    Args:
        name: the name of the layer.
        config: the config of the layer, with the node and its constant inputs.
        nodes: the calls of the layer.
        era: the version of Keras that wrote it.

    Raises:
        FileFormatError: if there is no equivalent operation, or the node is damaged.
    """
    node = config.get("node_def")
    if isinstance(node, str):
        try:
            node = json.loads(node)
        except (ValueError, RecursionError) as error:
            raise FileFormatError(f"The node of {name!r} is not JSON: {error}.") from error
    kind = node.get("op") if isinstance(node, dict) else None
    attributes = (node.get("attr") or {}) if isinstance(node, dict) else {}
    if any((attributes.get(key) or {}).get("b") for key in _TURNED):
        raise era.untranslatable(f"the TensorFlow operation {kind!r} ({name!r}), transposed")
    constants = {int(key): value for key, value in (config.get("constants") or {}).items()}
    calls = [_inputs(first, constants) for first, _ in nodes]
    if kind == "ConcatV2":
        return "concatenate", [{"xs": each[:-1], "axis": each[-1]} for each in calls]
    if kind == "Pack":
        axis = int((attributes.get("axis") or {}).get("i", 0))
        return "stack", [{"x": each, "axis": axis} for each in calls]
    if kind == "Squeeze":
        dims = ((attributes.get("squeeze_dims") or {}).get("list") or {}).get("i")
        return "squeeze", [
            {"x": each[0], "axis": [int(i) for i in dims or ()] or None} for each in calls
        ]
    if kind == "Cast":
        raise era.untranslatable(f"the TensorFlow operation {kind!r} ({name!r})")
    if kind not in _INPUTS:
        raise era.untranslatable(
            f"the TensorFlow operation {kind!r} ({name!r})", "there is no operation for it here"
        )
    operation, parameters = _INPUTS[kind]
    found = [dict(zip(parameters, each, strict=False)) for each in calls]
    if kind in _REDUCTIONS:
        kept = bool((attributes.get("keep_dims") or {}).get("b"))
        found = [call | {"keepdims": kept} for call in found]
    return operation, found


def _inputs(first: JSON, constants: dict[int, Any]) -> list[Any]:
    """Return the inputs of a node in order, including constants."""
    tensors = list(first) if isinstance(first, list) else [first]
    return [
        constants[i] if i in constants else tensors.pop(0)
        for i in range(len(tensors) + len(constants))
    ]
