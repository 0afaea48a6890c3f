"""What made a loss that is not finite, found by making the last steps again."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.training.diagnosis.explanation import Explanation, as_list
from kerasish.training.diagnosis.findings import Diagnosis, at
from kerasish.training.diagnosis.nonfinite_interpreter import is_finite
from kerasish.training.execution.step_history import ReplayedStep

__all__ = ["explain"]


def explain(run: Any) -> Explanation:
    """Find out why the loss of a run is not finite, and go back to before that.

    The steps that are remembered are made again; see
    `kerasish.training.execution.step_history`. The model then has the state from before the step
    in which it began.

    Args:
        run: the run, whose engine has a past.
    """
    engine = run.engine
    engine.block_until_ready()
    last = engine.steps_made() - 1
    history = engine.past.replay(engine.programs)
    moment = next(each for each in history if int(each.before.step) == last)
    case = Diagnosis(engine.model, moment)
    # What was wrong before that step was made so by another one.
    while case.blamed and (earlier := _beginning(engine, case.blamed)) is not None:
        case = Diagnosis(engine.model, earlier, case.blamed)
    with engine.owner.lock:
        engine.owner.train_state, engine.owner.aliased = case.moment.before, True
    return _told(run, case, last)


def _beginning(engine: Any, address: str) -> ReplayedStep | None:
    """Return the step that made an array of the state wrong; None if it was so before."""
    moment: ReplayedStep
    for moment in engine.past.replay(engine.programs):
        if not is_finite(at(moment.before, address)):
            return None
        if not is_finite(at(moment.after, address)):
            return moment
    return None


def _told(run: Any, case: Diagnosis, last: int) -> Explanation:
    """Return the explanation of a case.

    Args:
        run: the run.
        case: the case.
        last: at which step the loss was seen.
    """
    found, step = case.found(), int(case.moment.before.step)
    origin = case.seen.origin if case.seen is not None else None
    past, loss = run.engine.past, float(run.engine.logs().get("loss", np.nan))
    (seen_in, seen_at), (epoch, batch) = past.place(last), past.place(step)
    lines = [f"Epoch {seen_in + 1}, batch {seen_at}: the loss became {loss}."]
    if step != last:
        lines[0] += f" It began in epoch {epoch + 1}, batch {batch}."
    lines.append(found.words)
    indices = None
    if found.samples:
        own = run.iterator.sample_indices(run.batch - 1 - seen_at + last - step)
        where = f"That is in samples {as_list(found.samples)} of the batch"
        if own is not None:
            indices = [int(own[row]) for row in found.samples]
            where += f", which are {as_list(indices)} of the data"
        lines.append(f"{where}.")
    lines += [f"What to do: {found.advice}."] if found.advice else []
    lines.append("The model has the weights from before that step.")
    return Explanation(
        kind=found.kind,
        epoch=epoch,
        batch=batch,
        step=step,
        layer=found.layer,
        weight=found.weight,
        samples=found.samples,
        indices=indices,
        operation=(origin.operation or None) if origin is not None else None,
        message="\n  ".join(lines),
    )
