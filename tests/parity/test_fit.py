"""Training: from the same weights over the same batches come the same histories and weights."""

from __future__ import annotations

import numpy as np
import pytest

from .tools.oracle import close, draw, keras, kerasish

LIBRARIES = (kerasish, keras)
N, F, C = 20, 4, 3

X = draw((N, F))
IMAGES = draw((N, 6, 6, 2))
CLASSES = draw((N,), "int32", high=C)
ONE_HOT = np.eye(C, dtype="float32")[CLASSES]
YES_OR_NO = draw((N, 1), "int32", seed=1, high=2)
REAL = X.sum(1) + 0.1 * draw((N,))
WORDS = draw((N, 5), "int32", high=7)
TAGS = draw((N, 5), "int32", seed=2, high=C)
WEIGHT = np.abs(draw((N,), seed=4)) + 0.1


def mlp(k, *more, units=C, last="softmax", **kwargs):
    return k.Sequential(
        [k.Input((F,)), k.layers.Dense(6, "tanh", **kwargs), *more, k.layers.Dense(units, last)]
    )


# Each case: a function of the library that gives a compiled model, and the arguments of `fit`.
# A batch size of 8 leaves a smaller last batch; it takes both libraries twice as long to compile.
CASES = {}


def case(**fit):
    def enter(function):
        CASES[function.__name__] = (function, {"epochs": 2, "batch_size": 10} | fit)
        return function

    return enter


