"""What stands among the arguments of calls in a graph, as JSON has it, and back."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import FileFormatError
from kerasish.core.serialization import registry

__all__ = ["read", "written"]


def written(value: object) -> Any:
    """Return a value in Keras's form: slices and arrays as what they are made of.

    Raises:
        ArgumentError: if it cannot be written.
    """
    if isinstance(value, slice):
        ends = {"start": value.start, "stop": value.stop, "step": value.step}
        return _described("slice", {key: written(end) for key, end in ends.items()})
    if value is Ellipsis:
        return _described("ellipsis", {})
    if isinstance(value, (list, tuple)):
        return [written(each) for each in value]
    if isinstance(value, dict):
        return {key: written(each) for key, each in value.items()}
    if isinstance(value, (type, np.dtype)):
        return np.dtype(value).name
    if getattr(value, "shape", ()) and hasattr(value, "dtype"):
        name = np.dtype(value.dtype).name
        wide = "float32" if name in ("bfloat16", "float16") else name
        return _described("numpy", {"value": np.asarray(value, wide).tolist(), "dtype": name})
    return registry.serialize(value)


def _described(name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": f"__{name}__", "config": config}


def read(value: object) -> Any:
    """Return what a value in Keras's form stands for.

    Raises:
        FileFormatError: if it does not hold what it should.
        UnsafeModelError: if it asks for code, or for what is not registered.
    """
    if isinstance(value, (list, tuple)):
        return type(value)(read(each) for each in value)
    if not isinstance(value, dict):
        return value
    if "class_name" not in value or "config" not in value:
        return {key: read(each) for key, each in value.items()}
    name, config = value["class_name"], value["config"]
    try:
        if name == "__slice__":
            return slice(*(read(config[end]) for end in ("start", "stop", "step")))
        if name in ("__numpy__", "__tensor__"):
            return jnp.asarray(config["value"], config["dtype"])
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"The graph in the file has a damaged {name}: {error}.") from error
    if name == "__ellipsis__":
        return ...
    return registry.deserialize(value)
