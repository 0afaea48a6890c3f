"""`jax.numpy` by Keras's names."""

from kerasish.ops._define import functions

__all__: list[str] = sorted(functions("numpy"))
globals().update(functions("numpy"))
