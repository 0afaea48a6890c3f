"""Cross-entropies, the CTC loss and CTC decoding."""

from __future__ import annotations

from typing import TypeAlias

import jax
import jax.numpy as jnp

from kerasish import functional
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.types import Array
from kerasish.functional.entropy import binary_values, logits_of
from kerasish.ops._define import define, operation

__all__ = ["binary_crossentropy", "ctc_decode"]


@operation("nn")
def binary_crossentropy(target: Array, output: Array, from_logits: bool = False) -> Array:
    """Compute the binary cross-entropy elementwise, without averaging over an axis.

    Args:
        target: values in [0, 1].
        output: probabilities or logits, in the shape of the target.
        from_logits: whether `output` holds logits.

    Raises:
        ShapeError: if the shapes differ.
    """
    if jnp.shape(target) != jnp.shape(output):
        raise ShapeError(
            "binary_crossentropy requires a target and an output of the same shape; got "
            f"{jnp.shape(target)} and {jnp.shape(output)}."
        )
    target = jnp.asarray(target, output.dtype)
    result: Array = binary_values(target, output, logits_of(output, from_logits, "sigmoid"))
    return result


def _categorical(target: Array, output: Array, from_logits: bool = False, axis: int = -1) -> Array:
    result: Array = functional.categorical_crossentropy(target, output, from_logits, axis=axis)
    return result


def _sparse(target: Array, output: Array, from_logits: bool = False, axis: int = -1) -> Array:
    result: Array = functional.sparse_categorical_crossentropy(
        target, output, from_logits, axis=axis
    )
    return result


def _ctc(
    target: Array, output: Array, target_length: Array, output_length: Array, mask_index: int = 0
) -> Array:
    result: Array = functional.ctc_loss(target, output, target_length, output_length, mask_index)
    return result


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
    inputs: Array,
    sequence_lengths: Array,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[Array, ...]:
    """Decode the logits of a CTC model to labels (Graves et al., 2006).

    Args:
        inputs: logits: `(batch, steps, classes)`.
        sequence_lengths: the number of valid steps of each sample: `(batch,)`.
        strategy: `"greedy"` takes the best class of each step; `"beam_search"` finds the most
            likely label sequences.
        beam_width: the number of prefixes that the beam search keeps.
        top_paths: the number of results of the beam search.
        merge_repeated: whether greedy decoding merges repeated classes.
        mask_index: the index of the blank class.

    Returns:
        The labels padded with -1: `(paths, batch, steps)`; and scores `(batch, paths)`: the
        negative sum of the best logits (greedy) or log-probabilities (beam search).

    Raises:
        ArgumentError: if the strategy is unknown.
    """
    if not jnp.issubdtype(inputs.dtype, jnp.floating):
        inputs = inputs.astype("float32")
    live = jnp.arange(inputs.shape[1])[None] < jnp.asarray(sequence_lengths)[:, None]
    if strategy == "greedy":
        return _greedy(inputs, live, merge_repeated, mask_index)
    if strategy == "beam_search":
        search = _Beam(beam_width, top_paths, mask_index)
        paths, scores = jax.vmap(search.run)(jax.nn.log_softmax(inputs), live)
        return jnp.swapaxes(paths, 0, 1), scores
    raise ArgumentError(f"strategy is 'greedy' or 'beam_search'; got {strategy!r}.")


def _greedy(inputs: Array, live: Array, merge_repeated: bool, blank: int) -> tuple[Array, Array]:
    best = jnp.argmax(inputs, -1).astype("int32")
    emitted = live & (best != blank)
    if merge_repeated:
        emitted &= jnp.pad(best[:, 1:] != best[:, :-1], ((0, 0), (1, 0)), constant_values=True)
    # Move the emitted labels to the front, in order.
    order = jnp.argsort(~emitted, axis=1, stable=True)
    labels = jnp.take_along_axis(jnp.where(emitted, best, -1), order, 1)
    score = jnp.sum(jnp.where(live, inputs.max(-1), 0), 1, keepdims=True)
    return labels[None], -score


# The labels `(width, steps)` and lengths of the prefixes, and the log-probabilities of their
# paths that end in a blank, and of those that end in a label.
_Beams: TypeAlias = tuple[Array, Array, Array, Array]


class _Beam:
    """Prefix beam search: keeps the most likely prefixes of the label sequence.

    Each prefix has two probabilities: of its paths that end in a blank, and of those that end
    in a label. Only after a blank does a repeated label count as a new one.
    """

    def __init__(self, width: int, count: int, blank: int) -> None:
        self.width, self.count, self.blank = width, count, blank

    def run(self, log_p: Array, live: Array) -> tuple[Array, Array]:
        """Return paths `(count, steps)` and scores `(count,)` of `(steps, classes)`."""
        steps = log_p.shape[0]
        no_labels = jnp.full((self.width, steps), -1, "int32")
        length = jnp.zeros(self.width, "int32")
        log_zero = jnp.full(self.width, -jnp.inf, log_p.dtype)
        begin = no_labels, length, log_zero.at[0].set(0), log_zero

        def step(state: _Beams, given: tuple[Array, Array]) -> tuple[_Beams, None]:
            own, on = given
            new = self._step(state, own)
            return jax.tree.map(lambda a, b: jnp.where(on, a, b), new, state), None

        (paths, _, blank, label), _ = jax.lax.scan(step, begin, (log_p, live))
        return paths[: self.count], jnp.logaddexp(blank, label)[: self.count]

    def _step(self, state: _Beams, log_p: Array) -> _Beams:
        paths, length, blank, label = state
        places, classes = jnp.arange(paths.shape[1]), jnp.arange(len(log_p))
        last = jnp.where(length > 0, paths[jnp.arange(self.width), length - 1], -1)
        total = jnp.logaddexp(blank, label)
        log_p_last = log_p[jnp.maximum(last, 0)]
        stays_blank = total + log_p[self.blank]
        stays_label = jnp.where(last >= 0, label + log_p_last, -jnp.inf)
        again = classes[None] == last[:, None]
        longer = jnp.where(again, blank[:, None], total[:, None]) + log_p[None]
        longer = jnp.where(classes[None] == self.blank, -jnp.inf, longer)
        # If a prefix extended by a label is already in the beam, merge the two.
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
