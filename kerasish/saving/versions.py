"""The version of Keras whose files these are."""

from __future__ import annotations

__all__ = ["KERAS_VERSION"]

KERAS_VERSION = "3.15.1"
