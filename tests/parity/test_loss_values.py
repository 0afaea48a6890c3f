"""All other losses: values and gradients, in every shape that they take."""

from __future__ import annotations

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish.core.scope import Scope, set_metadata
from kerasish.functional import ctc_loss

from .test_losses import (
    CLASSES,
    LOGITS,
    ONE_HOT,
    REAL,
    REDUCTIONS,
    YES_OR_NO,
    C,
    N,
    T,
    probabilities,
    share,
    weights,
)
from .tools.oracle import both, check_config, close, draw, keras, kerasish

MARGINS = [(2 * np.round(share(*p.shape)) - 1, p) for _, p in REAL]
COUNTS = [(np.abs(y).round(), share(*y.shape)) for y, _ in REAL]
MANY = [(draw(p.shape, "int32", seed=6, high=2), share(*p.shape)) for _, p in REAL]
POSITIVE = [(share(*y.shape), np.abs(p) + 0.1) for y, p in REAL]
SHARES = [(probabilities(*y.shape), share(*y.shape)) for y, _ in REAL]
VECTORS = [(draw((N,), "int32", high=3), p) for p in (share(N, C), share(N, C) - 0.5)]
WORDS = [(draw((N, 2), "int32", seed=s, high=C), draw((N, T + 2, C), seed=s)) for s in (1, 2)]
INNER = [ONE_HOT[1], tuple(np.moveaxis(a, -1, 1) for a in ONE_HOT[1])]

LOSSES = {
    "MeanAbsolutePercentageError(": POSITIVE,
    "MeanSquaredLogarithmicError(": POSITIVE,
    "Huber(": REAL,
    "Huber(0.4, ": REAL,
    "LogCosh(": REAL,
    "Hinge(": MANY,
    "SquaredHinge(": MARGINS,
    "CategoricalHinge(": ONE_HOT,
    "KLDivergence(": SHARES,
    "Poisson(": COUNTS,
    "CosineSimilarity(": REAL,
    "CosineSimilarity(1, ": [REAL[0]] * 2,
    "BinaryFocalCrossentropy(": YES_OR_NO,
    "BinaryFocalCrossentropy(True, 0.4, 1.5, label_smoothing=0.2, ": MANY,
    "BinaryFocalCrossentropy(from_logits=True, ": LOGITS[id(YES_OR_NO)],
    "CategoricalFocalCrossentropy(": ONE_HOT,
    "CategoricalFocalCrossentropy([0.1, 0.2, 0.3, 0.4], 0.5, label_smoothing=0.1, ": ONE_HOT,
    "CategoricalFocalCrossentropy(from_logits=True, ": LOGITS[id(ONE_HOT)],
    "CategoricalFocalCrossentropy(axis=1, ": [INNER[1]] * 2,
    "CategoricalGeneralizedCrossEntropy(": CLASSES,
    "CategoricalGeneralizedCrossEntropy(0.2, ": CLASSES,
    "Dice(": MANY,
    "Dice(axis=-1, ": MANY,
    "Dice(axis=(0, 1), ": MANY,
    "Tversky(": MANY,
    "Tversky(0.2, 0.9, axis=[1], ": MANY,
    "Circle(": VECTORS,
    "Circle(10.0, 0.1, False, ": VECTORS,
    "CTC(": WORDS,
}


def compared(code, reduction, y, p, weight):
    ours, theirs = both(f"k.losses.{code}reduction={reduction!r})")
    found = ours(y, p, weight), theirs(y, p, weight)
    if reduction in (None, "none"):
        # With weights (n, 1) Keras gives (n, 1), here it stays (n,).
        found = found[0], found[1].reshape(found[0].shape)
    close(*found, 3e-5, what=f"{reduction}, weights of shape {np.shape(weight)}")


@pytest.mark.parametrize("code", [code for code in LOSSES if code != "CTC("])
def test_loss(code):
    y, p = LOSSES[code][1]
    shape = both(f"k.losses.{code}reduction=None)")[0](y, p).shape
    kinds = weights(shape) if shape[:1] == (N,) else [np.float32(2)] if shape else [np.arange(N)]
    for weight in kinds:
        compared(code, "sum_over_batch_size", y, p, weight)
    for reduction in REDUCTIONS:
        compared(code, reduction, y, p, kinds[-1])
    compared(code, "mean", *LOSSES[code][0], None)


@pytest.mark.parametrize("code", LOSSES)
def test_gradient(code):
    pairs = both(f"k.losses.{code}reduction='sum')")
    for y, p in LOSSES[code]:
        found = jax.jit(lambda p, y=y: [jax.grad(lambda p, f=f: f(y, p))(p) for f in pairs])(p)
        size = float(np.abs(found[1]).max())
        close(found[0] / size, found[1] / size, 3e-5)


