"""What a long run will take, found out beforehand from the program of one step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax

from kerasish.core.errors import ArgumentError, DataError, filter_traceback
from kerasish.core.tree import variables_with_paths
from kerasish.core.types import PyTree
from kerasish.core.variable import Variable
from kerasish.training.data.batch import Batch, clean, is_integer, num_samples
from kerasish.training.data.block import nbytes
from kerasish.training.data.conversion import is_arrays
from kerasish.training.data.memory import free_bytes
from kerasish.training.execution.engine import Engine
from kerasish.training.profiling.costs import cost
from kerasish.training.profiling.step_probe import StepProbe

__all__ = ["Profile", "profile"]


@dataclass(frozen=True, repr=False)
class Profile:
    """What one step takes, and what follows for an epoch. Bytes, seconds and plain numbers.

    Attributes:
        kind: `"train"`, or `"predict"` if there is no loss to train with.
        batch_size: samples in a batch.
        asked_batch_size: how many were asked for; there may be fewer samples.
        samples: samples in an epoch.
        steps: batches in an epoch.
        trainable: numbers that training changes.
        trainable_bytes: their bytes.
        other: numbers of the other weights.
        other_bytes: their bytes.
        optimizer: numbers that the optimizer keeps.
        optimizer_bytes: their bytes.
        flops: floating-point operations of a step; see `kerasish.training.profiling.costs`.
        moved_bytes: what the operations of a step read and write.
        unbounded_loops: loops whose rounds depend on the data; they count as one round.
        peak_bytes: memory that a step takes: state, batch, results and what lies between.
            Data that `fit` keeps on the device come on top.
        available_bytes: memory of the device that is free, or holds the model's state already.
        fixed_bytes: of the memory of large batches, what does not depend on their size.
        sample_bytes: what each sample adds to it; None if other batch sizes cannot be compiled.
        step_seconds: the median of some dispatches like those of `fit`, for each of their steps;
            None if there is no room to run any.
        made_up: whether targets of zeros were made up.
        eager: whether the model runs operation by operation, which takes longer than this.
    """

    kind: str
    batch_size: int
    asked_batch_size: int
    samples: int
    steps: int
    trainable: int
    trainable_bytes: int
    other: int
    other_bytes: int
    optimizer: int
    optimizer_bytes: int
    flops: float
    moved_bytes: float
    unbounded_loops: int
    peak_bytes: int
    available_bytes: int
    fixed_bytes: float
    sample_bytes: float | None
    step_seconds: float | None
    made_up: bool
    eager: bool

    @property
    def epoch_flops(self) -> float:
        """Floating-point operations of an epoch; the last batch counts by its size."""
        return self.flops * self.samples / self.batch_size

    @property
    def epoch_seconds(self) -> float | None:
        """How long an epoch takes, if data come as fast as the device computes."""
        return None if self.step_seconds is None else self.step_seconds * self.steps

    @property
    def samples_per_second(self) -> float | None:
        """How many samples a second are worked on."""
        return None if self.step_seconds is None else self.batch_size / self.step_seconds

    @property
    def flops_per_second(self) -> float | None:
        """How many floating-point operations a second are made."""
        return None if self.step_seconds is None else self.flops / self.step_seconds

    @property
    def memory_share(self) -> float:
        """The share of the available memory that a step takes; above 1 it does not fit."""
        return self.peak_bytes / self.available_bytes

    @property
    def fits(self) -> bool:
        """Whether a step fits into the available memory."""
        return self.peak_bytes <= self.available_bytes

    @property
    def largest_batch_size(self) -> int | None:
        """The largest batch that fits, by the memory of two batch sizes; None if unknown."""
        if not self.sample_bytes:
            return None
        return max(0, int((self.available_bytes - self.fixed_bytes) / self.sample_bytes))

    def __repr__(self) -> str:
        took = "not timed" if self.step_seconds is None else f"{self.step_seconds:.3g} s"
        return (
            f"<Profile {self.kind} batch_size={self.batch_size}: {self.flops:.3g} FLOP, "
            f"{self.peak_bytes:.3g} bytes, {took} a step>"
        )


@filter_traceback()
def profile(
    engine: Engine, x: Any, y: PyTree, sample_weight: PyTree, batch_size: int | None = None
) -> Profile:
    """Compile one step and look at it; see `Model.profile`."""
    asked = 32 if batch_size is None else batch_size
    if not is_integer(asked) or asked < 1:
        raise ArgumentError(f"batch_size must be a positive whole number; got {batch_size!r}.")
    if not is_arrays(x):
        raise DataError(
            "profile takes arrays: the data, or one batch of what an iterable gives; x is a "
            f"{type(x).__name__}."
        )
    data = clean(x, y, sample_weight)
    samples = num_samples(data)
    size = min(int(asked), samples)
    batch: Batch = jax.tree.map(lambda array: array[:size], data)
    engine.model._kerasish_ensure_built(batch[0])
    free = free_bytes()
    available = free + _held(engine)
    with StepProbe(engine, batch) as trial:
        traced, in_a_loop = trial.traced(size)
        compiled = traced.lower().compile()
        costs, needed = cost(traced), trial.peak(compiled, size, in_a_loop)
        fixed, each = trial.memory(size)
        # The copies that steps are tried on come besides what there is.
        room = needed + nbytes(trial.kept) <= free
        seconds = trial.seconds(compiled, in_a_loop) if room else None
    return Profile(
        kind=trial.kind,
        batch_size=size,
        asked_batch_size=int(asked),
        samples=samples,
        steps=math.ceil(samples / size),
        **_counts(engine.model, trial.optimizer_state),
        flops=costs.flops,
        moved_bytes=costs.moved,
        unbounded_loops=costs.unbounded_loops - in_a_loop,  # which is the loop of steps itself
        peak_bytes=needed,
        available_bytes=available,
        fixed_bytes=fixed,
        sample_bytes=each,
        step_seconds=seconds,
        made_up=trial.made_up,
        eager=engine.run_eagerly,
    )


def _held(engine: Engine) -> int:
    """Return the bytes of the model's state that are in memory already."""
    held = nbytes(_shapes([v for _, v in variables_with_paths(engine.model) if v.has_value]))
    return held + (0 if engine.owner is None else nbytes(engine.owner.train_state.opt_state))


def _counts(model: Any, optimizer_state: PyTree) -> dict[str, int]:
    """Return how many numbers there are, and their bytes, as in `model.summary()`."""
    kinds = {
        "trainable": _shapes([v for _, v in variables_with_paths(model, True)]),
        "other": _shapes([v for _, v in variables_with_paths(model, False) if v.saved]),
        "optimizer": jax.tree.leaves(optimizer_state),
    }
    counts = {kind: sum(math.prod(a.shape) for a in kept) for kind, kept in kinds.items()}
    return counts | {f"{kind}_bytes": nbytes(kept) for kind, kept in kinds.items()}


def _shapes(weights: list[Variable]) -> list[jax.ShapeDtypeStruct]:
    """Return weights without their values, which nobody should draw for this."""
    return [jax.ShapeDtypeStruct(v.shape, v.dtype) for v in weights]
