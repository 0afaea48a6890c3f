"""Progbar: a progress bar for custom loops."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kerasish.callbacks.display import make_display

__all__ = ["Progbar"]


class Progbar:
    """Display the progress of a custom loop: as a bar on a terminal, otherwise as lines.

    Args:
        target: the number of steps, or None if unknown.
        width: accepted as in Keras; the bar uses the available width.
        verbose: 0 for silent, 1 for a bar, 2 for one line at the end.
        interval: accepted as in Keras; the display chooses its refresh rate.
        stateful_metrics: accepted as in Keras; values not in `stateless_metrics` are displayed
            as they are.
        stateless_metrics: names of values to average over the steps.
        unit_name: the name of a step.

    Examples:
        >>> bar = Progbar(4, verbose=2, stateless_metrics=["loss"])
        >>> bar.update(2, [("loss", 1.0), ("left", 2)])
        >>> bar.add(2, [("loss", 0.5), ("left", 0)])  # doctest: +ELLIPSIS
        4/4 - 0s - ...s/step - loss: 0.7500 - left: 0.0000...
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Collection[str] | None = None,
        stateless_metrics: Collection[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        self.target = target
        self.width, self.interval = width, interval
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = set(stateless_metrics or ())
        self.unit_name = unit_name
        self._seen = 0
        # The sum of each value, and the number of steps in the sum.
        self._values: dict[str, tuple[float, int]] = {}
        self._display = make_display(verbose)
        self._display.begin(None, target, unit_name)

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, float]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Update the number of completed steps.

        Args:
            current: the number of completed steps.
            values: pairs of name and value to display.
            finalize: whether the loop has ended; by default when `target` is reached.
        """
        steps = max(current - self._seen, 1)
        for name, value in values or ():
            total, count = self._values.get(name, (0.0, 0))
            averaged = name in self.stateless_metrics
            self._values[name] = (
                (total + float(value) * steps, count + steps) if averaged else (float(value), 1)
            )
        self._seen = current
        shown = {name: total / count for name, (total, count) in self._values.items()}
        done = self.target is not None and current >= self.target
        if done if finalize is None else finalize:
            self._display.end(current, shown)
            self._display.close()
        else:
            self._display.update(current, shown)

    def add(self, n: int, values: Iterable[tuple[str, float]] | None = None) -> None:
        """Report that `n` more steps are completed."""
        self.update(self._seen + n, values)
