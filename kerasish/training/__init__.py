"""The training engine: the state, the pure step, and the loops around it."""

from kerasish.training.execution.state import TrainState

__all__ = ["TrainState"]
