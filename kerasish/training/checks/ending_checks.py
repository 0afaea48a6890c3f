"""Warnings about the end of a model that does not suit its loss or its metrics.

Only what is certain is reported: the last layer is known from the graph, it is one of the
library's own, and the loss is a cross-entropy that says whether it takes logits.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from kerasish import activations, functional, layers
from kerasish.core.layer import Layer
from kerasish.core.types import PyTree
from kerasish.losses import LossFunctionWrapper
from kerasish.metrics import BinaryAccuracy
from kerasish.training.objective.outputs import flatten_outputs, match

__all__ = ["check_ending", "check_finite"]

# What each cross-entropy wants before it, where it takes no logits.
_LINKS: dict[Any, str] = {
    functional.categorical_crossentropy: "softmax",
    functional.sparse_categorical_crossentropy: "softmax",
    functional.binary_crossentropy: "sigmoid",
}
_BOUNDED = ((activations.softmax, "softmax"), (activations.sigmoid, "sigmoid"))

# A warning shows the line of the user's that leads to it.
_INSIDE = (__name__.partition(".")[0], "contextlib")


def check_ending(model: Any, y: PyTree, y_pred: PyTree, names: Sequence[str]) -> None:
    """Warn of activations, losses and metrics that contradict each other.

    Args:
        model: a compiled model, its losses and metrics settled.
        y: targets.
        y_pred: outputs, abstract or not.
        names: the names of the outputs.
    """
    outputs = flatten_outputs(y_pred, names)
    keys = [name for name, _ in outputs]
    found = match(model._kerasish_objective.loss, keys, "loss", spread=True)
    ends = list(_ends(model))
    if len(ends) == len(outputs):
        for layer, loss in zip(ends, found, strict=True):
            _check_link(layer, loss)
    for layer in layers_of(model):
        if isinstance(layer, layers.Dense) and layer.units == 1 and _link(layer) == "softmax":
            _warn(f"Layer `{layer.name}`: softmax over one unit is always 1; use sigmoid.")
    targets = dict(zip(keys, match(y, keys, "y"), strict=True))
    for name, metric, output, _ in model._kerasish_metrics.entries:
        if isinstance(metric, BinaryAccuracy):
            _check_classes(name, targets[output])


def check_finite(loss: float | None, epoch: int) -> bool:
    """Warn of the loss of an epoch that is not finite; return whether it is not."""
    if loss is None or np.all(np.isfinite(loss)):
        return False
    _warn(
        f"The loss is {loss} since epoch {epoch + 1}. The callback "
        "`TerminateOnNaN(explain=True)` stops there and says why."
    )
    return True


def _warn(message: str) -> None:
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(_INSIDE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def layers_of(model: Any) -> Iterator[Layer]:
    """Yield the layers of a model and of the models in it."""
    for layer in model.layers if hasattr(model, "layers") else ():
        yield layer
        yield from layers_of(layer)


def _ends(model: Any) -> Iterator[Layer | None]:
    """Yield the layer that makes each output; None where that is not known."""
    for tensor in getattr(model, "_kerasish_outputs", list)() or ():
        layer = tensor.node.layer if tensor.node is not None else None
        inner = list(_ends(layer)) if hasattr(layer, "_kerasish_outputs") else [layer]
        yield inner[tensor.index] if tensor.index < len(inner) else None


def _link(layer: Layer) -> str | None:
    """Return what the last step of a layer is: softmax, sigmoid, linear; None if unknown."""
    if type(layer) is layers.Softmax:
        return "softmax"
    if type(layer) is layers.Activation or isinstance(layer, layers.Dense):
        known = next((name for link, name in _BOUNDED if layer.activation is link), None)
        return known or ("linear" if _is_plain(layer) else None)
    return None


def _is_plain(layer: Layer) -> bool:
    """Return whether a layer is a `Dense` that may give any number."""
    free = type(layer) is layers.Dense and layer.activation is activations.linear
    return free and layer.kernel_constraint is None and layer.bias_constraint is None


def _check_link(layer: Layer | None, loss: object) -> None:
    if layer is None or not isinstance(loss, LossFunctionWrapper) or loss.fn not in _LINKS:
        return
    wanted = _LINKS[loss.fn]
    from_logits, link = loss.fn_arguments.get("from_logits", False), _link(layer)
    if from_logits and link in ("softmax", "sigmoid"):
        _warn(
            f"Layer `{layer.name}` ends in a {link}, and the loss `{loss.name}` has "
            f"`from_logits=True`, which applies one as well: drop the {link} of the layer, or the "
            "`from_logits=True` of the loss."
        )
    if not from_logits and link == "linear":
        _warn(
            f"Layer `{layer.name}` has no activation, and the loss `{loss.name}` takes "
            f"probabilities: give the layer `activation={wanted!r}`, or the loss "
            "`from_logits=True`."
        )


def _check_classes(name: str, y: PyTree) -> None:
    if y is None or isinstance(y, jax.ShapeDtypeStruct):
        return
    values = np.asarray(y)
    other = ~np.isin(values, (-1, 0, 1))
    if values.size and other.mean() > 0.5:
        _warn(
            f"`{name}` counts predictions of the right class, and y holds values such as "
            f"{values[other][0]:.4g}, so it stays at 0; of a regression take `mae` or `R2Score`."
        )
