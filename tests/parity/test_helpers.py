"""`utils`, and `serialize`, `deserialize` and `get` of every family, give Keras's results."""

from __future__ import annotations

import json

import numpy as np
import pytest

from kerasish.errors import UnknownNameError, UnsafeModelError

from .tools.oracle import close, keras, kerasish, make, said

CALLS = [
    "to_categorical([[0], [2]])",
    "to_categorical([[0, 1], [2, 1]], 4)",
    "to_categorical(np.array([-1, 1]), 3)",
    "normalize(np.arange(6.0).reshape(2, 3))",
    "normalize(np.zeros((2, 2), 'float32'))",
    "normalize(np.array([[3.0, 4.0]]), order=1)",
    "normalize(np.ones((2, 3)), axis=1, order=np.inf)",
    "pad_sequences([[1], [2, 3], [4, 5, 6]])",
    "pad_sequences([[1], [2, 3], [4, 5, 6]], 2)",
    "pad_sequences([[1], [2, 3], [4, 5, 6]], 2, 'float32', 'post', 'post', 9)",
    "pad_sequences([[[1, 2]], [[3, 4], [5, 6]]])",
    "pad_sequences([[], [1]])",
    "pad_sequences([['a'], ['b', 'c']], dtype=object, value='x')",
    "pad_sequences(np.ones((2, 3)), 4)",
    "unpack_x_y_sample_weight([1, 2])",
    "unpack_x_y_sample_weight((1, 2, 3))",
    "unpack_x_y_sample_weight({'a': 1})",
    "pack_x_y_sample_weight([1], None, 3)",
    "pack_x_y_sample_weight({'a': 1}, 2, 3)",
    *(
        f"standardize_dtype({dtype})"
        for dtype in ("None", "'int'", "int", "float", "bool", "str", "np.float16", "'float32'")
    ),
    "img_to_array(k.utils.array_to_img(np.arange(60.0).reshape(4, 5, 3)))",
    "img_to_array(k.utils.array_to_img(np.arange(60.0).reshape(3, 4, 5), 'channels_first'))",
    "img_to_array(k.utils.array_to_img(np.full((2, 2, 1), 700.0), scale=False), dtype='int32')",
    "img_to_array(np.ones((2, 3)), 'channels_first', 'uint8')",
]


@pytest.mark.parametrize("call", CALLS)
def test_helpers(call):
    ours, theirs = (make(library, f"k.utils.{call}") for library in (kerasish, keras))
    np.testing.assert_equal(ours, theirs)
    assert type(ours) is type(theirs)


def test_every_name_of_keras_is_there():
    # Modules of old names, and what draws a model or needs layers.
    elsewhere = {"bounding_boxes", "legacy", "FeatureSpace", "KerasFileEditor"}
    elsewhere |= {"get_source_inputs", "model_to_dot", "plot_model"}
    for module in ("activations", "config", "constraints", "initializers", "regularizers"):
        check_names(module, set())
    check_names("saving", elsewhere)
    check_names("utils", elsewhere)


def check_names(module, elsewhere):
    theirs = {name for name in dir(getattr(keras, module)) if name[0] != "_"}
    assert theirs - elsewhere <= set(getattr(kerasish, module).__all__)


# Descriptions

THINGS = [
    "activations.relu",
    "activations.hard_swish",
    "initializers.HeNormal(3)",
    "initializers.Constant(np.ones((2, 2)))",
    "regularizers.OrthogonalRegularizer(0.5)",
    "constraints.MaxNorm(3)",
    "losses.MeanSquaredError(reduction='sum')",
    "losses.mean_squared_error",
    "metrics.MeanSquaredError()",
    "optimizers.Adam(0.5)",
    "optimizers.schedules.CosineDecay(0.1, 10)",
    "layers.Dense(3, 'relu', kernel_regularizer='l2', name='d')",
]


def described(code):
    """Return what the `serialize` of either library's module says of a thing, and the modules."""
    module = code.split("(")[0].rpartition(".")[0]
    modules = [make(library, f"k.{module}") for library in (kerasish, keras)]
    things = [make(library, f"k.{code}") for library in (kerasish, keras)]
    told = [each.serialize(thing) for each, thing in zip(modules, things, strict=True)]
    return told, modules, things


def without(description, keys):
    """Return a description without some keys of the config."""
    if isinstance(description, dict) and isinstance(description["config"], dict):
        config = {k: v for k, v in description["config"].items() if k not in keys}
        return description | {"config": config}
    return description


