"""Functions of Lambda layers in Keras 2: names, or code that requires `safe_mode=False`."""

from __future__ import annotations

from typing import Any

from kerasish.core.types import JSON
from kerasish.saving.migration.eras import Era

__all__ = ["function_of"]

_TYPE_KEYS = {"module", "function_type", "output_shape_type", "output_shape_module", "mask_type"}
_TYPE_KEYS |= {"mask_module"}


def function_of(config: dict[str, Any], era: Era) -> dict[str, Any]:
    """Translate the config of a Lambda layer.

    Nothing is run or decoded here: code stays text, which is rejected unless it is trusted.
    """
    kept = {key: value for key, value in config.items() if key not in _TYPE_KEYS}
    for key in ("function", "output_shape", "mask"):
        kind = config.get(f"{key}_type", "raw" if key != "function" else None)
        given = config.get(key)
        if kind == "lambda" or (key == "function" and isinstance(given, list)):
            kept[key] = _code(given)
        elif kind == "function" or (key == "function" and isinstance(given, str)):
            kept[key] = {
                "module": config.get("module"),
                "class_name": "function",
                "config": given,
                "registered_name": given,
            }
    return kept


def _code(given: JSON) -> dict[str, Any]:
    parts = given if isinstance(given, list) else [given]
    code, defaults, closure = (*parts, None, None, None)[:3]
    return {
        "class_name": "__lambda__",
        "config": {"code": code, "defaults": defaults, "closure": closure},
    }