@case(x=X, y=CLASSES, epochs=3, batch_size=8)
def classes(k):
    model = mlp(k)
    model.compile(k.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@case(x=X, y=CLASSES[:, None])
def classes_in_a_column(k):
    model = mlp(k)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy", "acc"])
    return model


@case(x=X, y=ONE_HOT)
def one_hot(k):
    model = mlp(k, last=None)
    loss = k.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    metrics = ["accuracy", k.metrics.TopKCategoricalAccuracy(2, name="top2"), "mse"]
    model.compile(k.optimizers.RMSprop(0.01, momentum=0.5), loss, metrics=metrics)
    return model


@case(x=X, y=REAL)
def numbers(k):
    # Targets (n,) against outputs (n, 1).
    model = mlp(k, units=1, last=None)
    metrics = ["mae", k.metrics.RootMeanSquaredError(), "mean_squared_error"]
    model.compile(k.optimizers.SGD(0.05, momentum=0.9, nesterov=True), "mse", metrics=metrics)
    return model


@case(x=X, y=YES_OR_NO, batch_size=8)
def yes_or_no(k):
    model = mlp(k, units=1, last="sigmoid")
    metrics = ["accuracy", k.metrics.BinaryAccuracy(threshold=0.4, name="low"), "binary_accuracy"]
    model.compile(k.optimizers.AdamW(0.02), k.losses.BinaryCrossentropy(), metrics=metrics)
    return model


@case(x=X, y=REAL[:, None])
def whatever_compile_takes_by_default(k):
    model = mlp(k, units=1, last=None)
    model.compile(loss="mean_absolute_error")
    return model


@case(x=IMAGES, y=CLASSES, batch_size=8)
def images(k):
    layers = k.layers
    model = k.Sequential(
        [
            k.Input((6, 6, 2)),
            layers.Conv2D(3, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.8),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(4, 2, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.0),
            layers.Dense(C, activation="softmax"),
        ]
    )
    model.compile(k.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@case(x=IMAGES, y=CLASSES, validation_split=0.25)
def residual_blocks(k):
    layers = k.layers
    start = k.Input((6, 6, 2))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(start)
    for _ in range(2):
        y = layers.BatchNormalization()(x)
        y = layers.Activation("relu")(y)
        y = layers.Conv2D(4, 3, padding="same")(y)
        x = layers.Add()([x, y])
    x = layers.AveragePooling2D(2, padding="same")(x)
    end = layers.Dense(C)(layers.Flatten()(x))
    model = k.Model(start, end)
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(k.optimizers.SGD(0.05, 0.9), loss, metrics=["accuracy"])
    return model


@case(x=[X, 2 * X], y=REAL)
def a_shared_layer(k):
    a, b = k.Input((F,), name="a"), k.Input((F,), name="b")
    shared = k.layers.Dense(5, "relu", name="shared")
    joined = k.layers.Concatenate()([shared(a), shared(b)])
    model = k.Model([a, b], k.layers.Dense(1)(joined))
    model.compile("adam", "mse", metrics=["mae"])
    return model


def two_ends(k):
    a, b = k.Input((F,), name="a"), k.Input((F,), name="b")
    x = k.layers.Dense(5, "tanh", name="body")(k.layers.Add(name="sum")([a, b]))
    return (a, b), (
        k.layers.Dense(C, "softmax", name="kind")(x),
        k.layers.Dense(1, name="size")(x),
    )


@case(x=[X, -X], y=[CLASSES, REAL])
def lists_of_everything(k):
    inputs, outputs = two_ends(k)
    model = k.Model(list(inputs), list(outputs))
    model.compile(
        k.optimizers.Adam(0.02),
        ["sparse_categorical_crossentropy", "mse"],
        loss_weights=[0.3, 2.0],
        metrics=[["accuracy"], ["mae", k.metrics.MeanSquaredError(name="square")]],
    )
    return model


@case(
    x={"a": X, "b": -X},
    y={"kind": CLASSES, "size": REAL},
    validation_data=({"a": -X, "b": X}, {"kind": CLASSES, "size": REAL}),
)
def dicts_of_everything(k):
    (a, b), (kind, size) = two_ends(k)
    model = k.Model({"a": a, "b": b}, {"kind": kind, "size": size})
    model.compile(
        k.optimizers.Adam(0.02),
        {"kind": "sparse_categorical_crossentropy", "size": "mae"},
        loss_weights={"kind": 0.5, "size": 1.5},
        metrics={"kind": ["accuracy"], "size": ["mse"]},
    )
    return model


@case(x={"a": X, "b": -X}, y=[CLASSES, REAL], sample_weight=[WEIGHT, WEIGHT[::-1].copy()])
def outputs_named_after_their_layers(k):
    inputs, outputs = two_ends(k)
    model = k.Model(list(inputs), list(outputs))
    model.compile(
        "sgd",
        {"kind": "sparse_categorical_crossentropy", "size": "mse"},
        metrics={"size": "mae"},
        weighted_metrics={"kind": "accuracy"},
    )
    return model


@case(x=[X, -X], y=[CLASSES, REAL])
def a_loss_for_one_output_only(k):
    inputs, outputs = two_ends(k)
    model = k.Model(list(inputs), list(outputs))
    model.compile("sgd", [None, "mse"], metrics=[None, ["mae"]])
    return model


@case(x=[X, -X], y=[REAL, REAL])
def one_loss_for_all_outputs(k):
    a, b = k.Input((F,), name="a"), k.Input((F,), name="b")
    outputs = [k.layers.Dense(1, name="p")(a), k.layers.Dense(1, name="q")(b)]
    model = k.Model([a, b], outputs)
    model.compile("sgd", "mse")
    return model


@case(x=X, y=CLASSES, sample_weight=WEIGHT, batch_size=8)
def weighted_samples(k):
    model = mlp(k)
    model.compile(
        k.optimizers.Adam(0.02),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        weighted_metrics=["accuracy", "sparse_categorical_crossentropy"],
    )
    return model


@case(x=X, y=REAL, sample_weight=WEIGHT, validation_data=(-X, REAL, WEIGHT), validation_freq=2)
def weights_in_validation(k):
    model = mlp(k, units=1, last=None)
    model.compile("sgd", k.losses.MeanSquaredError("sum"), weighted_metrics=["mse"])
    return model


@case(x=X, y=REAL, sample_weight=WEIGHT)
def weighted_mean(k):
    model = mlp(k, units=1, last=None)
    model.compile("sgd", k.losses.MeanSquaredError("mean_with_sample_weight"))
    return model


@case(x=X, y=CLASSES, class_weight={0: 0.5, 2: 3.0}, epochs=3)
def weighted_classes(k):
    model = mlp(k)
    model.compile("adam", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    return model


@case(x=X, y=ONE_HOT, class_weight={0: 0.5, 1: 2.0, 2: 3.0}, validation_split=0.2)
def weighted_one_hot_classes(k):
    model = mlp(k)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


@case(x=X, y=REAL, validation_split=0.3, validation_batch_size=3)
def penalties(k):
    model = mlp(
        k,
        k.layers.Dense(5, activity_regularizer="l2", bias_regularizer=k.regularizers.L1(0.1)),
        units=1,
        last=None,
        kernel_regularizer=k.regularizers.L1L2(0.01, 0.02),
        activity_regularizer=k.regularizers.L1(0.01),
    )
    model.compile(k.optimizers.SGD(0.05), "mse", metrics=["mae"])
    return model


@case(x=X, y=CLASSES)
def constraints(k):
    model = mlp(k, kernel_constraint="unit_norm", bias_constraint=k.constraints.NonNeg())
    model.compile(k.optimizers.SGD(0.5, clipnorm=1.0), "sparse_categorical_crossentropy")
    return model


@case(x=WORDS, y=TAGS, batch_size=8)
def masked_sequences(k):
    layers = k.layers
    model = k.Sequential(
        [
            k.Input((5,), dtype="int32"),
            layers.Embedding(7, 4, mask_zero=True, embeddings_regularizer="l2"),
            layers.LayerNormalization(),
            layers.Dense(C, "softmax"),
        ]
    )
    model.compile(k.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    return model


@case(x=WORDS, y=CLASSES)
def words(k):
    layers = k.layers
    stack = [k.Input((5,), dtype="int32"), layers.Embedding(7, 4), layers.Flatten()]
    model = k.Sequential([*stack, layers.Dense(C, "softmax")])
    model.compile(k.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@case(x=WORDS, y=TAGS)
def ignored_classes(k):
    layers = k.layers
    stack = [k.Input((5,), dtype="int32"), layers.Embedding(7, 4), layers.Dense(C)]
    model = k.Sequential(stack)
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1)
    model.compile("sgd", loss)
    return model


@case(x=X, y=REAL, epochs=4)
def a_schedule(k):
    rate = k.optimizers.schedules.CosineDecay(0.0, 8, warmup_target=0.1, warmup_steps=3)
    model = mlp(k, k.layers.LayerNormalization(), units=1, last=None)
    model.compile(k.optimizers.AdamW(rate, global_clipnorm=1.0), "mse")
    return model


@case(x=X, y=CLASSES)
def frozen_layers(k):
    inner = k.Sequential(
        [k.Input((F,)), k.layers.Dense(5, name="d"), k.layers.BatchNormalization(name="n")],
        name="inner",
    )
    inner.trainable = False
    start = k.Input((F,))
    model = k.Model(start, k.layers.Dense(C, "softmax")(inner(start)))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@case(x=X, y=REAL[:, None])
def functions_of_your_own(k):
    def cubed(y_true, y_pred):
        return abs(y_true - y_pred) ** 3

    def largest(y_true, y_pred):
        return abs(y_true - y_pred)

    model = mlp(k, units=1, last=None)
    model.compile("sgd", cubed, metrics=[largest, "mae"])
    return model


@case(x=X, y=CLASSES, epochs=4, initial_epoch=2)
def a_later_epoch(k):
    model = mlp(k)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@case(x=X, y=CLASSES, batch_size=None)
def the_default_batch(k):
    model = mlp(k, k.layers.BatchNormalization())
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def same_start(build):
    models = [build(k) for k in LIBRARIES]
    models[0].set_weights(models[1].get_weights())
    return models


def same_numbers(ours, theirs, what):
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5, err_msg=what)


@pytest.mark.parametrize("name", CASES)
def test_fit(name):
    build, fit = CASES[name]
    models = same_start(build)
    runs = [m.fit(**fit, shuffle=False, verbose=0).history for m in models]
    assert list(runs[0]) == list(runs[1])
    weighted = "everything" in name  # see `test_the_loss_of_an_output_is_logged_unweighted`
    for key in runs[0]:
        if not (weighted and key.endswith(("kind_loss", "size_loss"))):
            same_numbers(runs[0][key], runs[1][key], key)
    for mine, other in zip(*(m.get_weights() for m in models), strict=True):
        same_numbers(mine, other, "weights")
    assert int(models[0].optimizer.iterations) == int(models[1].optimizer.iterations)
    x, y, size, weight = fit["x"], fit["y"], fit["batch_size"], fit.get("sample_weight")
    # Keras repeats a metric that is there with and without weights; of several outputs see
    # `test_order_of_what_evaluate_returns`.
    if name != "weighted_samples" and not isinstance(y, (list, dict)):
        found = [m.evaluate(x, y, size, 0, sample_weight=weight) for m in models]
        assert np.shape(found[0]) == np.shape(found[1])
        same_numbers(*found, "evaluate")
    found = [m.evaluate(x, y, size, 0, sample_weight=weight, return_dict=True) for m in models]
    assert list(found[0]) == list(found[1])
    for key in found[0]:
        if not (weighted and key.endswith(("kind_loss", "size_loss"))):
            same_numbers(found[0][key], found[1][key], f"evaluate: {key}")
    close(*(m.predict(x, size, 0) for m in models), tolerance=1e-4)


def test_evaluate_leaves_masked_steps_out():
    models = []
    for k in LIBRARIES:
        layers = k.layers
        stack = [layers.Embedding(7, 4, mask_zero=True), layers.Dense(C, "softmax")]
        model = k.Sequential([k.Input((5,), dtype="int32"), *stack])
        model.compile(
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy", k.metrics.SparseTopKCategoricalAccuracy(2, name="top2")],
            weighted_metrics=["sparse_categorical_crossentropy"],
        )
        models.append(model)
    models[0].set_weights(models[1].get_weights())
    weight = np.ones((N, 1), "float32") * WEIGHT[:, None]
    for w in (None, weight):
        found = [m.evaluate(WORDS, TAGS, 8, 0, sample_weight=w, return_dict=True) for m in models]
        assert list(found[0]) == list(found[1])
        same_numbers(list(found[0].values()), list(found[1].values()), str(list(found[0])))


def test_the_loss_of_an_output_is_logged_unweighted():
    models = same_start(CASES["lists_of_everything"][0])
    found = [m.evaluate([X, -X], [CLASSES, REAL], 8, 0, return_dict=True) for m in models]
    assert list(found[0]) == list(found[1])
    same_numbers(list(found[0].values()), list(found[1].values()), str(list(found[0])))


def test_order_of_what_evaluate_returns():
    def build(k):
        a = k.Input((F,))
        model = k.Model(a, [k.layers.Dense(1, name="z")(a), k.layers.Dense(1, name="c")(a)])
        plain = [["mse", "mae"], ["mae"]]
        model.compile(loss="mse", metrics=plain, weighted_metrics=[None, ["mse"]])
        return model

    models = same_start(build)
    found = [m.evaluate(X, [REAL, -REAL], 8, 0) for m in models]
    same_numbers(*found, "evaluate")


def simple(k):
    model = mlp(k)
    model.compile(k.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_training_goes_on_where_it_stopped():
    models = same_start(simple)
    for _ in range(2):
        runs = [m.fit(X, CLASSES, 10, 1, shuffle=False, verbose=0).history for m in models]
        same_numbers(list(runs[0].values()), list(runs[1].values()), "a further fit")


def test_an_optimizer_keeps_its_moments_when_compiled_again():
    models = same_start(simple)
    for _ in range(2):
        runs = [m.fit(X, CLASSES, 10, 1, shuffle=False, verbose=0).history for m in models]
        for model in models:
            model.compile(model.optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    same_numbers(list(runs[0].values()), list(runs[1].values()), "compiled again")
    assert int(models[0].optimizer.iterations) == int(models[1].optimizer.iterations)


def test_another_learning_rate_between_two_fits():
    models = same_start(simple)
    for rate in (0.05, 0.001, 0.2):
        for model in models:
            model.optimizer.learning_rate = rate
        runs = [m.fit(X, CLASSES, 10, 2, shuffle=False, verbose=0).history for m in models]
        same_numbers(list(runs[0].values()), list(runs[1].values()), f"rate {rate}")


def test_a_stack_without_an_input():
    def build(k):
        model = k.Sequential([k.layers.Dense(4, "relu"), k.layers.Dense(C, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    models = [build(k) for k in LIBRARIES]
    for model in models:
        model.build((None, F))
    models[0].set_weights(models[1].get_weights())
    runs = [m.fit(X, CLASSES, 10, 2, shuffle=False, verbose=0).history for m in models]
    same_numbers(runs[0]["loss"], runs[1]["loss"], "loss")


@pytest.mark.parametrize(
    "kwargs",
    [{}, {"return_dict": True}, {"sample_weight": WEIGHT}, {"class_weight": {0: 2.0}}],
    ids=lambda kwargs: " ".join(kwargs),
)
def test_train_on_batch(kwargs):
    models = same_start(simple)
    found = [m.train_on_batch(X, CLASSES, **kwargs) for m in models]
    if "return_dict" in kwargs:
        assert list(found[0]) == list(found[1])
        found = [list(each.values()) for each in found]
    same_numbers(*found, "train_on_batch")
    close(*(m.predict_on_batch(X) for m in models), tolerance=1e-4)


def test_each_train_on_batch_tells_of_its_own_batch():
    models = same_start(simple)
    for part in (slice(0, 10), slice(10, 20)):
        same_numbers(*(m.train_on_batch(X[part], CLASSES[part]) for m in models), "own batch")


@pytest.mark.parametrize("weighted", [False, True])
def test_test_on_batch(weighted):
    models = same_start(simple)
    weight = WEIGHT if weighted else None
    same_numbers(*(m.test_on_batch(X, CLASSES, weight) for m in models), "test_on_batch")


class Batches:
    def __init__(self, size):
        self.size = size

    def __iter__(self):
        for start in range(0, N, self.size):
            part = slice(start, start + self.size)
            yield X[part], CLASSES[part], WEIGHT[part]


def test_batches_from_a_generator():
    def forever():
        while True:
            yield from Batches(5)

    models = same_start(simple)
    validation = (-X, CLASSES)
    runs = [
        m.fit(
            forever(),
            steps_per_epoch=3,
            epochs=3,
            validation_data=validation,
            validation_steps=2,
            validation_batch_size=5,
            shuffle=False,
            verbose=0,
        ).history
        for m in models
    ]
    assert list(runs[0]) == list(runs[1])
    same_numbers(list(runs[0].values()), list(runs[1].values()), "generator")


def test_sixteen_bits():
    def build(k):
        layers = k.layers
        stack = [
            k.Input((6, 6, 2)),
            layers.Conv2D(4, 3, activation="relu", dtype="mixed_bfloat16"),
            layers.BatchNormalization(dtype="mixed_bfloat16"),
            layers.Flatten(dtype="mixed_bfloat16"),
            layers.Dense(C, "softmax", dtype="float32"),
        ]
        model = k.Sequential(stack)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    models = same_start(build)
    runs = [m.fit(IMAGES, CLASSES, 10, 2, shuffle=False, verbose=0).history for m in models]
    np.testing.assert_allclose(runs[0]["loss"], runs[1]["loss"], rtol=2e-2)
    for mine, other in zip(*(m.get_weights() for m in models), strict=True):
        assert mine.dtype == other.dtype
        np.testing.assert_allclose(mine, other, atol=2e-2)
