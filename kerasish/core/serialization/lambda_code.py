"""Anonymous functions in files: Python bytecode, in Keras's form.

Bytecode from a file can do anything. `load_lambda` is called only where the
user has said `safe_mode=False`.
"""

from __future__ import annotations

import base64
import builtins
import marshal
import types
from typing import Any

from kerasish.core.errors import FileFormatError

__all__ = ["dump_lambda", "load_lambda"]


def dump_lambda(function: Any) -> dict[str, Any]:
    """Return a JSON-ready description of a function's code."""
    code = base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii")
    config = {"code": code, "defaults": function.__defaults__, "closure": None}
    return {"class_name": "__lambda__", "config": config}


def load_lambda(config: dict[str, Any]) -> Any:
    """Make a function of a description of its code.

    Raises:
        FileFormatError: if the code is of another version of Python.
    """
    code, defaults = config.get("code"), config.get("defaults")
    if code is None:
        code, defaults, _ = config["value"]
        code = code[0] if isinstance(code, list) else code
    try:
        # The bytes are trusted: the user has switched safe mode off for this file.
        loaded = marshal.loads(base64.decodebytes(code.encode("ascii")))
    except (ValueError, EOFError, TypeError) as error:
        raise FileFormatError(
            "The Lambda in the file was written by another version of Python and cannot be read. "
            "Load it with that version, and put the function in a registered layer class."
        ) from error
    scope = {"__builtins__": builtins}
    return types.FunctionType(loaded, scope, "<lambda>", tuple(defaults) if defaults else None)
