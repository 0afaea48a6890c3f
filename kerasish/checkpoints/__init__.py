"""Checkpoints: arrays and a record in folders that any program can read with Orbax."""

from kerasish.checkpoints.folder import Checkpoints

__all__ = ["Checkpoints"]
