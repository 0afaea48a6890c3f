"""Attention and EinsumDense: outputs, scores, gradients, masks, configs and files equal Keras's."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from .tools.oracle import (
    both,
    check_config,
    check_layer,
    close,
    draw,
    keras,
    kerasish,
    observed,
    pure_ours,
    pure_theirs,
    symbolic,
)

LIBRARIES = (kerasish, keras)
N, T, S, D = 2, 4, 5, 6
Q, V, K = draw((N, T, D)), draw((N, S, D), seed=1), draw((N, S, 7), seed=2)
PLANE = draw((N, 3, 4, D))


def each(*codes):
    return pytest.mark.parametrize("code", codes)


class Spread:
    """A layer of several arguments as one of a tuple."""

    def __init__(self, layer):
        self.layer = layer

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def __call__(self, x, **kwargs):
        return self.layer(*x, **kwargs)

    def apply(self, params, state, x, **kwargs):
        return self.layer.apply(params, state, *x, **kwargs)


def twins(code, xs):
    """Return a layer of each library, built for `xs` in a graph, with the same random weights."""
    ours, theirs = both(code)
    outputs = ours(*symbolic(kerasish, xs)), theirs(*symbolic(keras, xs))
    for mine, other in zip(*map(jax.tree.leaves, outputs), strict=True):
        assert mine.dtype.name == other.dtype
        # Keras's EinsumDense forgets sizes that the input tells.
        sizes = zip(mine.shape, other.shape, strict=True)
        assert all(n == m or (m is None and "Einsum" in code) for n, m in sizes), "in a graph"
    ours._kerasish_assign_paths()
    assert [v.path for v in ours.weights] == [tuple(v.path.split("/")[1:]) for v in theirs.weights]
    assert [v.shape for v in ours.weights] == [tuple(v.shape) for v in theirs.weights]
    values = [0.5 * draw(v.shape, seed=i + 1) for i, v in enumerate(theirs.weights)]
    ours.set_weights(values)
    theirs.set_weights(values)
    return ours, theirs


def check_call(code, *xs, tolerance=2e-5, config=True, **kwargs):
    """Check that a layer makes the same of several arguments here and in Keras, gradients too."""
    ours, theirs = twins(code, xs)
    trainable = [v.numpy() for v in ours.trainable_weights]
    fixed = [v.numpy() for v in ours.non_trainable_weights]

    @jax.jit
    def run(*args):
        mine = observed(pure_ours(Spread(ours), **kwargs))
        other = observed(pure_theirs(Spread(theirs), **kwargs))
        return mine(*args), other(*args)

    mine, other = run(trainable, fixed, xs)
    for what in other:
        close(mine[what], other[what], tolerance, what)
    if config:
        check_config(*both(code))
    return mine["output"]


MASK = draw((N, T, S), "int32", high=3) > 0
MASK[0, 1] = False  # a step that may look at nothing
MASK[1, 0] = True


@each(
    "MultiHeadAttention(2, 3)",
    "MultiHeadAttention(1, 4)",
    "MultiHeadAttention(num_heads=3, key_dim=2, use_bias=False)",
    "MultiHeadAttention(2, 3, output_shape=5)",
    "MultiHeadAttention(2, 3, output_shape=(2, 3))",
    "MultiHeadAttention(2, 3, use_gate=True)",
    "MultiHeadAttention(2, 3, use_gate=True, use_bias=False)",
    "MultiHeadAttention(2, 3, sliding_window=2)",
    "MultiHeadAttention(2, 3, attention_axes=1)",
    "MultiHeadAttention(2, 3, kernel_regularizer='l2', bias_regularizer='l1')",
    "MultiHeadAttention(2, 3, kernel_initializer='he_normal', bias_initializer='ones')",
    "MultiHeadAttention(2, 3, kernel_constraint='non_neg', bias_constraint='max_norm')",
    "MultiHeadAttention(2, 3, trainable=False, seed=3)",
    "MultiHeadAttention(2, 3, dropout=0.3)",
    "GroupQueryAttention(3, 4, 2)",
    "GroupQueryAttention(3, 4, 1, use_bias=False)",
    "GroupQueryAttention(3, 2, 2, use_gate=True)",
    "GroupQueryAttention(3, 4, 2, dropout=0.2, sliding_window=2)",
    "GroupQueryAttention(2, 3, 1, kernel_initializer='ones', bias_constraint='non_neg')",
)
@pytest.mark.parametrize("scores", [False, True], ids=["", "scores"])
def test_heads(code, scores):
    check_call(code, Q, V, return_attention_scores=scores)


@each("MultiHeadAttention(2, 3)", "GroupQueryAttention(3, 4, 2)", "MultiHeadAttention(2, 3, 4)")
def test_a_key_of_its_own(code):
    # Keras has no plain way for values of another size.
    check_call(code, Q, V, K, return_attention_scores=True)
    if "4)" not in code:
        check_call(code, Q, V, K)


@each("MultiHeadAttention(2, 3)", "GroupQueryAttention(3, 4, 2)")
@pytest.mark.parametrize(
    "mask",
    [MASK, MASK[:1], MASK[0], MASK[:, :1], MASK[:, None], MASK.astype("int32"), MASK[:, :, :1]],
    ids=lambda m: f"{m.dtype}{m.shape}",
)
@pytest.mark.parametrize("scores", [False, True], ids=["", "scores"])
def test_attention_mask(code, mask, scores):
    check_call(code, Q, V, config=False, attention_mask=mask, return_attention_scores=scores)


def test_a_mask_for_each_head():
    mask = np.stack([MASK, ~MASK], 1)
    for scores in (False, True):
        check_call(
            "MultiHeadAttention(2, 3)", Q, V, attention_mask=mask, return_attention_scores=scores
        )


@each(
    "MultiHeadAttention(2, 3)",
    "GroupQueryAttention(3, 4, 2)",
    "MultiHeadAttention(2, 3, dropout=0.1)",
)
@pytest.mark.parametrize("scores", [False, True], ids=["", "scores"])
@pytest.mark.parametrize(
    "masks",
    [
        {"use_causal_mask": True},
        {"value_mask": MASK[:, 1]},
        {"key_mask": MASK[:, 1]},
        {"key_mask": MASK[:, 0], "value_mask": MASK[:, 2], "use_causal_mask": True},
        {"attention_mask": MASK, "use_causal_mask": True, "value_mask": MASK[:, 2]},
    ],
    ids=lambda masks: "+".join(masks),
)
def test_masks_by_name(code, masks, scores):
    check_call(code, Q, V, config=False, return_attention_scores=scores, **masks)


@each(
    "MultiHeadAttention(2, 3, sliding_window=2)", "GroupQueryAttention(3, 4, 2, sliding_window=1)"
)
@pytest.mark.parametrize("scores", [False, True], ids=["", "scores"])
def test_causal_sliding_window(code, scores):
    check_call(code, Q, V, use_causal_mask=True, return_attention_scores=scores)


@pytest.mark.parametrize("axes", [None, 1, 2, (1, 2), (-2,), (2, 1)], ids=str)
@pytest.mark.parametrize("scores", [False, True], ids=["", "scores"])
def test_axes_of_attention(axes, scores):
    code = f"MultiHeadAttention(2, 3, attention_axes={axes})"
    check_call(code, PLANE, PLANE[:, ::-1], config=False, return_attention_scores=scores)
    ours, theirs = both(code)
    check_config(ours, theirs)


def test_axes_of_attention_with_a_mask():
    mask = draw((N, 3, 4, 4), "int32", high=2)
    for scores in (False, True):
        check_call(
            "MultiHeadAttention(2, 3, attention_axes=2)",
            PLANE,
            PLANE,
            attention_mask=mask,
            return_attention_scores=scores,
        )


SINGLE = (
    "Attention()",
    "Attention(use_scale=True)",
    "Attention(score_mode='concat')",
    "Attention(True, 'concat', dropout=0.3, seed=2)",
    "AdditiveAttention()",
    "AdditiveAttention(use_scale=False)",
    "AdditiveAttention(dropout=0.2)",
)
W = draw((N, S, D), seed=4)
STEPS, SOURCE = MASK[:, :, 0], MASK[:, 2]


@each(*SINGLE)
@pytest.mark.parametrize("inputs", [(Q, V), (Q, draw((N, S, 3)), W)], ids=["two", "three"])
@pytest.mark.parametrize("scores", [False, True], ids=["", "scores"])
def test_one_head(code, inputs, scores):
    check_call(code, list(inputs), return_attention_scores=scores, use_causal_mask=scores)


@each(*SINGLE[:1], *SINGLE[2:3], *SINGLE[4:5])
@pytest.mark.parametrize(
    "mask",
    [[STEPS, SOURCE], [None, SOURCE], [STEPS, None], [None, np.zeros((N, S), bool)]],
    ids=["both", "value", "query", "nothing left"],
)
def test_masks_of_one_head(code, mask):
    for more in ({}, {"use_causal_mask": True, "return_attention_scores": True}):
        check_call(code, [Q, V], config=False, mask=mask, **more)


@each(
    "EinsumDense('abc,cd->abd', (None, 3))",
    "EinsumDense('abc,cd->abd', (None, 3), 'relu', 'd')",
    "EinsumDense('abc,cde->abde', (None, 3, 2), bias_axes='e')",
    "EinsumDense('abc,cde->abde', (None, 3, 2), bias_axes='de', kernel_regularizer='l2')",
    "EinsumDense('abc,cde->abde', (4, 3, 2), bias_axes='be', bias_regularizer='l1')",
    "EinsumDense('abc,cde->adbe', (3, None, 2), bias_axes='d')",
    "EinsumDense('abc,bcd->abd', (4, 3), activity_regularizer='l2')",
    "EinsumDense('abc,bcd->ad', 3, bias_axes='d', kernel_constraint='non_neg')",
    "EinsumDense('abc,dc->abd', [None, 3], bias_axes='d', bias_constraint='max_norm')",
    "EinsumDense('...x,xy->...y', 3, bias_axes='y', bias_initializer='ones')",
    "EinsumDense('...bx,xy->...by', (None, 3), activation='softmax')",
    "EinsumDense('ab...,bc->ac...', 3, bias_axes='c', kernel_initializer='he_normal')",
    "EinsumDense('ab...,bc->ac...', (3,), trainable=False, name='mine')",
)
def test_einsum_dense(code):
    check_call(code, draw((N, 4, 6)))


@each(
    "EinsumDense('...x,xy->...y', 3, 'tanh', 'y')",
    "EinsumDense('ab...,bc->ac...', 3, bias_axes='c')",
)
@pytest.mark.parametrize("shape", [(2, 4), (2, 4, 3), (2, 4, 4, 2)], ids=str)
def test_einsum_dense_of_any_rank(code, shape):
    check_layer(code, draw(shape))


@each(
    ("abc,cde->abde", (None, 30, 20)),
    ("abc,bcd->abd", (50, 30)),
    ("abc,bcd->ad", (30,)),
    ("abc,bd->adc", (30, 40)),
)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
def test_where_kernels_start(code, mode):
    found = []
    for k in LIBRARIES:
        start = k.initializers.VarianceScaling(1.0, mode, "uniform", seed=1)
        layer = k.layers.EinsumDense(*code, kernel_initializer=start)
        layer.build((None, 50, 40))
        kernel = np.asarray(layer.kernel)
        found.append((kernel.shape, np.abs(kernel).max()))
    assert found[0][0] == found[1][0]
    assert found[0][1] == pytest.approx(found[1][1], rel=5e-3)


# In models


def words(k, length=T):
    table = k.layers.Embedding(5, D, "normal", mask_zero=True, name="table")
    x = k.Input((length,), dtype="int32")
    return x, table(x)


def attended(k, kind, length=T):
    """Return a model whose masks come from an embedding, and where they end."""
    x, y = words(k, length)
    z = k.layers.Dense(D, "relu")(y)
    steps = k.Input((length, D), name="steps")
    layers = k.layers
    make = {
        "self": lambda: layers.MultiHeadAttention(2, 3)(y, y),
        "key": lambda: layers.MultiHeadAttention(2, 3)(steps, z, y),
        "value": lambda: layers.MultiHeadAttention(2, 3)(query=steps, value=y),
        "query": lambda: layers.MultiHeadAttention(2, 3)(y, steps, use_causal_mask=True),
        "named": lambda: layers.MultiHeadAttention(2, 3)(value=steps, query=y),
        "scores": lambda: layers.MultiHeadAttention(2, 3)(y, y, return_attention_scores=True)[0],
        "groups": lambda: layers.GroupQueryAttention(3, 4, 2)(y, y),
        "dot": lambda: layers.Attention(use_scale=True)([y, y]),
        "dot, value": lambda: layers.Attention()([steps, y]),
        "additive": lambda: layers.AdditiveAttention()([y, steps]),
    }
    out = make[kind]()
    return k.Model([x, steps], layers.Dense(3, "softmax")(layers.LayerNormalization()(out)))


KINDS = ("self", "key", "value", "query", "named", "scores", "groups")
KINDS += ("dot", "dot, value", "additive")
TOKENS = np.array([[1, 2, 0, 0], [3, 4, 1, 0], [2, 0, 0, 0], [1, 1, 1, 1]], "int32")
STEP = draw((4, T, D))
TAGS = draw((4, T), "int32", high=3)


# Keras says that the masks end in its own projections.
pytestmark = pytest.mark.filterwarnings("ignore:[^']*Layer '.*was passed an input with a mask")


def pair(kind):
    ours, theirs = (attended(k, kind) for k in LIBRARIES)
    ours.set_weights([w + 0.1 * draw(w.shape) for w in theirs.get_weights()])
    theirs.set_weights(ours.get_weights())
    return ours, theirs


@pytest.mark.parametrize("kind", KINDS)
def test_two_steps_with_masks(kind):
    """What is masked on the way in, and what the mask of the output leaves out of the loss."""
    ours, theirs = pair(kind)
    close(ours.predict([TOKENS, STEP], verbose=0), theirs.predict([TOKENS, STEP], verbose=0), 1e-4)
    for model, k in zip((ours, theirs), LIBRARIES, strict=True):
        model.compile(k.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    for _ in range(2):
        # Batch by batch: Keras's `fit` loses masks on the JAX backend.
        ours.train_on_batch([TOKENS, STEP], TAGS)
        theirs.train_on_batch([TOKENS, STEP], TAGS)
    close(ours.predict([TOKENS, STEP], verbose=0), theirs.predict([TOKENS, STEP], verbose=0), 1e-4)
    close(ours.get_weights(), theirs.get_weights(), 1e-4)


@pytest.mark.parametrize("kind", ["self", "groups", "dot", "additive"])
@pytest.mark.parametrize("suffix", [".keras", ".weights.h5"])
def test_files_both_ways(kind, suffix, tmp_path):
    ours, theirs = pair(kind)
    other = [w + 1 for w in theirs.get_weights()]
    theirs.set_weights(other)
    if suffix == ".keras":
        theirs.save(tmp_path / "theirs.keras")
        ours = kerasish.saving.load_model(tmp_path / "theirs.keras")
        ours.save(tmp_path / "ours.keras")
        theirs = keras.saving.load_model(tmp_path / "ours.keras")
    else:
        theirs.save_weights(tmp_path / "theirs.weights.h5")
        ours.load_weights(tmp_path / "theirs.weights.h5")
        ours.save_weights(tmp_path / "ours.weights.h5")
        theirs = attended(keras, kind)
        theirs.load_weights(tmp_path / "ours.weights.h5")
    close(ours.get_weights(), other, 0)
    close(theirs.get_weights(), other, 0)
    close(ours.predict([TOKENS, STEP], verbose=0), theirs.predict([TOKENS, STEP], verbose=0), 1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_that_are_not_known(kind):
    models = [attended(kerasish, kind, length) for length in (None, T)]
    assert models[0].output_shape == (None, None, 3)
    models[0].set_weights(models[1].get_weights())
    for n in (2, T):
        x = [TOKENS[:, :n], STEP[:, :n]]
        y = models[0].predict(x, verbose=0)
        assert y.shape == (4, n, 3)
    close(y, models[1].predict(x, verbose=0), 1e-6)


@each(
    "MultiHeadAttention(2, 3",
    "GroupQueryAttention(3, 4, 2",
    "Attention(True",
    "AdditiveAttention(True",
)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_sixteen_bits(code, policy):
    xs = ([Q, V],) if code.startswith("A") else (Q, V)
    for scores in (False, True):
        check_call(
            f"{code}, dtype='{policy}')", *xs, tolerance=6e-2, return_attention_scores=scores
        )


# Bad input


def test_a_layer_that_cannot_be():
    layers = kerasish.layers
    for make, said in (
        (lambda: layers.MultiHeadAttention(0, 4), "num_heads must be a positive whole number"),
        (lambda: layers.MultiHeadAttention(2, 4.5), "key_dim must be a positive whole number"),
        (lambda: layers.MultiHeadAttention(2, 4, value_dim=0), "value_dim must be"),
        (lambda: layers.MultiHeadAttention(2, 4, output_shape=(3, -1)), "output_shape must be"),
        (lambda: layers.MultiHeadAttention(2, 4, dropout=1.5), "rate from 0 to 1; got 1.5"),
        (lambda: layers.MultiHeadAttention(2, 4, sliding_window=0), "sliding_window must be"),
        (lambda: layers.MultiHeadAttention(2, 4, dropout=0.1, flash_attention=True), "drops no"),
        (lambda: layers.GroupQueryAttention(4, 3, 2), "multiple of num_key_value_heads; got 3"),
        (lambda: layers.Attention(score_mode="sum"), "'dot' or 'concat'; got 'sum'"),
        (lambda: layers.AdditiveAttention(dropout=-1), "rate from 0 to 1; got -1"),
        (lambda: layers.EinsumDense("abc->ab", 3), "equation such as 'ab,bc->ac'"),
        (lambda: layers.EinsumDense("a...b,bc->a...c", 3), "equation such as"),
        (lambda: layers.EinsumDense("abc,c->abe", (None, 3)), "'e' in 'abc,c->abe'"),
        (lambda: layers.EinsumDense("abc,xcd->abd", (None, 3)), "kernel's axis 'x'"),
        (lambda: layers.EinsumDense("abc,cd->abd", 3), "sizes of b, d"),
        (lambda: layers.EinsumDense("abc,cd->abd", (4, None)), "size of the axis 'd'"),
        (lambda: layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="a"), "axes b, d"),
        (lambda: layers.EinsumDense("ab,bc->ac", 3, "rellu"), "Did you mean 'relu'"),
    ):
        with pytest.raises(kerasish.errors.KerasishError) as caught:
            make()
        assert said in str(caught.value)
        assert isinstance(caught.value, ValueError)


def test_inputs_that_do_not_fit():
    layers = kerasish.layers
    mha, gqa = layers.MultiHeadAttention, layers.GroupQueryAttention
    for call, said in (
        (lambda: mha(2, 4)(Q[:, 0], Q[:, 0]), "of (batch, steps, features)"),
        (lambda: mha(2, 4)(Q, PLANE), "all of one rank"),
        (lambda: mha(2, 4)(Q, V, Q), "as many keys as values"),
        (lambda: mha(2, 4)(Q, V[:1]), "agree in the axes 0 (0 is the batch)"),
        (lambda: mha(2, 4, attention_axes=(0,))(Q, Q), "has 1. Got (0,)"),
        (lambda: mha(2, 4, attention_axes=3)(PLANE, PLANE), "has 1, 2. Got (3,)"),
        (lambda: mha(2, 4)(PLANE, PLANE, use_causal_mask=True), "need a single one"),
        (lambda: mha(2, 4)(Q, V, attention_mask=MASK[:, :, :2]), "does not broadcast"),
        (lambda: mha(2, 4, flash_attention=True)(Q, V), "needs a GPU"),
        (lambda: gqa(4, 4, 2)(PLANE, PLANE), "3 dimensions"),
        (lambda: layers.Attention()(Q), "a list, [query, value]"),
        (lambda: layers.Attention()([Q]), "a list, [query, value]"),
        (lambda: layers.AdditiveAttention()([Q] * 4), "a list, [query, value]"),
        (lambda: layers.Attention()([Q, V], mask=STEPS), "a list of masks"),
        (lambda: layers.Attention()([Q, V], mask=[STEPS]), "a list of masks"),
        (lambda: layers.Attention()([Q, V[..., :2]]), "as many features"),
        (lambda: layers.Attention()([Q, Q[:, :, 0]]), "of (batch, steps, features)"),
        (lambda: layers.EinsumDense("abc,cd->abd", (None, 3))(PLANE), "takes an input of 3"),
        (lambda: layers.EinsumDense("abc,cd->abd", (5, 3))(Q), "size 5 for axis 'b'"),
        (lambda: layers.EinsumDense("...abc,cd->...abd", (None, None, 3))(Q[0]), "at least 3"),
    ):
        with pytest.raises(kerasish.errors.KerasishError) as caught:
            call()
        assert said in str(caught.value)
        assert isinstance(caught.value, ValueError)


def test_a_built_layer_names_the_projection_that_does_not_fit():
    layer = kerasish.layers.MultiHeadAttention(2, 4)
    layer(Q, V)
    with pytest.raises(kerasish.errors.ShapeError, match="'key' was built for an input of size 6"):
        layer(Q, V[..., :3])


def test_a_query_mask_by_name_counts():
    # Keras takes it and does nothing with it.
    layer = kerasish.layers.MultiHeadAttention(2, 3)
    rows = np.broadcast_to(STEPS[:, :, None], MASK.shape)
    _, scores = layer(Q, V, query_mask=STEPS, return_attention_scores=True)
    close(scores, layer(Q, V, attention_mask=rows, return_attention_scores=True)[1], 0)
    assert not np.any(np.asarray(scores).sum((1, 3))[~STEPS])


def test_dropped_weights():
    x = draw((2, 50, D))
    for library in LIBRARIES:
        layer = library.layers.MultiHeadAttention(2, 3, dropout=0.5, seed=1)
        y, scores = layer(x, x, return_attention_scores=True, training=True)
        still = layer(x, x)
        assert not np.allclose(y, still)
        np.testing.assert_allclose(np.asarray(scores).sum(-1), 1, rtol=1e-5)  # none dropped here
        layer = library.layers.Attention(dropout=0.5, seed=1)
        y, scores = layer([x, x], return_attention_scores=True, training=True)
        assert abs((np.asarray(scores) == 0).mean() - 0.5) < 0.05  # here they are
        close(jax.numpy.matmul(scores, x), y, 1e-4)
