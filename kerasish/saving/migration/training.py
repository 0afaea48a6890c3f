"""Translation of the training config of Keras 2."""

from __future__ import annotations

import inspect
from typing import Any

from kerasish.core.serialization.custom_objects import custom_entries
from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era
from kerasish.saving.migration.families import (
    find_keras_object,
    is_serialized_object,
    with_module,
    without_module,
)

__all__ = ["compiled"]

_ARGUMENTS = ["loss", "loss_weights", "metrics", "weighted_metrics"]
_ARGUMENTS += ["run_eagerly", "steps_per_execution", "jit_compile"]
# Renamed losses and metrics.
_NAMES = {
    "cosine_proximity": "cosine_similarity",
    "cosine": "cosine_similarity",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
}
_WRAPPERS = ("LossFunctionWrapper", "MeanMetricWrapper", "SumOverBatchSizeMetricWrapper")
_CLASSES = {"Logcosh": "LogCosh"}
# Removed settings of optimizers, and settings that can be dropped if they are None or False.
_GONE = ("decay", "schedule_decay", "jit_compile", "is_legacy_optimizer", "dynamic")
_OPTIONAL = ("weight_decay", "epsilon", "clipnorm", "clipvalue", "global_clipnorm")


def compiled(training: dict[str, Any], era: Era) -> dict[str, Any]:
    """Translate a training config of Keras 2 to the arguments of `compile`.

    Args:
        training: the training config.
        era: the version of Keras that wrote it.
    """
    found = {key: training[key] for key in _ARGUMENTS if training.get(key) is not None}
    for key, families in (("loss", ("losses",)), ("metrics", ("metrics", "losses"))):
        if key in found:
            found[key] = _translate_losses(found[key], *families)
    if "weighted_metrics" in found:
        found["weighted_metrics"] = _translate_losses(
            found["weighted_metrics"], "metrics", "losses"
        )
    metrics = found.get("metrics")
    if isinstance(metrics, list) and len(metrics) == 1 and isinstance(metrics[0], list):
        found["metrics"] = metrics[0]
    if training.get("optimizer") is not None:
        found["optimizer"] = _optimizer(training["optimizer"], era)
    return found


def _translate_losses(given: JSON, *families: str) -> JSON:
    """Translate losses or metrics in any structure."""
    if isinstance(given, str):
        return _NAMES.get(given, given)
    if isinstance(given, list):
        return [_translate_losses(each, *families) for each in given]
    if not isinstance(given, dict):
        return given
    if not is_serialized_object(given):
        return {key: _translate_losses(each, *families) for key, each in given.items()}
    given = without_module(given)
    name, config = given["class_name"], given.get("config")
    if not isinstance(config, dict):
        return given
    config = dict(config)
    if config.get("reduction") in ("auto", None):
        config.pop("reduction", None)
    fn = config.pop("fn", None)
    if name in _WRAPPERS:
        return _wrapped(given, config, _NAMES.get(fn, fn) if isinstance(fn, str) else fn, families)
    return with_module(
        given | {"class_name": _CLASSES.get(name, name), "config": config}, *families
    )


def _wrapped(
    given: dict[str, Any], config: dict[str, Any], fn: JSON, families: tuple[str, ...]
) -> dict[str, Any]:
    """Translate a loss or metric that wraps a function, to the class of that name if it exists."""
    if isinstance(fn, str) and inspect.isclass(cls := find_keras_object(fn, families[0])):
        return with_module(given | {"class_name": cls.__name__, "config": config}, *families)
    if isinstance(fn, str):
        fn = {
            "module": "builtins",
            "class_name": "function",
            "config": fn,
            "registered_name": "function",
        }
    name = "MeanMetricWrapper" if "metrics" in families else "LossFunctionWrapper"
    return with_module(given | {"class_name": name, "config": config | {"fn": fn}}, *families)


def _optimizer(given: JSON, era: Era) -> JSON:
    """Translate an optimizer; a decay of the learning rate becomes a schedule."""
    if not is_serialized_object(given) or not isinstance(given.get("config"), dict):
        return given
    given = without_module(given)
    old = given["config"]
    config = {key: value for key, value in old.items() if key not in _GONE}
    if "lr" in config:
        config["learning_rate"] = config.pop("lr")
    for key in _OPTIONAL:
        if key in config and config[key] in (None, False):
            del config[key]
    rate: Any = config.get("learning_rate")
    if is_serialized_object(rate):
        config["learning_rate"] = with_module(without_module(rate), "optimizers.schedules")
    elif old.get("decay"):
        config["learning_rate"] = {
            "module": "keras.optimizers.schedules",
            "class_name": "InverseTimeDecay",
            "config": {"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": old["decay"]},
            "registered_name": None,
        }
    if is_serialized_object(config.get("inner_optimizer")):
        config["inner_optimizer"] = _optimizer(config["inner_optimizer"], era)
    # Keras 2.11 registered its own optimizers as custom objects.
    name = given["class_name"].removeprefix("Custom>")
    if given["class_name"] in custom_entries() or find_keras_object(name, "optimizers") is None:
        name = given["class_name"]
    return with_module(given | {"class_name": name, "config": config}, "optimizers")
