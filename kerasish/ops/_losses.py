"""Cross-entropies, and reading what a CTC model says."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish import functional
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.functional.entropy import binary_values, logits_of
from kerasish.ops._define import define, operation

__all__ = ["binary_crossentropy", "ctc_decode"]


@operation("nn")
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return the cross-entropy of each value, which no axis is averaged over.

    Args:
        target: 0 or 1, or in between.
        output: the probability of 1, or its logit, in the shape of the target.
        from_logits: whether it is the logit.

    Raises:
        ShapeError: if the shapes differ.
    """
    if jnp.shape(target) != jnp.shape(output):
        raise ShapeError(
            "binary_crossentropy compares a target and an output of one shape; they have "
            f"{jnp.shape(target)} and {jnp.shape(output)}."
        )
    target = jnp.asarray(target, output.dtype)
    return binary_values(target, output, logits_of(output, from_logits, "sigmoid"))


def _categorical(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    return functional.categorical_crossentropy(target, output, from_logits, axis=axis)


def _sparse(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    return functional.sparse_categorical_crossentropy(target, output, from_logits, axis=axis)


def _ctc(
    target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0
) -> Any:
    return functional.ctc_loss(target, output, target_length, output_length, mask_index)


define(
    "nn",
    {
        "categorical_crossentropy": _categorical,
        "ctc_loss": _ctc,
        "sparse_categorical_crossentropy": _sparse,
    },
    kinds={"ctc_loss": "CTCLoss"},
    arguments={"ctc_loss": "target output target_length output_length"},
    docs="kerasish.losses",
)


@operation("nn", "CTCDecode", "inputs sequence_lengths")
def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> Any:
    """Return the labels that frames of logits say (Graves et al., 2006).

    Args:
        inputs: logits: `(batch, steps, classes)`.
        sequence_lengths: how many of the steps count: `(batch,)`.
        strategy: `"greedy"`: the best class of each step; `"beam_search"`: the labels that are
            said in the most likely ways.
        beam_width: how many beginnings the search keeps.
        top_paths: how many results it gives.
        merge_repeated: whether equal classes in a row are one label, where it is greedy.
        mask_index: the class that is the blank.

    Returns:
        The labels, followed by -1: `(paths, batch, steps)`; and scores `(batch, paths)`: minus
        the sum of the best logits, or logarithms of probabilities.

    Raises:
        ArgumentError: if there is no such strategy.
    """
    if not jnp.issubdtype(inputs.dtype, jnp.floating):
        inputs = inputs.astype("float32")
    live = jnp.arange(inputs.shape[1])[None] < jnp.asarray(sequence_lengths)[:, None]
    if strategy == "greedy":
        return _best_of_each(inputs, live, merge_repeated, mask_index)
    if strategy == "beam_search":
        search = _Beam(beam_width, top_paths, mask_index)
        paths, scores = jax.vmap(search.run)(jax.nn.log_softmax(inputs), live)
        return jnp.swapaxes(paths, 0, 1), scores
    raise ArgumentError(f"strategy is 'greedy' or 'beam_search'; got {strategy!r}.")


def _best_of_each(inputs: Any, live: Any, merge_repeated: bool, blank: int) -> tuple[Any, Any]:
    best = jnp.argmax(inputs, -1).astype("int32")
    said = live & (best != blank)
    if merge_repeated:
        said &= jnp.pad(best[:, 1:] != best[:, :-1], ((0, 0), (1, 0)), constant_values=True)
    # What is said comes first, in order.
    order = jnp.argsort(~said, axis=1, stable=True)
    labels = jnp.take_along_axis(jnp.where(said, best, -1), order, 1)
    score = jnp.sum(jnp.where(live, inputs.max(-1), 0), 1, keepdims=True)
    return labels[None], -score


class _Beam:
    """A search that keeps the most likely beginnings of what is said.

    A beginning has two probabilities, of the ways that end in a blank and of the others: after
    the first, its last label said again is another label.
    """

    def __init__(self, width: int, count: int, blank: int) -> None:
        self.width, self.count, self.blank = width, count, blank

    def run(self, log_p: Any, live: Any) -> tuple[Any, Any]:
        """Return paths `(count, steps)` and scores `(count,)` of `(steps, classes)`."""
        steps = log_p.shape[0]
        nothing = jnp.full((self.width, steps), -1, "int32")
        length = jnp.zeros(self.width, "int32")
        never = jnp.full(self.width, -jnp.inf, log_p.dtype)
        begin = nothing, length, never.at[0].set(0), never

        def step(state: Any, given: Any) -> tuple[Any, None]:
            own, on = given
            new = self._step(state, own)
            return jax.tree.map(lambda a, b: jnp.where(on, a, b), new, state), None

        (paths, _, blank, label), _ = jax.lax.scan(step, begin, (log_p, live))
        return paths[: self.count], jnp.logaddexp(blank, label)[: self.count]

    def _step(self, state: Any, log_p: Any) -> Any:
        paths, length, blank, label = state
        places, classes = jnp.arange(paths.shape[1]), jnp.arange(len(log_p))
        last = jnp.where(length > 0, paths[jnp.arange(self.width), length - 1], -1)
        total = jnp.logaddexp(blank, label)
        said = log_p[jnp.maximum(last, 0)]
        stays_blank = total + log_p[self.blank]
        stays_label = jnp.where(last >= 0, label + said, -jnp.inf)
        again = classes[None] == last[:, None]
        longer = jnp.where(again, blank[:, None], total[:, None]) + log_p[None]
        longer = jnp.where(classes[None] == self.blank, -jnp.inf, longer)
        # A beginning and a label may make one that is there already: then it is that one.
        before = jnp.where(places[None] == length[:, None] - 1, -1, paths)
        same = jnp.all(before[:, None] == paths[None], -1) & (last >= 0)[:, None]
        same &= jnp.isfinite(total)[:, None] & jnp.isfinite(total)[None]
        joins = jnp.where(same, longer[:, jnp.maximum(last, 0)].T, -jnp.inf)
        stays_label = jnp.logaddexp(stays_label, jax.nn.logsumexp(joins, 1))
        gone = jnp.any(same[:, :, None] & again[:, None], 0)
        longer = jnp.where(gone, -jnp.inf, longer)

        scores = jnp.concatenate([jnp.logaddexp(stays_blank, stays_label), longer.ravel()])
        kept = jax.lax.top_k(scores, self.width)[1]
        grows = kept >= self.width
        parent = jnp.where(grows, (kept - self.width) // len(log_p), kept)
        new = ((kept - self.width) % len(log_p)).astype("int32")
        end = (places[None] == length[parent][:, None]) & grows[:, None]
        return (
            jnp.where(end, new[:, None], paths[parent]),
            length[parent] + grows,
            jnp.where(grows, -jnp.inf, stays_blank[parent]),
            jnp.where(grows, longer[parent, new], stays_label[parent]),
        )
