"""Translation of layers from Keras 2 to Keras 3."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from kerasish.core.errors import FileFormatError
from kerasish.core.layer import Layer
from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era
from kerasish.saving.migration.families import (
    LAYERS,
    find_keras_object,
    is_serialized_object,
    with_module,
    without_module,
)
from kerasish.saving.migration.lambdas import function_of
from kerasish.saving.migration.values import activation, value

__all__ = ["is_recurrent", "layer"]

Config = dict[str, Any]

# Renamed classes.
_RENAMED = {
    "Model": "Functional",
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "LSTMV2": "LSTM",
    "GRUV2": "GRU",
    "UnifiedLSTM": "LSTM",
    "UnifiedGRU": "GRU",
    "CuDNNLSTMCell": "LSTMCell",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "LayerNormalizationV2": "LayerNormalization",
    "ThresholdedReLU": "ReLU",
    "DenseV2": "Dense",
}
_REMOVED = {
    "LocallyConnected1D",
    "LocallyConnected2D",
    "DenseFeatures",
    "SequenceFeatures",
    "AtrousConvolution1D",
    "AtrousConvolution2D",
    "MaxoutDense",
    "Highway",
    "ConvRecurrent2D",
    "RandomFourierFeatures",
    "Functional>Custom",
}
_MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "concat": "Concatenate",
    "ave": "Average",
    "dot": "Dot",
    "cos": "Dot",
    "max": "Maximum",
}
# Renamed settings by class.
_KEYS = {
    "LeakyReLU": {"alpha": "negative_slope"},
    "ThresholdedReLU": {"theta": "threshold"},
    "InputLayer": {"batch_input_shape": "batch_shape", "input_dtype": "dtype"},
}
# Removed settings, and the values at which they can be dropped; None for any value.
_REMOVED_SETTINGS: dict[str, tuple[Any, ...] | None] = {
    "batch_input_shape": None,
    "input_dtype": None,
    "input_length": None,
    "input_spec": None,
    "dynamic": (False, None),
    "time_major": (False, None),
    "implementation": None,
    "consume_less": None,
    "enable_caching_device": None,
    "fused": None,
    "virtual_batch_size": (None,),
    "adjustment": (None,),
    "query_shape": None,
    "key_shape": None,
    "value_shape": None,
    "output_shape_type": None,
    "noise_shape": (None,),
    "num_constants": None,
    "causal": None,
    "ragged": (False, None),
    "sparse": (False, None),
    "type_spec": (None,),
}
_SEPARATE: dict[str, tuple[Any, ...] | None] = {
    "kernel_initializer": None,
    "kernel_regularizer": None,
    "kernel_constraint": None,
}
# The same for classes whose names contain a string.
_REMOVED_SETTINGS_IN: dict[str, dict[str, tuple[Any, ...] | None]] = {
    "Depthwise": _SEPARATE | {"groups": (1, None), "filters": None, "output_padding": (None,)},
    "Separable": _SEPARATE | {"groups": (1, None)},
    "Transpose": {"groups": (1, None)},
    "SpatialDropout": {"noise_shape": None},
    "LSTM": {"input_dim": None, "reset_after": None},
    "GRU": {"input_dim": None},
    "SimpleRNN": {"input_dim": None},
    "Dense": {"input_dim": None},
}


def layer(described: JSON, era: Era, model: Callable[[Any, Era], Any]) -> JSON:
    """Translate a serialized layer.

    Args:
        described: the serialized object.
        era: the version of Keras that wrote it.
        model: the function that translates a nested model.

    Raises:
        FileFormatError: if there is no equivalent.
    """
    if not is_serialized_object(described) or "config" not in described:
        raise FileFormatError(
            f"The model of {era} has a layer that is damaged: {_short(described)}."
        )
    if described["class_name"] == "function":
        return described  # rejected later by its name, or because it is not a layer
    described = without_module(described)
    name, config = described["class_name"], described["config"]
    is_model = isinstance(config, list) or (isinstance(config, dict) and "layers" in config)
    if is_model and name != "Merge":
        return model(described, era)
    if not isinstance(config, dict):
        raise FileFormatError(f"The config of {name!r} is a {type(config).__name__}, not a dict.")
    if find_keras_object(name, *LAYERS) is None and name in _REMOVED:
        raise era.untranslatable(f"the layer {config.get('name')!r} of class {name}")
    changed = _translate_settings(name, dict(config), era)
    own = _KEYS.get(name, {})
    name = _merge_of(config, era) if name == "Merge" else _RENAMED.get(name, name)
    changed = {own.get(key, key): each for key, each in changed.items()}
    known = find_keras_object(name, *LAYERS)
    if known is not None:
        changed = _drop_removed(name, known, changed, era)
    changed = {key: _value(key, each, era, model) for key, each in changed.items()}
    if changed.get("dtype", ...) is None:
        del changed["dtype"]
    return with_module(described | {"class_name": name, "config": changed}, *LAYERS)


def is_recurrent(name: str) -> bool:
    """Return whether a class is a recurrent layer, whose inputs are followed by states."""
    return name == "Bidirectional" or name.endswith(("RNN", "LSTM", "GRU", "LSTM2D", "LSTM1D"))


def _translate_settings(name: str, config: Config, era: Era) -> Config:
    """Translate settings whose format or default has changed."""
    if name in ("GRU", "GRUCell"):
        config.setdefault("reset_after", False)
    if name == "CuDNNGRU":
        config |= {"reset_after": True, "activation": "tanh", "recurrent_activation": "sigmoid"}
    if name == "CuDNNLSTM":
        config |= {"activation": "tanh", "recurrent_activation": "sigmoid"}
    old = bool(era.version) and era.version < (2, 3) and "tf" not in era.written
    if name.startswith("ConvLSTM") or (old and name in ("LSTM", "GRU", "LSTMCell", "GRUCell")):
        config.setdefault("recurrent_activation", "hard_sigmoid")
    if "BatchNormalization" in name:
        axis = config.get("axis")
        if isinstance(axis, list) and len(axis) == 1:
            config["axis"] = axis[0]
        if config.get("renorm"):
            raise era.untranslatable(f"a BatchNormalization {config.get('name')!r} with `renorm`")
    if name == "SyncBatchNormalization":
        config["synchronized"] = True
    if name == "Lambda":
        return function_of(config, era)
    if name == "Merge":
        return _merge(config)
    if name == "InputLayer" and (config.get("ragged") or config.get("sparse")):
        raise era.untranslatable(
            f"the input {config.get('name')!r}, ragged or sparse", "arrays here are dense"
        )
    return config


def _merge_of(config: Config, era: Era) -> str:
    mode = config.get("mode", "sum")
    if mode not in _MERGES or config.get("layers"):
        raise era.untranslatable(f"the layer {config.get('name')!r} of class Merge, mode {mode!r}")
    return _MERGES[mode]


def _merge(config: Config) -> Config:
    mode = config.get("mode", "sum")
    names = ("name", "trainable", "dtype")
    kept: Config = {key: config[key] for key in names if key in config}
    if mode == "concat":
        kept["axis"] = config.get("concat_axis", -1)
    if mode in ("dot", "cos"):
        kept |= {"axes": config.get("dot_axes", -1), "normalize": mode == "cos"}
    return kept


def _drop_removed(name: str, cls: type[Layer], config: Config, era: Era) -> Config:
    """Drop removed settings from the config of a built-in layer."""
    removed = dict(_REMOVED_SETTINGS)
    for part, more in _REMOVED_SETTINGS_IN.items():
        if part in name:
            removed |= more
    accepted = _parameters(cls) | set(cls._kerasish_foreign_config)
    kept = {}
    for key, each in config.items():
        droppable = removed.get(key, () if key in accepted else (None, False))
        if droppable is None or each in droppable:
            continue
        if key in removed and key not in accepted:
            raise era.untranslatable(f"{name} {config.get('name')!r} with {key}={repr(each)[:80]}")
        kept[key] = each  # the class itself may reject it
    return kept


def _parameters(cls: type) -> set[str]:
    return {
        name
        for each in cls.__mro__[:-1]
        for name in inspect.signature(each.__init__).parameters  # type: ignore[misc]
    }


def _value(key: str, given: JSON, era: Era, model: Callable[[Any, Era], Any]) -> JSON:
    if key in ("layer", "backward_layer", "forward_layer", "cell") and is_serialized_object(given):
        return layer(given, era, model)
    if key == "cells" and isinstance(given, list):
        return [layer(each, era, model) for each in given]
    if key.endswith("activation") and is_serialized_object(given):
        if find_keras_object(given["class_name"], "layers") is not None:
            return layer(given, era, model)
        return activation(given)
    return value(key, given, era)


def _short(value: object) -> str:
    return repr(value)[:80]
