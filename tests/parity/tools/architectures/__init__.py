"""Models of many kinds, each written once for either library.

A function takes a library, `kerasish` or `keras`, and builds the model with its names.
"""

from . import combined, custom, generating, graphs, images, recurrent, sequences, stacks, text
from .entry import ARCHITECTURES, Architecture

__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "combined",
    "custom",
    "generating",
    "graphs",
    "images",
    "recurrent",
    "sequences",
    "stacks",
    "text",
]
