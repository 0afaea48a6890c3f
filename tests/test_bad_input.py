"""Mistakes: each gives one clear sentence, as early as can be, and the model stays usable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish
from kerasish import Input, Layer, Model, Sequential, callbacks, errors, layers, losses, optimizers
from kerasish.errors import (
    ArgumentError,
    DataError,
    NotBuiltError,
    NotCompiledError,
    PurityError,
    ShapeError,
    UnknownNameError,
)

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
Y = np.arange(12) % 3
NUMBERS = X[:, :3]

Block = Callable[..., Any]


def check_sentence(error: BaseException, *parts: str) -> None:
    """Check that an error is one of ours, and one sentence or two that hold the parts."""
    message = str(error)
    assert isinstance(error, errors.KerasishError)
    assert message[-1] in ".?" and "\n" not in message and len(message) < 400, message
    for part in parts:
        assert part in message, message


@pytest.fixture
def refused(compiled: list[str]) -> Block:
    """A block of code that must be refused before any step is compiled."""

    @contextmanager
    def block(error: type[Exception], *parts: str) -> Iterator[None]:
        compiled.clear()
        with pytest.raises(error) as caught:
            yield
        check_sentence(caught.value, *parts)
        assert not steps(compiled)

    return block


def steps(compiled: list[str]) -> list[str]:
    return [name for name in compiled if name.startswith(("jit(train", "jit(test", "jit(predict"))]


def net(loss: Any = "sparse_categorical_crossentropy", **settings: Any) -> Sequential:
    """Return a classifier of three classes, ready to be trained."""
    model = Sequential([Input((4,)), layers.Dense(3, "softmax")])
    model.compile(optimizers.SGD(0.1, momentum=0.9), loss, **settings)
    return model


def check_usable(model: Model, x: Any = X, y: Any = Y) -> None:
    """Check that training works: the loss is a number and the weights move."""
    before = model.get_weights()
    history = model.fit(x, y, batch_size=4, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert all(np.isfinite(w).all() for w in model.get_weights())
    assert not all(map(np.array_equal, before, model.get_weights()))


def test_steps_are_seen_when_they_are_compiled(compiled):
    model = net()
    model.fit(X, Y, validation_data=(X, Y), verbose=0)
    model.predict(X, verbose=0)
    assert len(steps(compiled)) == 3


# Data


def changed(array: Any, index: Any, value: Any) -> np.ndarray:
    """Return a copy of an array with another value somewhere."""
    copy = np.array(array, dtype=np.result_type(array, type(value)))
    copy[index] = value
    return copy


CROSS = "sparse_categorical_crossentropy"
TARGETS = {CROSS: Y, "categorical_crossentropy": np.eye(3)[Y], "mse": NUMBERS}
BAD_DATA = {
    "features": (X[:, :3], Y, CROSS, ShapeError, "'sequential'", "(None, 4)", "(12, 3)"),
    "rank": (X[..., None, None], Y, CROSS, ShapeError, "(None, 4)", "(12, 4, 1, 1)"),
    "class-negative": (X, changed(Y, 11, -1), CROSS, DataError, "class -1", "0 to 2"),
    "class-too-large": (X, changed(Y, 11, 3), CROSS, DataError, "class 3", "more units"),
    "class-not-whole": (X, changed(Y, 3, 0.5), CROSS, DataError, "0.5", "whole numbers"),
    "one-hot": (X, np.eye(3)[Y], CROSS, ShapeError, "(12, 3)", "'categorical_crossentropy'"),
    "not-one-hot": (X, Y, "categorical_crossentropy", ShapeError, "(12,)", "'sparse_categorical"),
    "width": (X, NUMBERS[:, :2], "mse", ShapeError, "mean_squared_error", "(12, 2)", "(12, 3)"),
    "length": (X, Y[:-1], CROSS, DataError, "same number of samples", "x has 12", "y has 11"),
    "nan": (X, changed(NUMBERS, (7, 1), np.nan), "mse", DataError, "NaN in 1 of 12", "index 7"),
    "nan-class": (X, changed(Y, 5, np.nan), CROSS, DataError, "NaN in 1 of 12", "index 5"),
    "empty": (X[:0], Y[:0], CROSS, DataError, "empty", "no samples"),
    "empty-list": ([], [], CROSS, DataError, "empty"),
    "nothing": (None, None, CROSS, DataError, "x must be arrays", "NoneType"),
    "no-targets": (X, None, CROSS, DataError, "needs targets", "'dense'"),
    "object": (np.full((12, 4), {}), Y, CROSS, DataError, "x has dtype object", "no numbers"),
    "texts": (X.astype(str), Y, CROSS, DataError, "x has dtype <U", "turn them into numbers"),
    "text-targets": (X, np.array(list("abcabcabcabc")), CROSS, DataError, "y has dtype <U1"),
    "a-text": ("data.csv", Y, CROSS, DataError, "x must be arrays", "str"),
    "dates": (X.astype("datetime64[s]"), Y, CROSS, DataError, "x has dtype datetime64"),
    "ragged": ([[1.0], [1.0, 2.0]], Y[:2], CROSS, DataError, "differ in length", "pad them"),
    "ragged-arrays": ([np.ones(2), np.ones(3)], Y[:2], CROSS, DataError, "2 and 3", "y has 2"),
    "a-number": (3.0, Y, CROSS, DataError, "x must be arrays", "float"),
}


@pytest.mark.parametrize("case", BAD_DATA.values(), ids=BAD_DATA)
def test_bad_data(case, refused):
    x, y, loss, error, *parts = case
    model = net(loss)
    before = model.get_weights()
    with refused(error, *parts):
        model.fit(x, y, verbose=0)
    with refused(error, *parts):
        model.fit(X, TARGETS[loss], validation_data=(x, y), verbose=0)
    assert all(map(np.array_equal, before, model.get_weights()))
    check_usable(model, y=TARGETS[loss])


@pytest.mark.parametrize("method", ["evaluate", "train_on_batch", "test_on_batch"])
@pytest.mark.parametrize("name", ["features", "class-too-large", "length", "nan-class", "object"])
def test_bad_data_elsewhere(method, name, refused):
    x, y, loss, error, *parts = BAD_DATA[name]
    settings = {"verbose": 0} if method == "evaluate" else {}
    with refused(error, *parts):
        getattr(net(loss), method)(x, y, **settings)


@pytest.mark.parametrize("name", ["features", "rank", "empty", "object", "texts", "ragged"])
@pytest.mark.parametrize("compile_first", [True, False])
def test_bad_data_to_predict(name, compile_first, refused):
    x, _, _, error, *parts = BAD_DATA[name]
    model = net() if compile_first else Sequential([Input((4,)), layers.Dense(3)])
    with refused(error, *(part for part in parts if "y has" not in part)):
        model.predict(x, verbose=0)
    assert model.predict(X, verbose=0).shape == (12, 3)


# Generators


def stream(*bad: Any, good: int = 2) -> Iterator[Any]:
    """Yield good batches, then bad ones; one that is an exception is raised."""
    yield from [(X[:4], Y[:4])] * good
    for each in bad:
        if isinstance(each, BaseException):
            raise each
        yield each
    yield from [(X[:4], Y[:4])] * 2


BAD_BATCHES = {
    "class": ((X[:4], Y[:4] + 1), DataError, "class 3", "0 to 2"),
    "nan": ((X[:4], Y[:4] * np.nan), DataError, "NaN in 4 of 4"),
    "features": ((X[:4, :3], Y[:4]), ShapeError, "(None, 4)", "(4, 3)"),
    "tuple": ((X[:4], Y[:4], Y[:4], Y[:4]), DataError, "(x, y, sample_weight)", "tuple of 4"),
    "texts": ((X[:4].astype(str), Y[:4]), DataError, "x has dtype <U"),
    "targets": ((X[:4],), DataError, "needs targets"),
}


@pytest.mark.parametrize("case", BAD_BATCHES.values(), ids=BAD_BATCHES)
def test_a_bad_batch_in_a_generator(case, refused):
    batch, error, *parts = case
    with refused(error, *parts):
        net().fit(stream(batch, good=0), verbose=0)
    model, finished = net(), []
    note = callbacks.LambdaCallback(
        on_train_batch_end=lambda *_: finished.append(model.get_weights())
    )
    with pytest.raises(error) as caught:
        model.fit(stream(batch), verbose=0, callbacks=[note])
    check_sentence(caught.value, *parts)
    assert finished
    assert all(map(np.array_equal, finished[-1], model.get_weights()))
    check_usable(model)


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_an_exception_in_a_generator_comes_out_as_it_is(method):
    model = net()
    trouble = OSError("the disk is gone")
    with pytest.raises(OSError, match="the disk is gone") as caught:
        getattr(model, method)(stream(trouble), verbose=0)
    assert caught.value is trouble
    check_usable(model)


def test_a_generator_that_runs_out():
    model = net()
    with pytest.warns(UserWarning, match="no batches for epoch 2, .* `steps_per_epoch`"):
        model.fit(stream(), epochs=3, verbose=0)
    assert model.history.epoch == [0]
    with pytest.warns(UserWarning, match="ended before 3 steps"):
        model.fit(stream(), epochs=2, steps_per_epoch=3, verbose=0)
    assert len(model.history.history["loss"]) == 2
    with pytest.raises(DataError, match="no batches"):
        model.fit(iter([]), verbose=0)
    check_usable(model)


# Arguments of fit

BAD_ARGUMENTS = {
    "batch-size-0": ({"batch_size": 0}, ArgumentError, "batch_size", "positive", "got 0"),
    "batch-size-float": ({"batch_size": 2.5}, ArgumentError, "whole number", "2.5"),
    "split-too-large": ({"validation_split": 1.5}, ArgumentError, "between 0 and 1", "1.5"),
    "split-negative": ({"validation_split": -0.1}, ArgumentError, "validation_split", "-0.1"),
    "split-all": ({"validation_split": 0.99}, ArgumentError, "0.99 of 12", "without any"),
    "verbose": ({"verbose": 3}, ArgumentError, "verbose must be 0, 1, 2 or 'auto'", "got 3"),
    "verbose-text": ({"verbose": "loud"}, ArgumentError, "verbose", "'loud'"),
    "epochs": ({"epochs": 2.5}, ArgumentError, "epochs", "2.5"),
    "epochs-negative": ({"epochs": -1}, ArgumentError, "epochs", "-1"),
    "steps": ({"steps_per_epoch": 0}, ArgumentError, "steps_per_epoch", "at least 1", "got 0"),
    "freq": (
        {"validation_data": (X, Y), "validation_freq": 0},
        ArgumentError,
        "validation_freq",
        "got 0",
    ),
    "validation": (
        {"validation_data": (X, Y, Y, Y)},
        ArgumentError,
        "validation_data is (x, y)",
        "tuple of 4",
    ),
    "validation-targets": ({"validation_data": (X,)}, DataError, "needs targets"),
    "weight-length": ({"sample_weight": np.ones(5)}, DataError, "sample_weight has 5"),
    "weight-shape": (
        {"sample_weight": np.ones((12, 3))},
        ShapeError,
        "sample_weight has shape",
        "one weight for each sample",
    ),
    "weight-nan": ({"sample_weight": np.full(12, np.nan)}, DataError, "sample_weight holds NaN"),
    "class-weight": ({"class_weight": [1, 2, 3]}, ArgumentError, "class_weight", "a dict"),
    "class-weight-text": ({"class_weight": {"cat": 2.0}}, ArgumentError, "class number", "cat"),
    "callback": ({"callbacks": ["early"]}, ArgumentError, "'early' is not a callback", "Callback`"),
    "callback-class": (
        {"callbacks": [callbacks.TerminateOnNaN]},
        ArgumentError,
        "You gave the class; write `TerminateOnNaN()`.",
    ),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
def test_bad_arguments(case, refused):
    settings, error, *parts = case
    model = net()
    before = model.get_weights()
    with refused(error, *parts):
        model.fit(X, Y, **({"batch_size": 4, "verbose": 0} | settings))
    assert all(map(np.array_equal, before, model.get_weights()))
    check_usable(model)


def test_arguments_that_a_generator_excludes(refused):
    for settings, *parts in (
        ({"y": Y}, "`y`", "generator"),
        ({"validation_split": 0.5}, "validation_split", "`validation_data`"),
    ):
        with refused(ArgumentError, *parts):
            net().fit(stream(), **settings, verbose=0)


def test_a_monitor_that_is_not_among_the_logs():
    model = net()
    with pytest.raises(ArgumentError) as caught:
        model.fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping("val_loss")])
    check_sentence(caught.value, "EarlyStopping", "'val_loss'", "loss", "validation data")
    check_usable(model)


# Names

UNKNOWN = {
    "loss": (lambda: net("mean_squared_eror"), "loss", "'mean_squared_error'"),
    "metric": (lambda: net(metrics=["sparse_categorical_acuracy"]), "metric", "accuracy'"),
    "metric-alias": (lambda: net(metrics=["acuracy"]), "metric", "'accuracy'"),
    "optimizer": (lambda: net().compile("adm"), "optimizer", "'adam'"),
    "activation": (lambda: layers.Dense(3, "rellu"), "activation", "'relu'"),
    "initializer": (
        lambda: layers.Dense(3, kernel_initializer="glorot_unifrom"),
        "initializer",
        "'glorot_uniform'",
    ),
    "regularizer": (lambda: layers.Dense(3, bias_regularizer="l22"), "regularizer", "'l2'"),
    "constraint": (lambda: layers.Dense(3, kernel_constraint="non_ngeg"), "constraint", "non_neg"),
    "layer": (lambda: net().get_layer("dens"), "layer", "'dense'"),
    "hook": (lambda: callbacks.LambdaCallback(on_epoch_ends=print), "hook", "'on_epoch_end'"),
}


@pytest.mark.parametrize("case", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_names(case, refused):
    make, kind, near = case
    with refused(UnknownNameError, f"There is no {kind} called", "Did you mean", near):
        make()


def test_names_with_nothing_near_show_the_choices(refused):
    with refused(UnknownNameError, "'zzz'", "The choices are", "'L1'"):
        layers.Dense(3, kernel_regularizer="zzz")


@pytest.mark.parametrize(
    "make", [lambda: net(3), lambda: net(metrics=[3]), lambda: layers.Dense(3, 3.5)]
)
def test_things_that_stand_for_nothing(make, refused):
    with refused(ArgumentError, "cannot be used as a", "give a name"):
        make()


def test_a_failed_compile_leaves_the_model_as_it_was():
    model = net()
    with pytest.raises(UnknownNameError):
        model.compile("adam", "no such loss")
    check_usable(model)


# Too early


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_training_before_compile(method, refused):
    model = Sequential([Input((4,)), layers.Dense(3, "softmax")])
    with refused(NotCompiledError, "model.compile(", f"`{method}`"):
        getattr(model, method)(X, Y)
    assert model.predict(X, verbose=0).shape == (12, 3)
    assert model.predict_on_batch(X).shape == (12, 3)
    model.compile("sgd", CROSS)
    check_usable(model)


def test_weights_before_a_shape_is_known(refused):
    model = Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", CROSS)
    for ask in (lambda: model.params, lambda: model.count_params(), lambda: model.summary()):
        with refused(NotBuiltError, "'sequential'", "kerasish.Input(shape=...)", "`fit`"):
            ask()
    assert model.fit(X, Y, verbose=0).epoch == [0]


# Shapes

SMALL = np.ones((2, 4, 4, 1), "float32")
BAD_SHAPES = {
    "rank-1": (lambda: layers.Dense(3), np.ones(3, "float32"), "'dense'", "at least 2", "(3,)"),
    "rank-3": (lambda: layers.Conv2D(3, 3), SMALL[0], "'conv2d'", "of 4 dimensions", "got 3"),
    "kernel": (lambda: layers.Conv2D(3, 5), SMALL, "(5, 5)", "(4, 4, 1)", "padding='same'"),
    "pool": (lambda: layers.MaxPooling2D(5), SMALL, "(5, 5)", "(4, 4, 1)", "padding='same'"),
    "average": (lambda: layers.AveragePooling2D(5), SMALL, "(5, 5)", "(4, 4, 1)"),
    "groups": (lambda: layers.Conv2D(4, 1, groups=2), SMALL, "2 groups", "axis 3"),
    "reshape": (lambda: layers.Reshape((3, 2)), SMALL, "'reshape'", "16 elements", "(3, 2)"),
    "reshape-rest": (lambda: layers.Reshape((3, -1)), SMALL, "16 elements", "(3, -1)"),
    "join": (
        lambda: layers.Concatenate(axis=1),
        [SMALL, SMALL[:, :, 1:]],
        "'concatenate'",
        "axis 1",
        "(2, 4, 4, 1), (2, 4, 3, 1)",
    ),
    "join-rank": (lambda: layers.Concatenate(), [SMALL, SMALL[0]], "agree in all other axes"),
    "add": (
        lambda: layers.Add(),
        [SMALL, SMALL[:, :, 1:]],
        "'add'",
        "(2, 4, 4, 1)",
        "(2, 4, 3, 1)",
    ),
    "axis": (lambda: layers.BatchNormalization(axis=5), SMALL, "no axis 5"),
}


@pytest.mark.parametrize("case", BAD_SHAPES.values(), ids=BAD_SHAPES)
def test_bad_shapes(case, refused):
    make, x, *parts = case
    with refused(ShapeError, *parts):
        make()(x)
    # The same is said where the layer is put into a graph, sizes of the batch unknown.
    x = [x] if not isinstance(x, list) else x
    if all(each.ndim > 1 for each in x):
        tensors = [Input(batch_shape=(None, *each.shape[1:])) for each in x]
        with refused(ShapeError, *(part.replace("(2, 4,", "(None, 4,") for part in parts)):
            make()(tensors if len(tensors) > 1 else tensors[0])


def test_a_shape_that_does_not_fit_names_the_layer():
    with pytest.raises(ShapeError) as caught:
        Sequential(
            [
                Input((6, 6, 1)),
                layers.MaxPooling2D(),
                layers.MaxPooling2D(),
                layers.MaxPooling2D(),
            ]
        )
    check_sentence(caught.value, "'max_pooling2d_2'", "(1, 1, 1)", "pool less")
    assert any("max_pooling2d_2" in note for note in caught.value.__notes__)


def test_a_layer_built_for_another_size(refused):
    layer = layers.Dense(3)
    layer(X)
    with refused(ShapeError, "'dense'", "size 4", "got 3"):
        layer(X[:, :3])
    assert layer(X).shape == (12, 3)


def test_sizes_that_must_be_known(refused):
    with refused(ShapeError, "'dense'", "a size is unknown", "Input(shape=...)"):
        Sequential([Input((None, 3)), layers.Flatten(), layers.Dense(2)])


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: layers.Dense(2.5), ["units", "2.5"]),
        (lambda: layers.Dense(-2), ["units", "-2"]),
        (lambda: layers.Conv2D(3, (3, 3, 3)), ["kernel_size", "2 of them", "(3, 3, 3)"]),
        (lambda: layers.Conv2D(3, 3, padding="full"), ["padding", "'valid' or 'same'", "'full'"]),
        (lambda: layers.MaxPooling2D(0), ["pool_size", "positive", "0"]),
        (lambda: layers.Dropout(1.5), ["rate from 0 to 1", "1.5"]),
        (lambda: layers.Reshape((-1, -1)), ["-1"]),
        (lambda: layers.Concatenate()(X), ["Concatenate", "a list of tensors"]),
        (lambda: layers.Dense(3, dtype="flaot32"), ["'flaot32'", "'float32'"]),
        (lambda: Input(3), ["shape=(3,)"]),
        (lambda: Input((-3,)), ["whole numbers and None", "-3"]),
        (lambda: optimizers.SGD(-0.1), ["learning_rate", "-0.1"]),
        (lambda: optimizers.SGD(clipnorm=1, clipvalue=1), ["Only one of", "clipvalue=1"]),
        (lambda: losses.MeanSquaredError(reduction="avg"), ["reduction", "'avg'"]),
        (lambda: callbacks.ModelCheckpoint("model.pkl"), ["'.keras'", "'model.pkl'"]),
        (lambda: callbacks.EarlyStopping(mode="most"), ["mode", "'most'"]),
    ],
)
def test_settings_that_cannot_be(make, parts, refused):
    with refused(ArgumentError, *parts):
        make()


# Graphs, inputs and outputs


def forked(kind: type = list) -> Model:
    """Return a model of two inputs and two outputs."""
    a, b = Input((4,), name="a"), Input((2,), name="b")
    joined = layers.Concatenate()([a, b])
    p, q = layers.Dense(1, name="p")(joined), layers.Dense(3, "softmax", name="q")(joined)
    model = Model([a, b], [p, q]) if kind is list else Model({"a": a, "b": b}, {"p": p, "q": q})
    model.compile("sgd", {"p": "mse", "q": CROSS})
    return model


P = X[:, :1]
GOOD = [X, X[:, :2]], [P, Y]
BAD_PARTS = {
    "one-input": (list, [X], [P, Y], ShapeError, "2 inputs", "got 1"),
    "one-array": (list, X, [P, Y], ShapeError, "2 inputs", "got 1"),
    "three-inputs": (list, [X, X, X], [P, Y], ShapeError, "2 inputs", "got 3"),
    "swapped": (list, [X[:, :2], X], [P, Y], ShapeError, "'a'", "(None, 4)", "(12, 2)"),
    "names": (list, {"a": X, "z": X}, [P, Y], ShapeError, "['a', 'b']", "['a', 'z']"),
    "keys": (dict, {"a": X, "c": X}, {"p": P, "q": Y}, ShapeError, "['a', 'b']", "['a', 'c']"),
    "list": (dict, [X, X], {"p": P, "q": Y}, ShapeError, "a dict", "['a', 'b']", "list"),
    "one-target": (list, GOOD[0], [P], ArgumentError, "`y` has 1", "2 outputs", "['p', 'q']"),
    "target-array": (list, GOOD[0], Y, DataError, "2 outputs", "list or a dict"),
    "three-targets": (list, GOOD[0], [P, Y, Y], ArgumentError, "`y` has 3", "['p', 'q']"),
    "target-keys": (list, GOOD[0], {"p": P, "r": Y}, ArgumentError, "['r']", "['p', 'q']"),
    "class": (list, GOOD[0], [P, Y + 1], DataError, "y['q']", "class 3"),
}


@pytest.mark.parametrize("case", BAD_PARTS.values(), ids=BAD_PARTS)
def test_bad_inputs_and_outputs(case, refused):
    kind, x, y, error, *parts = case
    model = forked(kind)
    with refused(error, *parts):
        model.fit(x, y, verbose=0)
    if kind is list:
        check_usable(model, *GOOD)


def test_bad_settings_of_several_outputs(refused):
    model = forked()
    with refused(DataError, "class_weight", "single output"):
        model.fit(*GOOD, class_weight={0: 2.0}, verbose=0)
    model.compile("sgd", {"p": "mse", "r": CROSS})
    with refused(ArgumentError, "`loss`", "['r']", "['p', 'q']"):
        model.fit(*GOOD, verbose=0)
    model.compile("sgd", ["mse", CROSS, CROSS])
    with refused(ArgumentError, "`loss` has 3", "2 outputs"):
        model.fit(*GOOD, verbose=0)
    model.compile("sgd", ["mse", CROSS])
    check_usable(model, *GOOD)


def test_graphs_that_do_not_hold_together(refused):
    x, y = Input((3,), name="x"), Input((3,), name="y")
    with refused(ArgumentError, "'y'", "not among the inputs"):
        Model(x, layers.Add()([x, y]))
    with refused(ArgumentError, "kerasish.Input", "ndarray"):
        Model(x, X)
    with refused(ArgumentError, "Model(inputs, outputs)"):
        Model(x)
    dense = layers.Dense(3)
    with refused(ArgumentError, "in this Sequential already"):
        Sequential([x, dense, dense])
    with refused(ArgumentError, "Two layers are called 'a'"):
        Sequential([x, layers.Dense(3, name="a"), layers.Dense(3, name="a")])
    with refused(ArgumentError, "takes layers", "'dense'"):
        Sequential([x, "dense"])
    with refused(ArgumentError, "no layer to take off"):
        Sequential().pop()


@pytest.mark.parametrize("function", [jnp.sin, jnp.sum, np.sin, np.asarray])
def test_functions_on_tensors_without_values(function, refused):
    with refused(ArgumentError, "shape=(None, 3)", "no values yet", "kerasish.ops", "Lambda"):
        function(Input((3,)))


def test_weights_that_do_not_fit(refused):
    model = net()
    before = model.get_weights()
    with refused(ShapeError, "2 weights", "3 arrays"):
        model.set_weights([*before, 1])
    with refused(ShapeError, "'dense/bias'", "(3,)", "(4,)"):
        model.set_weights([2 * before[0], np.ones(4)])
    with refused(ShapeError, "'dense/kernel'", "(4, 3)", "(3, 4)"):
        model.apply({"dense": {"kernel": X[:3], "bias": X[0, :3]}}, {}, X)
    with refused(ShapeError, "params", "missing ['dense']", "`model.params`"):
        model.apply({}, {}, X)
    assert all(map(np.array_equal, before, model.get_weights()))
    check_usable(model)


# Callbacks that fail

HOOKS = [
    *("train_begin", "epoch_begin", "train_batch_begin", "train_batch_end", "test_begin"),
    *("test_batch_begin", "test_batch_end", "test_end", "epoch_end", "train_end"),
]


class Fails(callbacks.Callback):
    """Remembers the weights after each step, and fails in a hook in the second epoch."""

    def __init__(self, hook: str, error: type[BaseException]) -> None:
        super().__init__()
        self.error, self.epoch, self.weights = error, 0, []
        wanted = 0 if hook == "train_begin" else 1
        inner = getattr(self, f"on_{hook}")

        def failing(*args: Any) -> None:
            inner(*args)
            if self.epoch == wanted:
                raise self.error(f"stopped in {hook}")

        setattr(self, f"on_{hook}", failing)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.weights.append(self.model.get_weights())


@pytest.fixture(scope="module")
def trained() -> Sequential:
    """One model for many accidents: it has to survive them all."""
    return net(metrics=["accuracy"])


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("hook", HOOKS)
def test_a_callback_that_fails(hook, error, trained):
    before, fails = trained.get_weights(), Fails(hook, error)
    with pytest.raises(error, match=f"stopped in {hook}"):
        trained.fit(
            X,
            Y,
            batch_size=4,
            epochs=2,
            validation_data=(X, Y),
            verbose=0,
            callbacks=[fails],
        )
    last = fails.weights[-1] if fails.weights else before
    assert all(map(np.array_equal, last, trained.get_weights()))
    finished = {"train_begin": [], "train_end": [0, 1]}.get(hook, [0])
    assert trained.history.epoch == finished
    assert len(trained.history.history.get("val_loss", [])) == len(finished)
    assert np.isfinite(trained.evaluate(X, Y, verbose=0)).all()
    check_usable(trained)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
@pytest.mark.parametrize("when", ["begin", "batch_begin", "batch_end", "end"])
def test_a_callback_that_fails_outside_training(method, when, trained):
    def fail(*_: Any) -> None:
        raise RuntimeError("no more")

    before = trained.get_weights()
    kind = "test" if method == "evaluate" else "predict"
    failing = callbacks.LambdaCallback(**{f"on_{kind}_{when}": fail})
    data = (X, Y) if method == "evaluate" else (X,)
    with pytest.raises(RuntimeError, match="no more"):
        getattr(trained, method)(*data, verbose=0, callbacks=[failing])
    assert all(map(np.array_equal, before, trained.get_weights()))
    check_usable(trained)


def test_files_that_cannot_be_written(tmp_path, compiled):
    (tmp_path / "file").write_text("in the way of a folder")
    model = net()
    with pytest.raises(OSError, match="file"):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.CSVLogger(tmp_path / "file" / "log.csv")])
    assert not steps(compiled)
    checkpoint = callbacks.ModelCheckpoint(tmp_path / "file" / "model.keras")
    with pytest.raises(OSError, match="file"):
        model.fit(X, Y, verbose=0, callbacks=[checkpoint])
    check_usable(model)


# Writes that would be lost


class Counts(Layer):
    """Counts its calls, inside a transformation."""

    def __init__(self, transform: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.transform = transform

    def build(self, input_shape: Any) -> None:
        self.count = self.add_weight((), "zeros", trainable=False, name="count")

    def call(self, x: Any) -> Any:
        def counted(x: Any) -> Any:
            self.count.assign(self.count + x.sum())
            return x

        return self.transform(counted)(x)


def scanned(function: Any) -> Any:
    return lambda x: jax.lax.scan(lambda _, row: (None, function(row)), None, x)[1]


@pytest.mark.parametrize(
    "transform",
    [
        jax.jit,
        jax.vmap,
        jax.checkpoint,
        scanned,
        lambda function: jax.grad(lambda x: function(x).sum()),
    ],
    ids=["jit", "vmap", "checkpoint", "scan", "grad"],
)
def test_state_that_a_transformation_would_lose(transform, refused):
    with refused(PurityError, "'count'", "jit, scan, vmap, grad or checkpoint", "assign it after"):
        Counts(transform)(X)
    with refused(PurityError, "'count'"):
        Sequential([Input((4,)), Counts(transform)])
    plain = Counts(lambda function: function)
    plain(X)
    plain.transform = transform
    before = plain.count.numpy()
    for training in (False, True):
        with refused(PurityError, "counts", "'count'"):
            plain.apply(plain.params, plain.state, X, training=training)
    assert plain.count.numpy() == before


def test_a_tracer_is_not_kept(refused):
    variable = kerasish.Variable(1.0, name="v")

    @jax.jit
    def leak(value):
        variable.assign(value)
        return value

    with refused(PurityError, "'v'", "leak", "y, state = model.apply(params, state, x)"):
        leak(2.0)
    assert float(variable) == 1.0


def test_parameters_are_not_assigned_in_call(refused):
    class Grows(Layer):
        def build(self, input_shape):
            self.scale = self.add_weight((), "ones", name="scale")

        def call(self, x):
            self.scale.assign(self.scale * 2)
            return x * self.scale

    layer = Grows()
    layer._kerasish_ensure_built(X)
    with refused(PurityError, "scale", "trainable=False", "state"):
        layer.apply(layer.params, layer.state, X)
    assert float(layer.scale) == 1.0


def test_random_layers_without_a_key(refused):
    model = Sequential([Input((4,)), layers.Dropout(0.5)])
    with refused(ArgumentError, "dropout", "rng=jax.random.key(0)"):
        model.apply(model.params, model.state, X, training=True)
    with refused(ArgumentError, "next_key()", "inside the `call`", "jax.random.key(seed)"):
        kerasish.random.next_key()
