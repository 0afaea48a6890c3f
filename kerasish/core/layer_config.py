"""Configs of layers: constructor arguments, and shapes from which weights are built again."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping

from kerasish.core.protocols import LayerLike
from kerasish.core.serialization import registry
from kerasish.core.types import Config, PyTree

__all__ = [
    "build_config",
    "build_from_config",
    "constructor_arguments",
    "is_shape",
    "layer_config",
]


def layer_config(layer: LayerLike) -> Config:
    """Return the constructor arguments of a layer that are also attributes; see `get_config`."""
    config: Config = {
        "name": layer.name,
        "trainable": layer.trainable,
        "dtype": registry.serialize(layer.dtype_policy),
    }
    for argument in constructor_arguments(type(layer)):
        if argument in config or argument in layer._kerasish_foreign_config:
            continue
        if _has_own(layer, argument):
            config[argument] = registry.serialize(getattr(layer, argument))
    if layer.activity_regularizer is not None:
        config["activity_regularizer"] = registry.serialize(layer.activity_regularizer)
    return config


def constructor_arguments(cls: type) -> tuple[str, ...]:
    """Return the named arguments of the constructor, with the inherited ones up to `Layer`."""
    return _constructor_arguments(cls)


@functools.cache
def _constructor_arguments(cls: type) -> tuple[str, ...]:
    names: list[str] = []
    for base in cls.__mro__:
        if base.__module__ == "kerasish.core.layer":
            break
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(base.__dict__["__init__"]).parameters.values()
        names += [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return tuple(dict.fromkeys(name for name in names if name != "self"))


def _has_own(layer: LayerLike, name: str) -> bool:
    """Return whether a layer has an attribute that not every layer or model has."""
    if name in vars(layer):
        return True
    holder = next((cls for cls in type(layer).__mro__ if name in vars(cls)), None)
    bases = ("kerasish.core.", "kerasish.models.")
    return holder is not None and not holder.__module__.startswith(bases)


def build_config(layer: LayerLike) -> Config | None:
    """Return the shapes that `build` was called with; None before that."""
    if (shape := layer._kerasish_build_shape) is None:
        return None
    several = isinstance(shape, dict) and all(name.endswith("_shape") for name in shape)
    return {"shapes_dict" if several else "input_shape": shape}


def build_from_config(layer: LayerLike, config: Config) -> None:
    """Call `build` with the shapes that `build_config` returned."""
    if "shapes_dict" in config:
        layer.build(**{name: _to_shape(shape) for name, shape in config["shapes_dict"].items()})
    elif config.get("input_shape") is not None:
        layer.build(_to_shape(config["input_shape"]))


def _to_shape(shape: PyTree) -> PyTree:
    """Return a shape, or a structure of shapes, with tuples where JSON has lists."""
    if isinstance(shape, Mapping):
        return {name: _to_shape(each) for name, each in shape.items()}
    if is_shape(shape):
        return tuple(shape)
    return [_to_shape(each) for each in shape]


def is_shape(x: object) -> bool:
    """Return whether `x` is a tuple or list of sizes, and no structure of shapes."""
    return isinstance(x, (tuple, list)) and all(n is None or isinstance(n, int) for n in x)
