"""The operations of `keras.ops.numpy`, on `jax.numpy`."""

from kerasish.ops._define import functions

__all__: list[str] = sorted(functions("numpy"))
globals().update(functions("numpy"))
