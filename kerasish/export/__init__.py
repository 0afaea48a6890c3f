"""Models as programs that run without kerasish: with JAX alone, or with whatever reads ONNX."""

from kerasish.export.artifact import load, write
from kerasish.export.onnx import write_onnx

__all__ = ["load", "write", "write_onnx"]
