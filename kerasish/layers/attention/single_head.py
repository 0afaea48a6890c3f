"""Attention and AdditiveAttention: a single head without projections."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.graph.symbolic import static_shape
from kerasish.core.layer import Layer
from kerasish.core.scope import set_metadata
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Shape
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.attention._masks import combine_masks, padding_mask, position_mask
from kerasish.layers.regularization import Dropout

__all__ = ["AdditiveAttention", "Attention"]


class _Attention(Layer):
    """Takes `[query, value]` or `[query, value, key]`; a subclass scores."""

    def __init__(
        self, use_scale: bool, dropout: float, seed: int | None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.dropout = dropout
        self.seed = seed
        self.supports_masking = True
        self._dropout_layer = Dropout(dropout, seed=seed, dtype=self.dtype_policy)
        self._dropout_layer.build(None)

    @abstractmethod
    def _scores(self, query: Array, key: Array) -> Array:
        """Return `(batch, steps, source)`: how well each query and key fit."""

    def build(self, input_shape: Sequence[Shape]) -> None:
        if not isinstance(input_shape, (list, tuple)) or not (
            all(isinstance(s, (list, tuple)) for s in input_shape) and len(input_shape) in (2, 3)
        ):
            raise ArgumentError(
                f"{type(self).__name__} takes a list, [query, value] or [query, value, key]; it "
                f"got {input_shape}."
            )

    def call(
        self,
        inputs: Sequence[Array],
        mask: Sequence[Array | None] | None = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Array | tuple[Array, Array]:
        """Compute attention.

        Args:
            inputs: `[query, value]` or `[query, value, key]`, each `(batch, steps, features)`.
            mask: a list of the masks of query and value, `(batch, steps)`, either may be None.
            training: whether dropout is active.
            return_attention_scores: whether to also return the attention weights.
            use_causal_mask: whether a position attends only to itself and earlier positions.

        Returns:
            The output, or the output and the weights `(batch, steps, source)`.
        """
        query, value, key = (*inputs, inputs[1])[:3]
        query_mask, value_mask = self._masks(mask)
        self._check(query, value, key)
        scores = self._scores(query, key).astype(jnp.float32)
        kept = combine_masks(
            padding_mask(None, value_mask, (1,), 2),
            position_mask(scores.shape[1], scores.shape[2], use_causal_mask, None),
        )
        if kept is not None:
            # Subtracted, as in Keras: so far down all that a step may not look at is alike.
            kept = kept if kept.ndim == 3 else kept[None]
            scores = scores - 1e9 * (1 - kept.astype(scores.dtype))
        weights = self._dropout_layer(jax.nn.softmax(scores, -1).astype(value.dtype))
        output = jnp.matmul(weights, value)
        if query_mask is not None:
            output = jnp.where(query_mask.astype(bool)[..., None], output, 0)
            set_metadata(output, mask=query_mask)
        return (output, weights) if return_attention_scores else output

    def compute_mask(
        self, inputs: Sequence[Array], mask: Sequence[Array | None] | None = None
    ) -> Array | None:
        """Return the query's mask."""
        return mask[0] if isinstance(mask, (list, tuple)) else None

    def _masks(self, mask: Sequence[Array | None] | None) -> Sequence[Array | None]:
        if mask is None:
            return None, None
        if not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3):
            raise ArgumentError(
                f"{type(self).__name__} takes a list of masks, [query_mask, value_mask]; it got "
                f"{mask if isinstance(mask, (list, tuple)) else type(mask).__name__}."
            )
        return mask[:2]

    def _check(self, query: Array, value: Array, key: Array) -> None:
        """Check that the shapes of query, value and key match."""
        shapes = [static_shape(x.shape) for x in (query, value, key)]
        shown = ", ".join(
            f"{n} {s}" for n, s in zip(("query", "value", "key"), shapes, strict=True)
        )
        if {len(s) for s in shapes} != {3}:
            raise ShapeError(
                f"Layer {self.name!r} takes query, value and key of (batch, steps, features); it "
                f"got {shown}."
            )
        alike = [(shapes[0][0], shapes[1][0]), (shapes[0][2], shapes[2][2])]
        alike += zip(shapes[1][:2], shapes[2][:2], strict=True)
        if any(None not in pair and pair[0] != pair[1] for pair in alike):
            raise ShapeError(
                f"Layer {self.name!r} takes a query and a key with as many features, and as many "
                f"keys as values; it got {shown}."
            )


@register()
class Attention(_Attention):
    """Attention by products of query and key (Luong et al., 2015).

    Shapes: `[(batch, steps, features), (batch, source, features)] -> (batch, steps, features)`.

    Args:
        use_scale: whether to multiply the scores by a weight.
        score_mode: `"dot"` for `query @ key`, `"concat"` for the sum of `tanh(query + key)`
            times a weight.
        dropout: dropout rate of the attention weights in training.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `score_mode` is neither, or there are not two or three inputs.
        ShapeError: if the inputs do not fit together.

    Examples:
        >>> import numpy as np
        >>> query, value = np.ones((2, 4, 8), "float32"), np.ones((2, 6, 8), "float32")
        >>> Attention()([query, value]).shape
        (2, 4, 8)
    """

    scale: Variable
    concat_score_weight: Variable

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(use_scale, dropout, seed, **kwargs)
        if score_mode not in ("dot", "concat"):
            raise ArgumentError(f"score_mode must be 'dot' or 'concat'; got {score_mode!r}.")
        self.score_mode = score_mode

    def build(self, input_shape: Sequence[Shape]) -> None:
        super().build(input_shape)
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def _scores(self, query: Array, key: Array) -> Array:
        if self.score_mode == "dot":
            scores = jnp.matmul(query, jnp.swapaxes(key, -1, -2))
            return scores * self.scale.value if self.use_scale else scores
        both = query[:, :, None] + key[:, None]
        both = both * self.scale.value if self.use_scale else both
        return self.concat_score_weight.value * jnp.tanh(both).sum(-1)


@register()
class AdditiveAttention(_Attention):
    """Attention by the sum of `tanh(query + key)` (Bahdanau et al., 2015).

    Shapes: `[(batch, steps, features), (batch, source, features)] -> (batch, steps, features)`.

    Args:
        use_scale: whether each feature has a weight in the sum.
        dropout: dropout rate of the attention weights in training.
        **kwargs: `seed`, `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if there are not two or three inputs.
        ShapeError: if the inputs do not fit together.

    Examples:
        >>> import numpy as np
        >>> query, value = np.ones((2, 4, 8), "float32"), np.ones((2, 6, 8), "float32")
        >>> AdditiveAttention()([query, value]).shape
        (2, 4, 8)
    """

    scale: Variable

    def __init__(
        self,
        use_scale: bool = True,
        dropout: float = 0.0,
        *,
        seed: int | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(use_scale, dropout, seed, **kwargs)

    def build(self, input_shape: Sequence[Shape]) -> None:
        super().build(input_shape)
        if self.use_scale:
            self.scale = self.add_weight(input_shape[0][-1:], "glorot_uniform", name="scale")

    def _scores(self, query: Array, key: Array) -> Array:
        both = jnp.tanh(query[:, :, None] + key[:, None])
        return both @ self.scale.value if self.use_scale else both.sum(-1)
