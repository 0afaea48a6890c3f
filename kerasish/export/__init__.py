"""Models as programs that run with JAX alone."""

from kerasish.export.artifact import load, write

__all__ = ["load", "write"]