@pytest.mark.parametrize("code", THINGS)
def test_serialize_and_deserialize(code):
    keras.backend.clear_session()  # names begin anew
    (mine, other), (ours, theirs), things = described(code)
    # One that is None is not written by one of the two.
    foreign = (*getattr(things[0], "foreign_config", ()), "activity_regularizer")
    assert without(said(mine), foreign) == without(said(other), foreign)
    for config in (mine, json.loads(json.dumps(other))):
        again = ours.deserialize(config)
        assert ours.serialize(again) == mine
    assert type(theirs.deserialize(mine)) is type(things[1])
    full = kerasish.saving.serialize_keras_object(things[0])
    assert without(said(full), foreign) == without(
        said(keras.saving.serialize_keras_object(things[1])), foreign
    )
    assert type(kerasish.saving.deserialize_keras_object(full)) is type(things[0])


def test_short_descriptions_mean_the_family():
    short = {
        "regularizers": {"class_name": "l2", "config": {"l2": 0.5}},
        "constraints": {"class_name": "MaxNorm", "config": {"max_value": 3}},
        "initializers": {"class_name": "zeros", "config": {}},
        "optimizers": {"class_name": "adam", "config": {"learning_rate": 0.5}},
        "metrics": {"class_name": "MeanSquaredError", "config": {}},
    }
    for module, config in short.items():
        ours, theirs = (getattr(library, module) for library in (kerasish, keras))
        assert type(ours.deserialize(config)).__name__ == type(theirs.deserialize(config)).__name__
        assert ours.deserialize(None) is None and ours.get(None) is None if module[0] != "o" else 1
    with pytest.raises(UnknownNameError, match="rellu"):
        kerasish.activations.deserialize("rellu")
    with pytest.raises(UnsafeModelError, match="not on the list"):
        kerasish.losses.deserialize({"class_name": "system", "config": {}, "module": "os"})


VALUES = {
    "an array": np.arange(4.0).reshape(2, 2),
    "a tensor": kerasish.layers.Dense(1, kernel_initializer="ones")(np.ones((2, 1), "float32")),
    "bytes": b"ab",
    "a slice": slice(1, None, 2),
    "dots": ...,
    "structures": {"a": [1, None, {"b": "x"}]},
    "numbers": np.float32(2.0),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_values(value):
    told = kerasish.saving.serialize_keras_object(value)
    assert told == keras.saving.serialize_keras_object(value)
    again = kerasish.saving.deserialize_keras_object(json.loads(json.dumps(told)))
    theirs = keras.saving.deserialize_keras_object(told)
    assert type(again) is type(theirs)
    if hasattr(again, "dtype"):
        close(again, theirs)
    else:
        assert again == theirs


def test_custom_objects():
    for library in (kerasish, keras):
        saving = library.saving

        @saving.register_keras_serializable("tests_of_helpers")
        class Own:
            def get_config(self):
                return {}

            @classmethod
            def from_config(cls, config):
                return cls()

        def twice(x):
            return 2 * x

        assert saving.get_registered_name(Own) == "tests_of_helpers>Own"
        assert saving.get_registered_object("tests_of_helpers>Own") is Own
        assert saving.get_registered_name(twice) == "twice"
        assert saving.get_registered_object("twice") is None
        assert saving.get_registered_object("t", {"t": 1}) == 1
        assert saving.get_registered_object("t", None, {"t": 2}) == 2
        assert library.activations.deserialize("twice", {"twice": twice}) is twice
        told = library.activations.serialize(twice)
        assert told["config"] == "twice" and told["registered_name"] == "function"
        with saving.CustomObjectScope({"twice": twice}):
            assert library.activations.deserialize(told) is twice
            assert library is keras or kerasish.activations.get("twice") is twice
            with saving.custom_object_scope({"more": twice}):
                assert library is keras or saving.get_registered_object("twice") is twice
            assert saving.get_registered_object("more") is None
        assert saving.get_registered_object("twice") is None
        told = saving.serialize_keras_object(Own())
        assert told["registered_name"] == "tests_of_helpers>Own"
        assert type(saving.deserialize_keras_object(told)) is Own


def test_unsafe_files_are_refused_unless_told_otherwise(monkeypatch):
    from kerasish.core.serialization import config as description

    monkeypatch.setattr(description, "_everything_trusted", False)
    with pytest.warns(UserWarning, match="lambda"):
        told = kerasish.saving.serialize_keras_object(lambda x: 3 * x)
    read = kerasish.saving.deserialize_keras_object
    with pytest.raises(UnsafeModelError):
        read(told)
    assert read(told, safe_mode=False)(2) == 6
    with description.trusting(True), pytest.raises(UnsafeModelError):
        read(told, safe_mode=False)  # what `load_model` was told counts
    kerasish.config.enable_unsafe_deserialization()
    assert read(told)(2) == 6
    damaged = {"class_name": "__numpy__", "config": {"value": [1], "dtype": "O"}}
    with pytest.raises(kerasish.errors.FileFormatError, match="damaged"):
        read(damaged)
