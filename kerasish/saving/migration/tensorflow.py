"""TensorFlow functions with an equivalent operation, and the mapping of their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["SIGNATURES", "Signature"]


class Signature(NamedTuple):
    """The mapping from a call of a TensorFlow function to an operation.

    Attributes:
        operation: the name of the operation.
        renamed: the parameters of the function in order, and their names in the operation.
        fixed: additional arguments of the operation.
        ignored: further parameters, and the values at which they can be ignored.
    """

    operation: str
    renamed: Mapping[str, str]
    fixed: Mapping[str, Any] = {}
    ignored: Mapping[str, tuple[Any, ...]] = {}

    @property
    def parameters(self) -> list[str]:
        """The parameters of the function."""
        return list(self.renamed)


_TWO = {"x": "x1", "y": "x2"}
_BINARY = {
    "math.add": "add",
    "add": "add",
    "__operators__.add": "add",
    "math.subtract": "subtract",
    "subtract": "subtract",
    "math.multiply": "multiply",
    "multiply": "multiply",
    "math.truediv": "true_divide",
    "math.divide": "true_divide",
    "divide": "true_divide",
    "truediv": "true_divide",
    "math.floordiv": "floor_divide",
    "math.floormod": "mod",
    "math.pow": "power",
    "pow": "power",
    "math.maximum": "maximum",
    "maximum": "maximum",
    "math.minimum": "minimum",
    "minimum": "minimum",
    "math.divide_no_nan": "divide_no_nan",
    "math.greater": "greater",
    "math.greater_equal": "greater_equal",
    "math.less": "less",
    "math.less_equal": "less_equal",
    "math.equal": "equal",
    "math.not_equal": "not_equal",
    "__operators__.eq": "equal",
    "__operators__.ne": "not_equal",
    "math.logical_and": "logical_and",
    "math.logical_or": "logical_or",
    "math.atan2": "arctan2",
}
_UNARY = {
    "abs": "absolute",
    "negative": "negative",
    "exp": "exp",
    "log": "log",
    "log1p": "log1p",
    "expm1": "expm1",
    "sqrt": "sqrt",
    "rsqrt": "rsqrt",
    "square": "square",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "round": "round",
    "erf": "erf",
    "reciprocal": "reciprocal",
    "logical_not": "logical_not",
    "zeros_like": "zeros_like",
    "ones_like": "ones_like",
    "stop_gradient": "stop_gradient",
    "identity": "copy",
}
_NN = ("relu", "relu6", "elu", "selu", "softplus", "softsign", "sigmoid", "tanh", "silu")
_REDUCTIONS = {
    "mean": "mean",
    "sum": "sum",
    "max": "max",
    "min": "min",
    "prod": "prod",
    "std": "std",
    "variance": "var",
    "any": "any",
    "all": "all",
    "logsumexp": "logsumexp",
}


def _tables() -> dict[str, Signature]:
    found = {name: Signature(kind, _TWO) for name, kind in _BINARY.items()}
    for name, kind in _UNARY.items():
        one = "input" if name in ("zeros_like", "ones_like", "stop_gradient", "identity") else "x"
        for prefix in ("", "math."):
            found[prefix + name] = Signature(kind, {one: "x"}, {}, {"dtype": (None,)})
    for name in _NN:
        parameter = "x" if name in ("sigmoid", "tanh") else "features"
        found[f"nn.{name}"] = Signature(name, {parameter: "x"}, {}, {"beta": (1.0,)})
    for name, kind in _REDUCTIONS.items():
        keys = {"input_tensor": "x", "axis": "axis", "keepdims": "keepdims"}
        for prefix in ("", "math."):
            found[f"{prefix}reduce_{name}"] = Signature(kind, keys)
    return found


SIGNATURES: dict[str, Signature] = _tables() | {
    "nn.swish": Signature("silu", {"features": "x"}, {}, {"beta": (1.0,)}),
    "nn.gelu": Signature(
        "gelu", {"features": "x", "approximate": "approximate"}, {"approximate": False}
    ),
    "nn.leaky_relu": Signature(
        "leaky_relu", {"features": "x", "alpha": "negative_slope"}, {"negative_slope": 0.2}
    ),
    "nn.softmax": Signature("softmax", {"logits": "x", "axis": "axis"}),
    "nn.log_softmax": Signature("log_softmax", {"logits": "x", "axis": "axis"}),
    "math.softplus": Signature("softplus", {"features": "x"}),
    "reshape": Signature("reshape", {"tensor": "x", "shape": "newshape"}),
    "expand_dims": Signature("expand_dims", {"input": "x", "axis": "axis"}),
    "squeeze": Signature("squeeze", {"input": "x", "axis": "axis"}),
    "transpose": Signature("transpose", {"a": "x", "perm": "axes"}),
    "concat": Signature("concatenate", {"values": "xs", "axis": "axis"}),
    "stack": Signature("stack", {"values": "x", "axis": "axis"}, {"axis": 0}),
    "tile": Signature("tile", {"input": "x", "multiples": "repeats"}),
    "repeat": Signature("repeat", {"input": "x", "repeats": "repeats", "axis": "axis"}),
    "reverse": Signature("flip", {"tensor": "x", "axis": "axis"}),
    "cast": Signature("cast", {"x": "x", "dtype": "dtype"}),
    "clip_by_value": Signature(
        "clip", {"t": "x", "clip_value_min": "x_min", "clip_value_max": "x_max"}
    ),
    "where": Signature("where", {"condition": "condition", "x": "x1", "y": "x2"}),
    "gather": Signature("take", {"params": "x", "indices": "indices", "axis": "axis"}, {"axis": 0}),
    "one_hot": Signature("one_hot", {"indices": "x", "depth": "num_classes", "axis": "axis"}),
    "math.argmax": Signature("argmax", {"input": "x", "axis": "axis"}),
    "argmax": Signature("argmax", {"input": "x", "axis": "axis"}),
    "math.cumsum": Signature("cumsum", {"x": "x", "axis": "axis"}, {"axis": 0}),
    "linalg.matmul": Signature("matmul", {"a": "x1", "b": "x2"}),
    "matmul": Signature("matmul", {"a": "x1", "b": "x2"}),
    "math.l2_normalize": Signature(
        # The epsilon of TensorFlow is that of the square.
        "normalize",
        {"x": "x", "axis": "axis"},
        {"epsilon": 1e-6},
        {"epsilon": (1e-12,)},
    ),
    "convert_to_tensor": Signature("copy", {"value": "x"}, {}, {"dtype": ("float32",)}),
    "split": Signature(
        "split",
        {"value": "x", "num_or_size_splits": "indices_or_sections", "axis": "axis"},
        {"axis": 0},
    ),
    "pad": Signature(
        "pad",
        {"tensor": "x", "paddings": "pad_width"},
        {},
        {"mode": ("CONSTANT",), "constant_values": (0,)},
    ),
}
SIGNATURES |= {
    f"{prefix}l2_normalize": SIGNATURES["math.l2_normalize"] for prefix in ("nn.", "linalg.")
}
