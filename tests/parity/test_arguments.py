"""Arguments that Keras takes, or took: what has a meaning works, the rest is explained."""

from __future__ import annotations

import warnings

import catalogue
import numpy as np
import pytest

from kerasish.errors import ArgumentError, NonFiniteLossError, ShapeError, UnknownNameError

from .tools.oracle import close, draw, keras, kerasish

layers, optimizers = kerasish.layers, kerasish.optimizers


def test_first_layers_say_their_input():
    """As in Keras, but without a warning."""
    for code in (
        lambda k: [k.layers.Dense(3, input_shape=(4,)), k.layers.Dense(2)],
        lambda k: [k.layers.Dense(3, input_dim=4)],
        lambda k: [k.layers.Conv1D(3, 2, input_shape=(None, 4)), k.layers.LSTM(2)],
        lambda k: [k.layers.Embedding(9, 2, input_shape=(5,)), k.layers.Flatten()],
        lambda k: [k.layers.Rescaling(2.0, input_shape=(4,)), k.layers.Dense(1, input_dim=7)],
        lambda k: [k.layers.Dropout(0.1, input_shape=[4])],
        lambda k: [k.layers.InputLayer(input_shape=(4,)), k.layers.Dense(1)],
        lambda k: [k.layers.InputLayer(batch_input_shape=(2, 4)), k.layers.Dense(1)],
    ):
        ours = kerasish.Sequential(code(kerasish))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = keras.Sequential(code(keras))
        assert ours.built
        assert ours.input_shape == theirs.input_shape
        assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]


def test_first_layers_of_keras_2():
    ours = kerasish.Sequential([layers.Dense(3, batch_input_shape=(2, 4))])
    assert ours.input_shape == (2, 4)
    assert kerasish.Sequential([layers.ReLU(batch_shape=(None, 4))]).input_shape == (None, 4)
    assert kerasish.Sequential([layers.Dense(1, input_dim=4, batch_size=3)]).input_shape == (3, 4)
    words = kerasish.Sequential([layers.Embedding(2**25, 1, input_length=4)])
    assert words.input_shape == (None, 4) and words.inputs[0].dtype == "int32"
    model = kerasish.Sequential()
    model.add(layers.Dense(3, input_shape=(4,)))
    assert model.output_shape == (None, 3)
    assert "input_shape" not in model.layers[0].get_config()


def test_every_layer_takes_an_input_shape():
    for case in catalogue.LAYERS:
        if case.thing.__name__ not in ("InputLayer", "Bidirectional"):
            assert case.make(input_shape=(4,))._kerasish_first_input == (None, 4), case


@pytest.mark.parametrize(
    "arguments",
    [
        {"input_shape": 4},
        {"input_shape": (4.5,)},
        {"input_shape": "four"},
        {"batch_input_shape": (None, -1)},
        {"input_shape": (4,), "input_dim": 4},
    ],
)
def test_shapes_that_cannot_be(arguments):
    with pytest.raises(ArgumentError, match="input"):
        layers.Dense(2, **arguments)


def test_weights_of_constructors():
    kernel, bias = draw((4, 3)), draw((3,))
    x = draw((2, 4))
    model = kerasish.Sequential([layers.Dense(3, weights=[kernel, bias], input_shape=(4,))])
    close(model(x), x @ kernel + bias)
    pattern = layers.Bidirectional(layers.GRU(2))
    pattern(draw((1, 3, 4)))
    values = [draw(w.shape, seed=i) for i, w in enumerate(pattern.get_weights())]
    copy = layers.Bidirectional(layers.GRU(2), weights=values)
    copy(draw((1, 3, 4)))
    close(copy.get_weights(), values)
    assert "weights" not in copy.get_config()
    with pytest.raises(ShapeError, match=r"\(4, 3\).*\(4, 2\)"):
        kerasish.Sequential([layers.Dense(3, weights=[kernel[:, :2], bias], input_dim=4)])


def test_old_names_with_a_meaning():
    assert layers.LeakyReLU(alpha=0.2).negative_slope == 0.2
    slower = optimizers.SGD(0.5, decay=1.0)
    weight = kerasish.Variable([8.0])
    for _ in range(2):
        slower.apply([[1.0]], [weight])
    close(np.asarray(weight), np.float32([8 - 0.5 - 0.25]))
    assert kerasish.callbacks.ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5
    x = draw((3, 5))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = keras.layers.LayerNormalization(rms_scaling=True)
        expected = np.asarray(theirs(x))
    ours = layers.LayerNormalization(rms_scaling=True)
    close(np.asarray(ours(x)), expected)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]