@pytest.mark.parametrize("code", [code for code in LOSSES if "0." not in code and "1," not in code])
def test_config(code):
    check_config(*both(f"k.losses.{code}name='mine')"), unknown=("dtype",))
    ours, theirs = both(f"k.losses.{code})")
    assert ours.name == theirs.name


def test_config_keeps_what_keras_loses():
    for code in ("Huber(delta=0.3)", "CosineSimilarity(axis=1)"):
        ours, _ = both(f"k.losses.{code}")
        assert type(ours).from_config(ours.get_config()).fn_arguments == ours.fn_arguments != {}
    alpha = kerasish.losses.CategoricalFocalCrossentropy(alpha=np.array([0.5, 1.0])).get_config()
    assert alpha["alpha"] == [0.5, 1.0]


SEQUENCES = [code for code in LOSSES if code[:3] not in ("CTC", "Dic", "Tve")]


@pytest.mark.parametrize("code", SEQUENCES)
def test_masked_values_count_for_nothing(code):
    y, p = LOSSES[code][1]
    p = jnp.asarray(p)
    loss, values = (both(f"k.losses.{code}reduction={r})")[0] for r in ("'mean'", None))
    plain = values(y, p)
    mask = np.arange(plain.size).reshape(plain.shape) % 3 > 0
    weight = 0.5 + share(*plain.shape)
    with Scope():
        set_metadata(p, mask=jnp.asarray(mask))
        close(loss(y, p), (plain * mask).sum() / mask.sum())
        close(loss(y, p, weight), (plain * mask * weight).sum() / mask.sum())
        close(values(y, p), plain * mask)


def test_a_mask_with_more_axes_than_the_values():
    y, p = (jnp.asarray(each, "float32") for each in MANY[1])
    steps = jnp.arange(T)[None] < jnp.array([0, 1, 2, 3, 3, 3])[:, None]
    for code, count in (("Dice(axis=(1, 2), ", 5), ("Dice(", 1)):
        total, values = (both(f"k.losses.{code}reduction={r})")[0] for r in ("'mean'", None))
        expected = values(y, p)[1:].mean() if count > 1 else values(y, p)
        with Scope():
            set_metadata(p, mask=steps)
            close(total(y, p), expected)


# Functions: a value for each sample.

PAIRED = {
    "mean_absolute_percentage_error": POSITIVE,
    "mean_squared_logarithmic_error": POSITIVE,
    "huber": REAL,
    "log_cosh": REAL,
    "hinge": MANY,
    "squared_hinge": MANY,
    "categorical_hinge": ONE_HOT,
    "kl_divergence": SHARES,
    "poisson": COUNTS,
    "cosine_similarity": SHARES,
    "binary_focal_crossentropy": MANY,
    "categorical_focal_crossentropy": ONE_HOT,
    "dice": MANY,
    "tversky": MANY,
}
SURE = np.array([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], "float32")


@pytest.mark.parametrize("name", PAIRED)
def test_function(name):
    ours, theirs = (getattr(library.losses, name) for library in (kerasish, keras))
    for y, p in PAIRED[name]:
        close(ours(y, p), theirs(y, p))
    y, p = PAIRED[name][0]
    close(ours(y.tolist(), p.tolist()), theirs(y.tolist(), p.tolist()), what="lists")
    for dtype in ("bool", "int32", "uint8", "float64"):
        close(ours((y > 0.5).astype(dtype), p), theirs((y > 0.5).astype(dtype), p), what=dtype)
    for dtype in ("float16", "bfloat16"):
        p16 = jnp.asarray(p, dtype)
        close(ours(y, p16), theirs(y, p16), 3e-2, what=dtype)
    if name != "categorical_focal_crossentropy":
        expected = ours(y[:, :1], p[:, :1])
        close(ours(y[:, 0], p[:, :1]), expected, what="targets without a last axis of one")
        close(ours(y[:, :1], p[:, 0]), expected, what="predictions without it")
    # Exactly 0 and 1, right and wrong.
    for certain in (SURE, SURE[::-1]):
        found = [
            jax.value_and_grad(lambda p, f=f: f(SURE, p).sum())(certain) for f in (ours, theirs)
        ]
        close(*found, 1e-4, what="certain")


@pytest.mark.parametrize(
    "name", [*PAIRED, "circle", "ctc", "categorical_generalized_cross_entropy"]
)
def test_signature(name):

    def told(function):
        return [(p.name, p.default) for p in inspect.signature(function).parameters.values()]

    assert told(getattr(kerasish.losses, name)) == told(getattr(keras.losses, name))


@pytest.mark.parametrize("name", [n for n in keras.losses.__dict__ if n[:1].isupper()])
def test_signature_of_a_class(name):
    test_signature(name)


