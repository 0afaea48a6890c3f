"""What began in a step that its loss is not finite, case by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import KerasishError
from kerasish.core.layer import Layer
from kerasish.core.paths import get_in, keys_to_name, to_name
from kerasish.core.tree import variables_with_paths
from kerasish.core.types import PyTree
from kerasish.training.diagnosis import explanation
from kerasish.training.diagnosis.explanation import counted, rows, span
from kerasish.training.diagnosis.instrumented_step import InstrumentedStep
from kerasish.training.diagnosis.nonfinite_interpreter import is_finite
from kerasish.training.execution.step_history import ReplayedStep

__all__ = ["Diagnosis", "Finding", "at"]

# Weights beyond this are told where numbers become too large.
_LARGE = 1e3
_PARTS = {"0": "x", "1": "y", "2": "sample_weight"}


def at(tree: PyTree, address: str) -> Any:
    """Return the array of a state or a batch that has an address, such as `"params/dense/bias"`."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return next(leaf for path, leaf in leaves if keys_to_name(path) == address)


@dataclass
class Finding:
    """The parts of an explanation that depend on its kind; see `Explanation`."""

    kind: str
    words: str
    advice: str
    layer: str | None = None
    weight: str | None = None
    samples: list[int] | None = None


class Diagnosis:
    """A step, and what can be seen in it.

    Args:
        model: the model.
        moment: the step.
        target: the address of what went wrong in it.
    """

    def __init__(self, model: Any, moment: ReplayedStep, target: str = "loss") -> None:
        self.model, self.moment, self.target = model, moment, target
        self.size = jax.tree.leaves(moment.batch)[0].shape[0]
        self.failure = ""
        self.seen = self._observed(target.split("/")[0])
        if self.seen is None:
            # A step of one's own may do what cannot be made operation by operation.
            self.seen = self._observed("outputs")

    def _observed(self, target: str) -> InstrumentedStep | None:
        try:
            return InstrumentedStep(self.model, self.moment.before, self.moment.batch, target)
        except Exception as error:
            self.failure = self.failure or f"{type(error).__name__}: {str(error).splitlines()[0]}"
            return None

    @property
    def blamed(self) -> str | None:
        """The address of what was wrong in the state before the step."""
        found = self.seen.argument if self.seen is not None else None
        return found[1] if found is not None and found[0] == "state" else None

    def found(self) -> Finding:
        """Return what is known of what began it."""
        seen = self.seen
        if seen is None or seen.origin is None:
            return self._unknown()
        if seen.argument is not None:
            which, address = seen.argument
            return self._in_data(address) if which == "batch" else self._in_weights(address)
        if self.target != "loss":
            return self._in_update() if seen.in_update else self._in_gradient()
        return self._in_layer() if seen.call is not None else self._in_loss()

    def _unknown(self) -> Finding:
        """Tell what can be told of a step that nobody can look into."""
        for path, leaf in jax.tree_util.tree_flatten_with_path(self.moment.batch)[0]:
            if not is_finite(leaf):
                return self._in_data(keys_to_name(path))
        if self.failure:
            words = f"The step cannot be made operation by operation: {self.failure}"
        else:
            value = float(self.seen.values[0]) if self.seen is not None else np.nan
            words = (
                f"Made operation by operation, this step has a loss of {value:.4g}. If that is "
                "large, its sum over the epoch is too large; else rounding makes the difference."
            )
        grown, weight = self._grown()
        return Finding("unknown", words + grown, "", weight=weight)

    def _in_data(self, address: str) -> Finding:
        keys = address.split("/")
        name = _PARTS[keys[0]] + "".join(f"[{key}]" for key in keys[1:])
        value = np.asarray(at(self.moment.batch, address))
        words = f"It is in the data: {counted(value)} in `{name}`"
        if value.ndim == 2:
            columns = np.flatnonzero(~np.isfinite(value.astype("float64")).all(0))
            words += f", in features {explanation.as_list([int(each) for each in columns])}"
        advice = "remove these samples, or repair them"
        return Finding("data", f"{words}.", advice, samples=rows(value, self.size))

    def _in_weights(self, address: str) -> Finding:
        name = address.split("/", 1)[1]
        value = at(self.moment.before, address)
        words = f"The weight `{name}` was wrong before: {counted(value)}."
        advice = "look for what assigned to it, or at the steps before these"
        return Finding("weights", words, advice, weight=name)

    def _in_layer(self) -> Finding:
        assert self.seen is not None and self.seen.call is not None
        origin, (path, layer) = self.seen.origin, self.seen.call
        assert origin is not None
        wrong = [value for value in self.seen.beside("out") if not is_finite(value)]
        value = wrong[0] if wrong else origin.result
        # Within a loop or a wrapper the samples may not be rows; around it they are.
        told = [rows(each, self.size) for each in (value, origin.result, *self.seen.outputs())]
        samples = next(filter(None, told), None)
        where = f"layer `{path}` ({type(layer).__name__})" if path else "the model's own `call`"
        words = f"It began in {where}: {counted(value)} in its output."
        words += f"\n  {explanation.got(origin)}"
        given, weights = self.seen.beside("in"), list(self._weights(layer).values())
        words += f"; its inputs go {span(given)}" if given else ""
        words += f"; its weights go {span(weights)}." if weights else "."
        grown, weight = self._grown()
        advice = explanation.advice(origin)
        return Finding("layer", words + grown, advice, path or self.model.name, weight, samples)

    def _in_loss(self) -> Finding:
        assert self.seen is not None and self.seen.origin is not None
        origin = self.seen.origin
        words = f"The outputs are finite, the loss is not: {explanation.got(origin)}."
        grown, weight = self._grown()
        samples = rows(origin.result, self.size)
        return Finding("loss", words + grown, explanation.advice(origin), None, weight, samples)

    def _in_gradient(self) -> Finding:
        assert self.seen is not None and self.seen.origin is not None
        origin, call = self.seen.origin, self.seen.call
        gradients = self.seen.gradients()
        wrong = [(path, value) for path, value in gradients if not is_finite(value)]
        name, value = wrong[0] if wrong else (self.target.split("/", 1)[1], origin.result)
        words = f"The loss was finite, but not the gradient of `{name}`: {counted(value)}"
        words += f" ({len(wrong)} of {len(gradients)} weights)." if wrong else "."
        words += f"\n  {explanation.got(origin)}"
        layer = None
        if call is not None:
            layer = call.path or self.model.name
            words += f", in layer `{layer}` ({type(call.layer).__name__})"
        samples = rows(origin.result, self.size)
        return Finding("gradient", f"{words}.", explanation.slope(origin), layer, name, samples)

    def _in_update(self) -> Finding:
        assert self.seen is not None and self.seen.origin is not None
        name = self.target.split("/", 1)[1]
        squares = [jnp.sum(jnp.square(g.astype("float32"))) for _, g in self.seen.gradients()]
        norm = float(np.sqrt(sum(map(float, squares))))
        words = (
            f"Loss and gradients were finite, but not `{name}` after the update: "
            f"{explanation.got(self.seen.origin)}; the norm of the gradients is {norm:.4g}"
            f"{self._rate()}."
        )
        return Finding("update", words, explanation.advice(self.seen.origin), weight=name)

    def _weights(self, layer: Layer) -> dict[str, Any]:
        """Return the weights of a layer before the step, by path."""
        own = {id(variable) for variable in layer.weights}
        before = self.moment.before
        found = {}
        for tree, trainable in ((before.params, True), (before.state, False)):
            for path, variable in variables_with_paths(self.model, trainable):
                if id(variable) in own:
                    found[to_name(path)] = get_in(tree, path)
        return found

    def _grown(self) -> tuple[str, str | None]:
        """Tell of the largest weight, where numbers became too large for their dtype."""
        origin = self.seen.origin if self.seen is not None else None
        if origin is not None and not explanation.overflows(origin):
            return "", None
        sizes = {
            path: float(jnp.abs(value).max())
            for path, value in self._weights(self.model).items()
            if jnp.issubdtype(value.dtype, jnp.floating) and value.size
        }
        weight = max(sizes, key=lambda path: sizes[path], default=None)
        if weight is None or sizes[weight] < _LARGE:
            return "", None
        return f"\n  `{weight}` has grown to {sizes[weight]:.4g}{self._rate()}.", weight

    def _rate(self) -> str:
        """Tell the learning rate, if the optimizer does."""
        try:
            return f"; the learning rate is {float(self.model.optimizer.learning_rate):.4g}"
        except (KerasishError, AttributeError):
            return ""