MODEL = kerasish.Sequential([kerasish.Input((2,)), layers.Dense(1)])
MODEL.compile("sgd", "mse")
X = np.ones((4, 2), "float32")

OLD = [
    (lambda: MODEL.fit(X, X[:, :1], workers=4), "`fit` called 'workers'. Leave it out"),
    (lambda: MODEL.fit(X, X[:, :1], nb_epoch=4), "It is called 'epochs'"),
    (lambda: MODEL.fit(X, X[:, :1], epoch=4), "It is called 'epochs'"),
    (lambda: MODEL.fit(X, X[:, :1], epocs=4), "Did you mean 'epochs'"),
    (lambda: MODEL.predict(X, use_multiprocessing=True), "`predict` called 'use_multi"),
    (lambda: MODEL.evaluate(X, X[:, :1], max_queue_size=3), "read ahead"),
    (lambda: MODEL.compile("sgd", "mse", sample_weight_mode="temporal"), "weigh steps"),
    (lambda: optimizers.Adam(lr=0.1), "It is called 'learning_rate'"),
    (lambda: optimizers.SGD(0.1, momentun=0.9), "Did you mean 'momentum'"),
    (lambda: layers.Dense(2, init="zeros"), "It is called 'kernel_initializer'"),
    (lambda: layers.Conv2D(2, 3, border_mode="same"), "It is called 'padding'"),
    (lambda: layers.LSTM(2, time_major=True), "(batch, steps, features)"),
    (lambda: layers.Dropout(rate=0.5, noise=1), "Did you mean 'noise_shape'"),
]


@pytest.mark.parametrize(("call", "said"), OLD)
def test_old_names_are_explained(call, said):
    with pytest.raises(UnknownNameError) as error:
        call()
    assert said in str(error.value)
    assert str(error.value).count("\n") == 0


def test_old_methods_are_explained():
    for name, said in {
        "fit_generator": "`fit` takes generators",
        "predict_classes": "argmax",
        "to_yaml": "to_json",
    }.items():
        assert not hasattr(MODEL, name)
        with pytest.raises(AttributeError, match="no attribute") as error:
            getattr(MODEL, name)
        assert said in str(error.value)
    with pytest.raises(AttributeError, match=r"object has no attribute 'fitt'$"):
        MODEL.fitt  # noqa: B018

    class Faulty(kerasish.Model):
        @property
        def size(self):
            return self.not_there

    with pytest.raises(AttributeError, match="'not_there'"):
        Faulty().size  # noqa: B018


def test_inputs():
    ours = kerasish.Input((3,), sparse=True, optional=True, name="a")
    theirs = keras.Input((3,), sparse=True, optional=True, name="a")
    assert ours.sparse and ours.node.layer.get_config() == kerasish.layers.InputLayer.from_config(
        theirs._keras_history.operation.get_config()
    ).get_config() | {"batch_shape": [None, 3]}
    with pytest.raises(ArgumentError, match="pad the sequences"):
        kerasish.Input((3,), ragged=True)
    x = kerasish.Input((3,))
    hidden = layers.Dense(2)(x)
    start = kerasish.Input(tensor=hidden, name="start")
    model = kerasish.Model(start, layers.Dense(1)(hidden))
    assert model.input_shape == (None, 2) and model.layers[0].name == "start"
    with pytest.raises(ArgumentError, match="takes a tensor of a graph"):
        kerasish.Input(tensor=np.ones((2, 3)))
    with pytest.raises(ArgumentError, match="leave `shape"):
        kerasish.Input((4,), tensor=hidden)


class Sum(layers.Layer):
    def call(self, a, b=None):
        return a if b is None else a + b


def test_optional_inputs():
    a, b = kerasish.Input((3,), name="a"), kerasish.Input((3,), name="b", optional=True)
    model = kerasish.Model({"a": a, "b": b}, Sum()(a, b))
    x = draw((2, 3))
    close(model({"a": x, "b": x}), 2 * x)
    close(model({"a": x, "b": None}), x)
    several = kerasish.Model([a, b], Sum()(a, b))
    close(several([x, None]), x)
    with pytest.raises(ShapeError, match="'a'"):
        several([None, x])
    close(several.predict([x, None], verbose=0), x)
    close(model.predict({"a": x, "b": None}, verbose=0), x)
    several.compile("sgd", "mse")
    history = several.fit([x, None], x, batch_size=2, verbose=0)
    assert history.history["loss"] == [0]
    assert several.evaluate([x, None], x, verbose=0) == 0