def test_predictions_in_sixteen_bits():
    for code, dtype in (
        ("BinaryFocalCrossentropy(", "float16"),
        ("Circle(gamma=4.0, ", "float16"),
        ("Dice(", "bfloat16"),
    ):
        y, p = LOSSES[code if code in LOSSES else "Circle("][0]
        ours, theirs = both(f"k.losses.{code})")
        close(ours(y, jnp.asarray(p, dtype)), theirs(y, jnp.asarray(p, dtype)))
        ours, theirs = both(f"k.losses.{code}dtype={dtype!r})")
        close(ours(y, p), theirs(y, p), 3e-2)
    assert kerasish.losses.Poisson(dtype="mixed_bfloat16")(*COUNTS[0]).dtype == "bfloat16"


def test_slopes_are_finite_where_those_of_keras_are_not():
    zero = np.zeros((2, C), "float32")
    focal = kerasish.losses.binary_focal_crossentropy
    generalized = kerasish.losses.categorical_generalized_cross_entropy
    for value, slope in (
        jax.value_and_grad(lambda p: kerasish.losses.cosine_similarity(SURE, p).sum())(zero),
        jax.value_and_grad(lambda p: focal(SURE, p, gamma=0.5).sum())(SURE),
        jax.value_and_grad(lambda p: generalized(np.array([0, 0]), p, 0.5).sum())(SURE),
    ):
        assert np.isfinite(value) and np.isfinite(slope).all()


def test_predictions_of_whole_numbers_do_not_cut_the_targets():
    y, p = np.array([[0.5, 0.25]]), np.array([[1, 0]])
    for name in ("mean_absolute_error", "huber", "hinge", "dice", "binary_crossentropy"):
        function = getattr(kerasish.losses, name)
        close(function(y, p), function(y, p.astype("float32")))


def test_targets_in_a_column():
    y, p = CLASSES[0]
    loss = kerasish.losses.CategoricalGeneralizedCrossEntropy(reduction=None)
    close(loss(y[:, None], p), loss(y, p))
    for code in ("circle", "Circle()"):
        ours, theirs = both(f"k.losses.{code}")
        y, p = VECTORS[0]
        close(ours(y[:, None], p), theirs(y[:, None], p))


# The logits of what a softmax or a sigmoid made.


def test_from_logits_where_probabilities_are_saturated():
    logits, y = jnp.array([[60.0, -60.0]]), np.array([[0.0, 1.0]], "float32")
    for activation, name, target in (
        ("softmax", "categorical_focal_crossentropy", y),
        ("sigmoid", "binary_focal_crossentropy", y),
    ):
        function = getattr(kerasish.losses, name)

        def through(x, function=function, activation=activation, target=target):
            with Scope():
                return function(target, getattr(kerasish.activations, activation)(x)).sum()

        expected = jax.value_and_grad(lambda x, f=function: f(y, x, from_logits=True).sum())(logits)
        close(jax.value_and_grad(through)(logits), expected)
        assert expected[0] > 25  # Keras: 16 at most, and no slope
        assert np.abs(expected[1]).max() > 0.2

    def generalized(x):
        with Scope():
            p = kerasish.activations.softmax(x)
            return kerasish.losses.categorical_generalized_cross_entropy([1], p, 0.5)[0]

    close(generalized(logits / 60), generalized_by_hand(jax.nn.softmax(logits / 60)))
    assert np.isfinite(jax.grad(generalized)(logits)).all()


def generalized_by_hand(p):
    return 2 * (1 - jnp.sqrt(p[0, 1]))


# Circle and CTC.


def test_circle_with_references():
    (y, p), (other, q) = VECTORS
    p = p / np.linalg.norm(p, axis=-1, keepdims=True)
    for code in (
        "(y, p, remove_diagonal=False)",
        "(y, p, ref_embeddings=q, gamma=5, margin=0.1)",
        "(y, p, other[:4], q[:4])",
        "(y, p, other[:4], q[:4], remove_diagonal=False, gamma=2)",
        "(np.arange(6), p)",
        "(0 * y, p)",
        "(y[:1], p[:1])",
        "(y.astype('float32'), p)",
    ):
        names = {"np": np, "y": y, "p": p, "other": other, "q": q}
        close(*(eval(f"k.losses.circle{code}", {"k": k, **names}) for k in (kerasish, keras)))


