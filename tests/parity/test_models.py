"""Models: layers and weights in Keras's order, equal outputs, configs that either reads."""

from __future__ import annotations

import json
import random
import warnings

import numpy as np
import pytest

from .tools.oracle import close, draw, keras, kerasish

LIBRARIES = (kerasish, keras)
SEEDS = range(30)


def dag(k, seed):
    """Return a random graph: shared layers, sums, models in it, several inputs and outputs."""
    rng = random.Random(seed)
    inputs = [k.Input((4,), name=f"in{i}") for i in range(rng.randint(1, 3))]
    shared = [k.layers.Dense(4, name=f"shared{i}") for i in range(2)]
    # A tensor and the inputs that it comes from.
    pool = [(tensor, {i}) for i, tensor in enumerate(inputs)]
    for i in range(rng.randint(3, 9)):
        kind = rng.choice(["dense", "dense", "shared", "add", "norm", "join", "nested", "graph"])
        tensors, origins = zip(*(rng.choice(pool) for _ in range(rng.randint(2, 3))), strict=True)
        origin, x = origins[0], tensors[0]
        if kind == "dense":
            y = k.layers.Dense(4, name=f"dense{i}", use_bias=rng.random() < 0.7)(x)
        elif kind == "shared":
            y = rng.choice(shared)(x)
        elif kind == "norm":
            y = k.layers.BatchNormalization(name=f"norm{i}")(x)
        elif kind == "nested":
            stack = [k.layers.Dense(3, "tanh", name="first"), k.layers.Dense(4, name="second")]
            y = k.Sequential(stack, name=f"stack{i}")(x)
        elif kind == "graph":
            start = k.Input((4,), name="start")
            end = k.layers.Add(name="sum")([start, k.layers.Dense(4, name="inner")(start)])
            y = k.Model(start, end, name=f"graph{i}")(x)
        else:
            origin = set().union(*origins)
            y = (
                k.layers.Add(name=f"add{i}")(list(tensors))
                if kind == "add"
                else k.layers.Dense(4, name=f"back{i}")(
                    k.layers.Concatenate(name=f"join{i}")(list(tensors))
                )
            )
        pool.append((y, origin))
    ends = rng.sample(pool[len(inputs) :], rng.randint(1, 2))
    used = set().union(*(origin for _, origin in ends))
    return k.Model([inputs[i] for i in sorted(used)], [tensor for tensor, _ in ends])


def owners(library, model):
    """Return for each weight its layer and its name; Keras does not always tell more."""
    found = [v.path.split("/") if library is keras else v.path for v in model.weights]
    return [tuple(path[-2:]) for path in found]


def through_json(config):
    return json.loads(json.dumps(config))


def filled(model):
    """Give a model random weights."""
    values = [draw(w.shape, seed=i) for i, w in enumerate(model.get_weights())]
    names = [v.name for v in model.weights]
    pairs = zip(names, values, strict=True)
    model.set_weights([abs(v) + 0.1 if "var" in name else v for name, v in pairs])
    return model


def outputs_of(model, xs):
    with warnings.catch_warnings():
        # Keras remarks on a list of one where one was said, and on the other way round.
        warnings.simplefilter("ignore")
        found = model(xs)
    return found if isinstance(found, (list, tuple)) else [found]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_graph(seed):
    ours, theirs = (dag(k, seed) for k in LIBRARIES)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert owners(kerasish, ours) == owners(keras, theirs)
    assert ours.output_names == theirs.output_names
    assert [t.shape for t in ours.inputs] == [t.shape for t in theirs.inputs]
    assert [t.shape for t in ours.outputs] == [t.shape for t in theirs.outputs]
    assert ours.count_params() == theirs.count_params()
    xs = [draw((3, 4), seed=i) for i in range(len(ours.inputs))]
    expected = outputs_of(filled(theirs), xs)
    close(outputs_of(filled(ours), xs), expected)
    # Each library makes the same model of the other's config.
    for library, config in ((kerasish, theirs.get_config()), (keras, ours.get_config())):
        again = library.Model.from_config(through_json(config))
        assert owners(library, again) == owners(kerasish, ours)
        again.set_weights(ours.get_weights())
        close(outputs_of(again, xs), expected)


