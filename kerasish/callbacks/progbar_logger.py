"""ProgbarLogger: the progress bar of `verbose=1` and the lines of `verbose=2`."""

from typing import Any

from kerasish.callbacks.callback import Callback, Logs
from kerasish.callbacks.display import Display, make_display

__all__ = ["ProgbarLogger"]

VALIDATING = "validating"


class ProgbarLogger(Callback):
    """Shows the progress of `fit`, `evaluate` or `predict`.

    `fit` adds one unless `verbose=0`. On a terminal it is a bar with the speed and the time left,
    in a log file plain lines, in a notebook text that is replaced in place.

    Args:
        display: where to show it; None chooses by `verbose` and by where the
            output goes.

    Examples:
        >>> bar = ProgbarLogger(make_display(2))
        >>> bar.params = {"epochs": 3, "steps": 2}
        >>> bar.on_train_begin()
        >>> bar.on_epoch_begin(2)
        Epoch 3/3
        >>> bar.on_train_batch_end(1, {})
        >>> bar.on_epoch_end(2, {"loss": 0.25})  # doctest: +ELLIPSIS
        2/2 - 0s - ...s/step - loss: 0.2500
        >>> bar.on_train_end()
    """

    def __init__(self, display: Display | None = None) -> None:
        super().__init__()
        self._given = display
        self._display = display or make_display(0)
        self._training = False
        self._status = ""
        self._done = 0

    @property
    def interval(self) -> float:
        """Seconds between two reads of the logs; infinite if they are not read."""
        return self._display.interval

    def wants_update(self, now: float | None = None) -> bool:
        """Return whether to be called for the batch that was just dispatched.

        That is if the logs would be read now, and for the batch that ends a status: the time after
        it is time of the steps.

        Args:
            now: the time by `time.monotonic()`; None asks the clock.
        """
        if self._status:
            return self._status != VALIDATING  # which no batch ends
        return self._display.wants_update(now)

    def status(self, text: str) -> None:
        """Show what happens while no step is made, such as `compiling`."""
        self._status = text
        self._display.status(text)

    def close(self) -> None:
        """Clear the screen of the bar, after the last step or an error."""
        self._training = False
        self._display.close()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Choose where to show it."""
        self._open()
        self._training = True

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Begin a line with the number of the epoch, counted from 1."""
        self._begin(f"Epoch {epoch + 1}/{self._param('epochs', epoch + 1)}")

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Move on."""
        self._update(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Finish the epoch's line."""
        self._display.end(self._done, {} if logs is None else logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Clean up."""
        self.close()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Begin a line, or say on the epoch's own that it is validating."""
        if self._training:
            self.status(VALIDATING)
        else:
            self._open()
            self._begin(None)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Move on; the steps of a validation are not those of the epoch."""
        if self._training:
            self.status(VALIDATING)  # no longer compiling, if it was
        else:
            self._update(batch, logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Finish the line."""
        if self._training:
            self.status("")
        else:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Begin a line."""
        self._open()
        self._begin(None)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Move on; the outputs in the logs are not metrics."""
        self._update(batch, {})

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Finish the line."""
        self._finish({})

    def _open(self) -> None:
        # Not in __init__: by now `verbose` is known, and stdout is what it will be.
        self.close()
        self._display = self._given or make_display(self._param("verbose", 1))

    def _param(self, name: str, default: Any) -> Any:
        return (self.params or {}).get(name, default)

    def _begin(self, title: str | None) -> None:
        self._status, self._done = "", 0
        self._display.begin(title, self._param("steps", None))

    def _update(self, batch: int, logs: Logs | None) -> None:
        self._status, self._done = "", batch + 1
        self._display.update(self._done, {} if logs is None else logs)

    def _finish(self, logs: Logs | None) -> None:
        self._display.end(self._done, {} if logs is None else logs)
        self.close()