def test_ctc_of_sequences_of_any_length():
    y = np.array([[1, 2, 2, 0], [3, 1, 0, 0], [0, 0, 0, 0], [1, 2, 3, 1], [1, 1, 1, 1]])
    p, labels, steps = draw((5, 6, 5)), np.array([3, 2, 0, 4, 4]), np.array([6, 5, 4, 6, 3])
    ours, theirs = ctc_loss, keras.ops.ctc_loss
    for blank in (0, 4):
        run = [lambda p, f=f, b=blank: f(y, p, labels, steps, b) for f in (ours, theirs)]
        found = jax.jit(lambda p, run=run: [jax.vjp(f, p)[1](jnp.ones(5)) for f in run])(p)
        close(run[0](p), run[1](p))
        close(*found)
    close(kerasish.losses.ctc(y, 1000 * p), keras.losses.ctc(y, 1000 * p), what="huge logits")
    close(kerasish.losses.ctc(y - (y == 0), p), kerasish.losses.ctc(y, p), what="padded with -1")
    mask = jnp.arange(6)[None] < steps[:, None]
    with Scope():
        q = jnp.asarray(p)
        set_metadata(q, mask=mask)
        found = kerasish.losses.CTC(reduction=None)(y, q)
    close(found, ours(y, p, labels, steps), what="a mask")


# Names.

NAMES = """
    mse MSE mae MAE mape MAPE msle MSLE kld KLD bce BCE huber log_cosh hinge squared_hinge
    categorical_hinge kl_divergence poisson cosine_similarity binary_focal_crossentropy
    categorical_focal_crossentropy dice tversky circle ctc Huber LogCosh Hinge SquaredHinge
    CategoricalHinge KLDivergence Poisson CosineSimilarity BinaryFocalCrossentropy
    CategoricalFocalCrossentropy Dice Tversky Circle CTC MeanAbsolutePercentageError
    MeanSquaredLogarithmicError mean_absolute_percentage_error mean_squared_logarithmic_error
"""


def test_names():
    for name in NAMES.split():
        ours, theirs = (k.losses.get(name) for k in (kerasish, keras))
        if isinstance(theirs, keras.losses.Loss):
            assert type(ours).__name__ == type(theirs).__name__
        else:
            assert ours.__name__ == theirs.__name__
    public = [name for name in dir(keras.losses) if not name.startswith("_")]
    assert {*public} - {*kerasish.losses.__all__} <= {"serialize", "deserialize"}


# What is trained with each, by its name, and seen with the metric of that name, if there is one.
FITTED = {
    name: (metric, "softmax", target)
    for name, metric, target in (
        ("mape", "mape", share(N, T, C)),
        ("log_cosh", "LogCoshError", draw((N, T, C))),
        ("hinge", "hinge", MANY[1][0]),
        ("categorical_hinge", "categorical_hinge", ONE_HOT[1][0]),
        ("kld", "kl_divergence", probabilities(N, T, C)),
        ("poisson", "Poisson", COUNTS[1][0].astype("float32")),
        ("cosine_similarity", "cosine_similarity", draw((N, T, C))),
        ("binary_focal_crossentropy", None, MANY[1][0]),
        ("CategoricalFocalCrossentropy", None, ONE_HOT[1][0]),
        ("dice", None, MANY[1][0]),
        ("ctc", None, draw((N, 2), "int32", high=C)),
    )
}


def test_fit_with_each_of_them():
    x = draw((N, T, 2), seed=11)
    y = {name: target for name, (_, _, target) in FITTED.items()}
    found = []
    for k in (kerasish, keras):
        inputs = k.Input((T, 2))
        layers = {n: k.layers.Dense(C, a, name=n) for n, (_, a, _) in FITTED.items()}
        model = k.Model(inputs, {name: layer(inputs) for name, layer in layers.items()})
        model.compile(
            k.optimizers.SGD(0.01),
            loss={name: name for name in FITTED},
            metrics={name: [metric] for name, (metric, _, _) in FITTED.items() if metric},
            run_eagerly=k is keras,
        )
        model.set_weights([draw(w.shape, seed=i) for i, w in enumerate(model.get_weights())])
        found.append(model.fit(x, y, N, 2, 0, shuffle=False).history)
    assert found[0].keys() == found[1].keys()
    for name in found[0]:
        np.testing.assert_allclose(found[0][name], found[1][name], 2e-5, err_msg=name)


def test_sizes_that_are_not_known_yet():
    batch, steps = jax.export.symbolic_shape("b, t")
    shaped = lambda shape, dtype="float32": jax.ShapeDtypeStruct((batch, *shape), dtype)
    for name in PAIRED:
        pair = shaped((steps, C), "int32"), shaped((steps, C))
        axis = {"axis": -1} if name in ("dice", "tversky") else {}
        found = jax.eval_shape(
            lambda y, p, n=name, a=axis: getattr(kerasish.losses, n)(y, p, **a), *pair
        )
        assert found.shape == (batch, steps), name
    for name, y, p in (
        ("Circle", (), (C,)),
        ("CTC", (steps,), (steps, C)),
        ("CategoricalGeneralizedCrossEntropy", (steps,), (steps, C)),
        ("Dice", (steps, C), (steps, C)),
    ):
        loss = getattr(kerasish.losses, name)()
        weight = () if name == "Dice" else (shaped(()),)
        assert jax.eval_shape(loss, shaped(y, "int32"), shaped(p), *weight).shape == ()