def test_an_input_that_nothing_needs():
    found = []
    for k in LIBRARIES:
        a, b = k.Input((2,), name="a"), k.Input((2,), name="b")
        model = k.Model([a, b], k.layers.Dense(1, name="d")(a))
        found.append([layer.name for layer in model.layers])
        model.get_config()
    assert found[0] == found[1]


def test_a_model_at_the_end_of_another():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    inner = keras.Model(b, keras.layers.Dense(2)(b), name="inner")
    theirs = keras.Model(a, inner(a))
    ours = kerasish.Model.from_config(through_json(theirs.get_config()))
    ours.set_weights(theirs.get_weights())
    close(ours(draw((3, 4))), theirs(draw((3, 4))))


STACKS = {
    "plain": lambda k: [k.Input((4,)), k.layers.Dense(3, "relu"), k.layers.Dense(2)],
    "convolutions": lambda k: [
        k.Input((6, 6, 1)),
        k.layers.Conv2D(2, 3, padding="same"),
        k.layers.BatchNormalization(),
        k.layers.ReLU(),
        k.layers.MaxPooling2D(),
        k.layers.Flatten(),
        k.layers.Dropout(0.5),
        k.layers.Dense(2, "softmax"),
    ],
    "embedding": lambda k: [
        k.Input((5,), dtype="int32"),
        k.layers.Embedding(7, 3, mask_zero=True),
        k.layers.LayerNormalization(),
        k.layers.Dense(2),
    ],
    "nested": lambda k: [
        k.Input((4,)),
        k.Sequential([k.layers.Dense(3), k.layers.BatchNormalization()]),
        k.layers.Dense(2),
    ],
}


@pytest.mark.parametrize("name", STACKS)
def test_a_stack(name):
    ours, theirs = (k.Sequential(STACKS[name](k)) for k in LIBRARIES)
    assert [type(layer).__name__ for layer in ours.layers] == [
        type(layer).__name__ for layer in theirs.layers
    ]
    assert [v.name for v in ours.weights] == [v.name for v in theirs.weights]
    assert ours.input_shape == theirs.input_shape
    assert ours.compute_output_shape((8, *ours.input_shape[1:])) == theirs.compute_output_shape(
        (8, *theirs.input_shape[1:])
    )
    integers = name == "embedding"
    x = draw((3, *ours.input_shape[1:]), "int32" if integers else "float32")
    expected = filled(theirs)(x)
    close(filled(ours)(x), expected)
    for library, config in ((kerasish, theirs.get_config()), (keras, ours.get_config())):
        again = library.Sequential.from_config(through_json(config))
        again.set_weights(ours.get_weights())
        close(again(x), expected)


def test_frozen_layers_keep_their_place():
    models = [k.Sequential(STACKS["convolutions"](k)) for k in LIBRARIES]
    for model in models:
        model.layers[0].trainable = False
    for kind in ("weights", "trainable_weights", "non_trainable_weights"):
        names = [[v.name for v in getattr(model, kind)] for model in models]
        assert names[0] == names[1], kind
    for model in models:
        model.trainable = False
        assert not model.trainable_weights
        model.trainable = True
    names = [[v.name for v in model.trainable_weights] for model in models]
    assert names[0] == names[1]


def two_ends(k, ends):
    """Return a model whose outputs stand in the structure that `ends` makes of two tensors."""
    a, b = k.Input((3,), name="a"), k.Input((2,), name="b")
    joined = k.layers.Concatenate(name="joined")([a, b])
    x = k.layers.Dense(2, name="x")(joined)
    return k.Model({"a": a, "b": b}, ends(x, k.layers.Dense(1, name="y")(a)))