def test_input_specs():
    for settings, fits in (
        ({"dtype": "int32"}, False),
        ({"dtype": "float32"}, True),
        ({"shape": (None, 3)}, True),
        ({"shape": (None, 4)}, False),
        ({"shape": (None, 3, 1)}, False),
        ({"shape": (None, 3, 1), "allow_last_axis_squeeze": True}, True),
        ({"max_ndim": 1}, False),
        ({"max_ndim": 2, "name": "x", "optional": True}, True),
        ({"ndim": 4, "shape": (None, 3)}, True),
    ):
        for k in (kerasish, keras):

            class Checked(k.layers.Layer):
                def __init__(self, spec):
                    super().__init__()
                    self.input_spec = spec

                def call(self, x):
                    return x

            spec = k.layers.InputSpec(**settings)
            layer = Checked(spec)
            if fits:
                layer(np.ones((2, 3), "float32"))
            else:
                with pytest.raises(ValueError):
                    layer(np.ones((2, 3), "float32"))
        ours = kerasish.InputSpec(**settings).get_config()
        assert ours == keras.InputSpec(**settings).get_config()
        assert kerasish.InputSpec.from_config(ours).get_config() == ours


def test_several_input_specs():
    layer = Sum()
    specs = {"a": kerasish.InputSpec(ndim=2), "b": kerasish.InputSpec(ndim=2, optional=True)}
    join = layers.Lambda(lambda x: x["a"])
    join.input_spec = specs
    assert join({"a": np.ones((1, 2))}).shape == (1, 2)
    with pytest.raises(ShapeError, match="2 dimensions"):
        join({"a": np.ones(2)})
    layer.input_spec = [kerasish.InputSpec(ndim=2)] * 2
    with pytest.raises(ShapeError, match="takes 2 inputs; it got 1"):
        layer(np.ones((1, 2)))


def test_tensors_and_variables():
    tensor = kerasish.KerasTensor((None, 3), dtype="int32", sparse=True, name="t")
    assert (tensor.shape, tensor.dtype, tensor.name) == ((None, 3), "int32", "t")
    with pytest.raises(ArgumentError, match="pad"):
        kerasish.KerasTensor((None, 3), ragged=True)
    assert (kerasish.KerasTensor((None, 3)).reshape(newshape=(3, 1))).shape == (3, 1)
    variable = kerasish.Variable("ones", shape=(2, 3), layout=None)
    close(np.asarray(variable), np.ones((2, 3), "float32"))
    assert variable.name == "variable"
    uniform = np.asarray(kerasish.Variable("uniform", (50,)))
    assert uniform.std() > 0 and abs(uniform).max() <= 0.05
    with pytest.raises(UnknownNameError, match="initializer called 'unifrom'"):
        kerasish.Variable("unifrom", shape=(2,))
    with pytest.raises(ArgumentError, match="sharded"):
        kerasish.Variable([1.0], layout=("batch",))


def test_raise_error_at_nan():
    model = kerasish.Sequential([kerasish.Input((2,)), layers.Dense(1, name="d")])
    model.compile("sgd", "mse")
    stop = kerasish.callbacks.TerminateOnNaN(raise_error=True)
    model.optimizer.learning_rate = 1e30
    with pytest.raises(NonFiniteLossError, match=r"the loss is (inf|nan)"):
        model.fit(X, X[:, :1], epochs=9, verbose=0, callbacks=[stop])


def test_shapes_by_names():
    attention = layers.MultiHeadAttention(2, 2)
    shapes = {"value_shape": (None, 4, 6), "query_shape": (None, 3, 6)}
    assert attention.compute_output_shape(**shapes) == (None, 3, 6)
    assert layers.LSTM(2).compute_output_shape(sequences_shape=(None, 3, 4)) == (None, 2)
    reversed_shape = layers.ReversibleEmbedding(5, 2).compute_output_shape((None, 2), reverse=True)
    assert reversed_shape == (None, 5)
    assert layers.Add().compute_output_shape(input_shape=[(None, 3), (None, 3)]) == (None, 3)
    with pytest.raises(ArgumentError, match="name='w'"):
        Sum().add_weight("w", (2, 2))


def test_custom_objects_of_from_config():
    def doubled(x):
        return 2 * x

    config = layers.Dense(2, activation="relu").get_config() | {
        "activation": {"class_name": "function", "config": "doubled", "module": "builtins"}
    }
    with pytest.raises(ValueError, match="doubled"):
        layers.Dense.from_config(config)
    assert layers.Dense.from_config(config, {"doubled": doubled}).activation is doubled

    @kerasish.saving.register_keras_serializable("arguments")
    class Rate(optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5

        def get_config(self):
            return {}

    config = optimizers.SGD(Rate()).get_config()
    made = optimizers.SGD.from_config(config, custom_objects={"Rate": Rate})
    assert float(made.learning_rate) == 0.5
