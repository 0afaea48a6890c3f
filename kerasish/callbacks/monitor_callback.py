"""MonitorCallback: the base of callbacks that keep the best value of a metric."""

from __future__ import annotations

import math
import warnings
from typing import NoReturn

from kerasish.callbacks.callback import Callback, Logs
from kerasish.core.errors import ArgumentError, did_you_mean

__all__ = ["MonitorCallback", "mode_of"]

_MORE_IS_BETTER = (
    *("acc", "auc", "precision", "recall", "sensitivity", "specificity", "f1", "fbeta"),
    *("io_u", "iou", "cosine_similarity", "correlation", "r2", "hits", "true_"),
)


def mode_of(monitor: str) -> str:
    """Return whether a metric of that name is best at its `"max"` or its `"min"`."""
    known = monitor.removeprefix("val_")
    return "max" if any(part in known for part in _MORE_IS_BETTER) else "min"


class MonitorCallback(Callback):
    """Monitors one value of the logs and keeps the best one.

    Logs without the value are skipped, as in epochs without validation. A value that no epoch of
    the run can have is refused when `fit` begins, before anything is compiled; if a callback of
    the user might still add it, a warning says that it is missing.

    Args:
        monitor: the key in the logs.
        mode: `"min"`, `"max"`, or `"auto"`: more is better for accuracies, AUC
            and the like, less for everything else.
        min_delta: the least improvement that counts.
        initial_value_threshold: a value that the first one must be better than.

    Attributes:
        best: the best value so far.
        needs_monitor: whether the value is used at all.
        reads_batch_logs: whether it is read from the logs of batches, not of epochs.

    Raises:
        ArgumentError: if `mode` is unknown; in `fit`, if no epoch can log `monitor`.
    """

    checkpointed_attributes: tuple[str, ...] = ("best",)
    needs_monitor = True
    reads_batch_logs = False

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        min_delta: float = 0.0,
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            raise ArgumentError(
                f"{type(self).__name__}: mode must be 'auto', 'min' or 'max'; got {mode!r}."
            )
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(min_delta)
        self._rising = (mode_of(monitor) if mode == "auto" else mode) == "max"
        self._missing_is_known = False
        self.best = math.inf
        self.reset_best(initial_value_threshold)

    def reset_best(self, threshold: float | None = None) -> None:
        """Reset the best value, to a threshold if there is one."""
        worst = -math.inf if self._rising else math.inf
        self.best = worst if threshold is None else threshold

    def is_better(self, value: float, than: float) -> bool:
        """Return whether a value is better than another by more than `min_delta`."""
        if self._rising:
            return value > than + self.min_delta
        return value < than - self.min_delta

    def is_best(self, value: float) -> bool:
        """Return whether a value is the best so far, and keep it if so."""
        better = self.is_better(value, self.best)
        if better:
            self.best = value
        return better

    def get_monitor_value(self, logs: Logs | None) -> float | None:
        """Return the monitored value, None if the logs lack it.

        Raises:
            ArgumentError: if no epoch of this run can have it.
        """
        value = (logs or {}).get(self.monitor)
        if value is not None:
            self._missing_is_known = True  # it comes in some epochs
            return float(value)
        if not self._missing_is_known:
            self._missing_is_known = True
            self._check_monitor(list(logs or {}))
        return None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Refuse a value that no epoch can have."""
        self._missing_is_known = False
        if self.needs_monitor and self.run is not None and not self.run.may_gain_logs(self):
            self._check_monitor(None)

    def _check_monitor(self, seen: list[str] | None) -> None:
        """Refuse or report a value that the logs lack, unless it is known to come.

        Args:
            seen: the names in the logs that lack it; None before there are any.
        """
        if self.run is None:
            self._report(seen or [])
            return
        names = self.run.log_names(within_epochs=self.reads_batch_logs)
        if self.monitor in (*names, "learning_rate"):
            return
        if self.run.may_gain_logs(self):
            self._report([*(seen or []), *names])
        else:
            self._refuse(names)

    def _report(self, names: list[str]) -> None:
        warnings.warn(
            f"{self._complaint(names)} Logs without it are passed over.", UserWarning, stacklevel=2
        )

    def _refuse(self, names: list[str]) -> NoReturn:
        raise ArgumentError(self._complaint(names))

    def _complaint(self, names: list[str]) -> str:
        shown = sorted(set(names))
        choices = {*names, *(f"val_{name}" for name in names if not name.startswith("val_"))}
        near = did_you_mean(self.monitor, choices)
        hint = near if "Did you mean" in near and self.monitor not in choices else ""
        of_batches = "of batches " if self.reads_batch_logs else ""
        if self.monitor.startswith("val_") and not any(n.startswith("val_") for n in names):
            hint += (
                " Save with `save_freq='epoch'`, or give `fit` `validation_every`."
                if of_batches
                else " Give `fit` validation data."
            )
        return (
            f"{type(self).__name__} watches {self.monitor!r}, which is not among the logs "
            f"{of_batches}that this run has: {', '.join(shown) or 'there are none'}.{hint}"
        )