@pytest.mark.parametrize(
    "ends",
    [lambda x, y: [x, y], lambda x, y: {"p": x, "q": y}, lambda x, y: (y, x)],
    ids=["list", "dict", "tuple"],
)
def test_structures_of_inputs_and_outputs(ends):
    models = [two_ends(k, ends) for k in LIBRARIES]
    x = {"a": draw((4, 3)), "b": draw((4, 2))}
    found = [filled(model)(x) for model in models]
    assert type(found[0]) is type(found[1])
    close(*found)
    predicted = [model.predict(x, verbose=0) for model in models]
    assert type(predicted[0]) is type(predicted[1])
    close(*predicted)


def test_a_list_of_one_output():
    models = [two_ends(k, lambda x, y: [y]) for k in LIBRARIES]
    x = {"a": draw((4, 3)), "b": draw((4, 2))}
    close(*(filled(model).predict(x, verbose=0) for model in models))
    found = [model(x) for model in models]
    assert isinstance(found[0], list) == isinstance(found[1], list)


def test_a_list_of_one_input():
    models = []
    for k in LIBRARIES:
        a = k.Input((3,))
        models.append(filled(k.Model([a], [k.layers.Dense(2)(a)])))
    for x in (draw((4, 3)), [draw((4, 3))]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras wants a list, and takes an array with a warning
            found = [model(x) for model in models]
        assert isinstance(found[0], list) == isinstance(found[1], list)
        close(*found)


def test_output_shape():
    for name in STACKS:
        ours, theirs = (k.Sequential(STACKS[name](k)) for k in LIBRARIES)
        assert ours.output_shape == theirs.output_shape


def test_inputs_by_name_or_in_order():
    models = []
    for k in LIBRARIES:
        a, b = k.Input((3,), name="a"), k.Input((2,), name="b")
        out = k.layers.Dense(2)(k.layers.Concatenate()([b, a]))
        models.append(filled(k.Model([a, b], out)))
    a, b = draw((4, 3)), draw((4, 2))
    for x in ([a, b], {"a": a, "b": b}, (a, b)):
        close(*(model(x) for model in models))


def test_a_vector_for_a_column():
    models = [filled(k.Sequential([k.Input((1,)), k.layers.Dense(2)])) for k in LIBRARIES]
    x = np.arange(5, dtype="float32")
    close(*(model.predict(x, verbose=0) for model in models))


def test_calls_by_name(seed):
    """The first argument by its name is the first argument, here and in files."""

    def model(k):
        x, y = k.Input((3, 4), name="x"), k.Input((3, 4), name="y")
        z = k.layers.Dense(4)(inputs=x)
        z = k.layers.Dropout(0.5)(training=False, inputs=z)
        z = k.layers.MultiHeadAttention(2, 2)(value=y, query=z)
        z = k.layers.LSTM(2)(sequences=z, mask=None)
        return k.Model([x, y], k.layers.RMSNormalization()(x=z))

    ours, theirs = model(kerasish), model(keras)
    for library, config in ((kerasish, theirs.get_config()), (keras, ours.get_config())):
        copy = library.Model.from_config(through_json(config))
        copy.set_weights(ours.get_weights())
        theirs.set_weights(ours.get_weights())
        data = [draw((2, 3, 4)), draw((2, 3, 4), seed=1)]
        close(np.asarray(copy(data)), np.asarray(theirs(data)))
    dense = ours.layers[2]
    assert dense.input.shape == (None, 3, 4)
    close(dense(inputs=data[0]), dense(data[0]))
    output, _ = dense.apply(dense.params, dense.state, inputs=data[0])
    close(output, dense(data[0]))


def test_the_mask_of_an_argument_given_by_name():
    ids = np.array([[1, 2, 0]])
    for k in (kerasish, keras):
        x = k.Input((3,), dtype="int32")
        embedding = k.layers.Embedding(4, 4, "identity", mask_zero=True)
        mean = k.layers.GlobalAveragePooling1D()(inputs=embedding(inputs=x))
        model = k.Model(x, mean)
        np.testing.assert_allclose(np.asarray(model(inputs=ids)), [[0, 0.5, 0.5, 0]])
