"""CallbackList: several callbacks as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasish.callbacks.callback import Callback, Logs, TrainedModel
from kerasish.callbacks.history import History, attach_history
from kerasish.callbacks.hooks import as_callback, hook_of
from kerasish.callbacks.progbar_logger import ProgbarLogger

__all__ = ["CallbackList"]


class CallbackList(Callback):
    """Calls a hook of each callback, in order; for a training loop of your own.

    Args:
        callbacks: a callback, or a list of them, in the order in which they are called.
            An object of any class with some of the hooks is one.
        add_history: whether to add a `History`, if there is none; it is `model.history`.
        add_progbar: whether to add a `ProgbarLogger`, if there is none.
        model: the model to pass to them.
        **params: the params to pass to them: `epochs`, `steps`, `verbose`.

    Attributes:
        callbacks: the callbacks.

    Raises:
        ArgumentError: if one of them has no hooks, or is a class.

    Examples:
        >>> from kerasish.callbacks import LambdaCallback
        >>> greet = LambdaCallback(on_train_begin=lambda logs: print("hello"))
        >>> each = CallbackList([greet, greet], add_history=True)
        >>> each.on_train_begin()
        hello
        hello
        >>> each.on_epoch_end(0, {"loss": 0.5})
        >>> each.callbacks[-1].history
        {'loss': [0.5]}
    """

    def __init__(
        self,
        callbacks: object = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: TrainedModel | None = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.params = params
        self.callbacks = [as_callback(each) for each in _flat(callbacks)]
        if add_history and not self._find("History"):
            self.callbacks.append(History())
        if add_progbar and not self._find("ProgbarLogger"):
            self.callbacks.append(ProgbarLogger())
        self._history = self._find("History") if add_history else None
        if params:
            self.set_params(params)
        if model is not None:
            self.set_model(model)

    def _find(self, kind: str) -> Any:
        return next((each for each in self.callbacks if type(each).__name__ == kind), None)

    def call(self, hook: str, *args: Any) -> None:
        """Call the hook of that name of each callback that has it."""
        for callback in self.callbacks:
            function = hook_of(callback, hook)
            if function is not None:
                function(*args)

    def set_model(self, model: TrainedModel) -> None:
        """Set the model of each callback."""
        super().set_model(model)
        if self._history is not None:
            attach_history(model, self._history)
        self.call("set_model", model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Set the params of each callback."""
        super().set_params(params)
        self.call("set_params", params)

    def close(self) -> None:
        """Close each callback that is a `Callback`."""
        for callback in self.callbacks:
            if isinstance(callback, Callback):
                callback.close()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Call `on_train_begin` of each."""
        self.call("on_train_begin", {} if logs is None else logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Call `on_train_end` of each."""
        self.call("on_train_end", {} if logs is None else logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Call `on_epoch_begin` of each."""
        self.call("on_epoch_begin", epoch, {} if logs is None else logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Call `on_epoch_end` of each."""
        self.call("on_epoch_end", epoch, {} if logs is None else logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_batch_begin` of each."""
        self.call("on_batch_begin", batch, {} if logs is None else logs)

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_batch_end` of each."""
        self.call("on_batch_end", batch, {} if logs is None else logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_train_batch_begin` of each."""
        self.call("on_train_batch_begin", batch, {} if logs is None else logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_train_batch_end` of each."""
        self.call("on_train_batch_end", batch, {} if logs is None else logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Call `on_test_begin` of each."""
        self.call("on_test_begin", {} if logs is None else logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Call `on_test_end` of each."""
        self.call("on_test_end", {} if logs is None else logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_test_batch_begin` of each."""
        self.call("on_test_batch_begin", batch, {} if logs is None else logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_test_batch_end` of each."""
        self.call("on_test_batch_end", batch, {} if logs is None else logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Call `on_predict_begin` of each."""
        self.call("on_predict_begin", {} if logs is None else logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Call `on_predict_end` of each."""
        self.call("on_predict_end", {} if logs is None else logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Call `on_predict_batch_begin` of each."""
        self.call("on_predict_batch_begin", batch, {} if logs is None else logs)

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Call `on_predict_batch_end` of each."""
        self.call("on_predict_batch_end", batch, {} if logs is None else logs)


def _flat(callbacks: object) -> Iterator[Any]:
    if isinstance(callbacks, CallbackList):
        callbacks = callbacks.callbacks
    if isinstance(callbacks, (list, tuple)):
        for each in callbacks:
            yield from _flat(each)
    elif callbacks is not None:
        yield callbacks
