"""Names of layers and models: unique where none was given, and changed by assigning."""

import numpy as np
import pytest

from kerasish import Input, Model, Sequential, layers, models, saving
from kerasish.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def graph(width=2, **kwargs):
    inputs = Input((4,))
    return Model(inputs, layers.Dense(width)(inputs), **kwargs)


def names(model):
    return [layer.name for layer in model.layers]


def same_after_a_file(model, folder, x=X):
    path = folder / "model.keras"
    model.save(path)
    again = saving.load_model(path)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert names(again) == names(model)
    return again


def test_unnamed_models_stand_beside_each_other(tmp_path):
    first, second = graph(4), graph()
    stacked = Sequential([first, second])
    assert names(stacked) == ["functional", "functional_1"]
    inputs = Input((4,))
    joined = Model(inputs, graph(3)(graph(4)(inputs)))
    assert names(joined) == ["input_layer", "functional", "functional_1"]
    again = same_after_a_file(joined, tmp_path)
    # A name that was read from a file is not one that was given.
    both = Sequential([graph(4), again])
    assert names(both) == ["functional", "functional_1"]
    twice = Sequential([saving.load_model(tmp_path / "model.keras").layers[1], joined.layers[1]])
    assert len(set(names(twice))) == 2


def test_layers_of_two_models_meet_in_a_third(tmp_path):
    one = Sequential([Input((4,)), layers.Dense(4)])
    other = Sequential([Input((4,)), layers.Dense(4), layers.Dense(4)])
    inputs = Input((4,))
    x = other.layers[1](other.layers[0](one.layers[0](inputs)))
    both = Model(inputs, x)
    assert len(set(names(both))) == 4
    same_after_a_file(both, tmp_path)
    # The layers are the same ones, and their names are unique in the first models, too.
    assert len(set(names(other))) == 2
    same_after_a_file(other, tmp_path)


def test_a_name_that_was_given_is_kept_and_one_that_was_not_makes_way():
    model = Sequential([Input((4,)), layers.Dense(4), layers.Dense(4, name="dense")])
    assert names(model) == ["dense_1", "dense"]
    assert set(model.params) == {"dense_1", "dense"}
    with pytest.raises(ArgumentError, match="Two layers are called 'a'"):
        Sequential([layers.Dense(1, name="a"), layers.Dense(1, name="a")])


def test_clones_and_copies_by_config_make_way():
    model = graph(4)
    named = layers.Dense(4, name="head")
    inputs = Input((4,))
    x = models.clone_model(model)(model(inputs))
    both = Model(inputs, layers.Dense.from_config(named.get_config())(named(x)))
    assert len(set(names(both))) == 5 and "head" in names(both) and "head_1" in names(both)


@pytest.mark.parametrize("name", ["a/b", "", 3])
def test_what_cannot_be_a_name_is_refused(name):
    with pytest.raises(ArgumentError, match="name of a layer"):
        layers.Dense(1, name=name)
    layer = layers.Dense(1)
    with pytest.raises(ArgumentError, match="name of a layer"):
        layer.name = name


def two_outputs():
    inputs = Input((4,))
    hidden = layers.Dense(3, activation="tanh")(inputs)
    inner = Sequential([Input((3,)), layers.Dense(2)])
    return Model(inputs, [inner(hidden), layers.Dense(2)(hidden)])


def test_renaming_reaches_paths_files_logs_and_the_state_in_training(tmp_path):
    model, twin = two_outputs(), two_outputs()
    twin.set_weights(model.get_weights())
    y = [X[:, :2], X[:, 2:]]
    for each in (model, twin):
        each.compile("adam", ["mse", "mse"], metrics=[["mae"], ["mae"]])
        each.fit(X, y, verbose=0, shuffle=False)
    _, hidden, inner, head = model.layers
    model.name, hidden.name, inner.name, head.name = "whole", "body", "first", "second"
    inner.layers[0].name = "core"
    assert model.get_layer("body") is hidden and inner.layers[0].path == "whole/first/core"
    assert [v.path for v in inner.weights] == [
        ("first", "core", "kernel"),
        ("first", "core", "bias"),
    ]
    assert set(model.params) == {"body", "first", "second"}
    assert model.output_names == ["first", "second"]
    logs = model.fit(X, y, verbose=0, shuffle=False, epochs=2).history
    assert {"first_loss", "second_mae"} <= set(logs)
    # The moments of the optimizer have moved with the weights.
    twin.fit(X, y, verbose=0, shuffle=False, epochs=2)
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert "body_kernel_momentum" in [v.name for v in model.optimizer.variables]
    model.save(tmp_path / "m.keras")
    again = saving.load_model(tmp_path / "m.keras")
    assert again.name == "whole" and names(again) == names(model)
    np.testing.assert_array_equal(again.predict(X)[1], model.predict(X, verbose=0)[1])
    head.name = "first"
    with pytest.raises(ArgumentError, match="Two layers are called 'first'"):
        model.get_config()


def test_the_tensor_of_an_input_is_renamed_with_its_layer():
    inputs = {"left": Input((4,)), "right": Input((4,))}
    both = Model(list(inputs.values()), layers.Add()(list(inputs.values())))
    assert [tensor.name for tensor in both.inputs] == ["input_layer", "input_layer_1"]
    both.layers[0].name = "left"
    assert both.predict({"left": X, "input_layer_1": X}, verbose=0).shape == (6, 4)
