"""`jax.numpy` by Keras's names."""

from typing import TYPE_CHECKING, Any

from kerasish.ops._define import functions

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


__all__: list[str] = sorted(functions("numpy"))
globals().update(functions("numpy"))
