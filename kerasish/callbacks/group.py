"""Several callbacks as one, knowing which hooks anyone listens to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.callbacks.base import Callback, TrainedModel
from kerasish.core.errors import ArgumentError

__all__ = ["CallbackList"]


class CallbackList:
    """Calls a hook of each callback, in order.

    Args:
        callbacks: callbacks, in the order of their turns.
        model: the model that they are told of.
        params: the params that they are told of.

    Raises:
        ArgumentError: if one of them is no callback.

    Examples:
        >>> from kerasish.callbacks import LambdaCallback
        >>> greet = LambdaCallback(on_train_begin=lambda logs: print("hello"))
        >>> CallbackList([greet, greet], None, {}).call("on_train_begin", {})
        hello
        hello
    """

    def __init__(
        self, callbacks: Sequence[Any], model: TrainedModel, params: dict[str, Any]
    ) -> None:
        self.callbacks = list(callbacks)
        for callback in self.callbacks:
            if isinstance(callback, type) or not hasattr(callback, "on_epoch_end"):
                raise ArgumentError(
                    f"{callback!r} is no callback; derive it from `kerasish.callbacks.Callback`."
                )
            callback.set_params(params)
            callback.set_model(model)

    def call(self, hook: str, *args: Any) -> None:
        """Call the hook of that name of each callback."""
        for callback in self.callbacks:
            getattr(callback, hook)(*args)

    def listeners(self, hook: str) -> list[Any]:
        """Return the callbacks that give a batch hook a meaning (under either of its names)."""
        names = {hook, hook.replace("on_train_batch", "on_batch")}
        return [
            callback
            for callback in self.callbacks
            if any(_overrides(callback, name) for name in names)
        ]


def _overrides(callback: Any, hook: str) -> bool:
    own = getattr(callback, hook, None)
    return getattr(own, "__func__", own) is not getattr(Callback, hook)
