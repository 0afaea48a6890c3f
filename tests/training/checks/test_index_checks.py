"""Indices without a row are found on the host, wherever they come from the inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish import Input, Model, Sequential, layers, ops
from kerasish.errors import DataError

IDS = np.array([[1, 2, 3], [4, 0, 6], [7, 8, 9], [9, 9, 9]])
Y = np.zeros((4, 1), "float32")


def changed(value: Any, place: tuple[int, int] = (2, 1)) -> np.ndarray:
    ids = IDS.astype(np.result_type(IDS, type(value)))
    ids[place] = value
    return ids


def ended(x: Any, inputs: Any) -> Model:
    """Return a model of one number that ends after some embeddings."""
    y = layers.Dense(1)(layers.Flatten()(x))
    model = Model(inputs, y)
    model.compile("sgd", "mse")
    return model


def graph(way: Callable[[Any], Any] = lambda x: x, dtype: str = "int32") -> Model:
    """Return a model that looks up what a function makes of its input."""
    inputs = Input((3,), dtype=dtype)
    return ended(layers.Embedding(10, 2)(way(inputs)), inputs)


class Subclassed(Model):
    def __init__(self) -> None:
        super().__init__()
        self.table, self.head = layers.Embedding(10, 2), layers.Dense(1)

    def call(self, x):
        return self.head(self.table(x[:, 1:]).mean(1))


def nested() -> Model:
    inputs = Input((3,), dtype="int32")
    inner = Sequential([Input((3,), dtype="int32"), layers.Embedding(10, 2, name="rows")])
    return ended(inner(inputs), inputs)


def subclassed() -> Model:
    model = Subclassed()
    model.compile("sgd", "mse")
    return model


def over_time() -> Model:
    inputs = Input((3, 1), dtype="int32")
    model = ended(layers.TimeDistributed(layers.Embedding(10, 2))(inputs), inputs)
    return Sequential([Input((3,)), layers.Reshape((3, 1)), model])


MODELS = {
    "graph": graph,
    "sequential": lambda: Sequential(
        [Input((3,)), layers.Embedding(10, 2), layers.Flatten(), layers.Dense(1)]
    ),
    "nested": nested,
    "over-time": over_time,
    "subclassed": subclassed,
    "reversible": lambda: ended(
        layers.ReversibleEmbedding(10, 2)(i := Input((3,), dtype="int32")), i
    ),
    "reshape": lambda: graph(layers.Reshape((3, 1))),
    "turned": lambda: graph(lambda x: ops.transpose(ops.transpose(x))),
    "part": lambda: graph(lambda x: x[:, 1]),
    "last-parts": lambda: graph(lambda x: x[..., -2:-1]),
    "split": lambda: graph(lambda x: ops.split(x, 3, axis=1)[1]),
    "joined": lambda: graph(lambda x: ops.concatenate([x[:, :1], x[:, 1:]], axis=-1)),
    "cast": lambda: graph(lambda x: ops.cast(x, "int32"), "float32"),
    "float": lambda: graph(dtype="float32"),
    "lambda": lambda: graph(layers.Lambda(lambda x: jnp.flip(x, 1)[..., None])),
    "checkpointed": lambda: graph(layers.Lambda(jax.checkpoint(lambda x: x[:, None, :]))),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_an_index_without_a_row(make, compiled):
    model = make()
    model.compile("sgd", "mse")
    wrong = changed(12)
    calls: dict[str, Callable[[], Any]] = {
        "fit": lambda: model.fit(wrong, Y, batch_size=2, verbose=0),
        "predict": lambda: model.predict(wrong, batch_size=2, verbose=0),
    }
    for call in calls.values():
        with pytest.raises(
            DataError, match=r"x holds 12, but the .*Embedding '.*' has rows 0 to 9"
        ):
            call()
    with pytest.raises(DataError, match=r"x holds -1, .* from 0.$"):
        model.fit(changed(-1), Y, verbose=0)
    assert not [name for name in compiled if "train" in name or "predict" in name]


def test_every_way_in():
    model = graph()
    wrong, good = changed(12), IDS
    batches = lambda: iter([(good, Y), (wrong, Y)])
    calls: list[Callable[[], Any]] = [
        lambda: model.fit(batches(), verbose=0),
        lambda: model.fit(good, Y, validation_data=(wrong, Y), verbose=0),
        lambda: model.fit(good, Y, validation_data=batches(), verbose=0),
        lambda: model.evaluate(wrong, Y, verbose=0),
        lambda: model.predict(batches(), verbose=0),
        lambda: model.train_on_batch(wrong, Y),
        lambda: model.test_on_batch(wrong, Y),
        lambda: model.predict_on_batch(wrong),
        lambda: model.predict_on_batch(jnp.asarray(wrong)),
        lambda: model(wrong),
        lambda: layers.Embedding(10, 2)(wrong.astype("float32")),
    ]
    for call in calls:
        with pytest.raises(DataError, match=r"hold.? 12(\.0)?, but the Embedding '.*' has rows"):
            call()
    with pytest.raises(DataError, match=r"holds 0.5, .* Give it whole numbers"):
        model.fit(changed(0.5), Y, verbose=0)
    assert np.isfinite(model.fit(good, Y, verbose=0).history["loss"][0])


def test_inputs_are_named():
    a, b = Input((3,), dtype="int32", name="a"), Input((3,), dtype="int32", name="b")
    rows = [layers.Embedding(n, 2, name=f"rows_{n}")(x) for n, x in ((10, a), (5, b))]
    model = ended(layers.Concatenate()(rows), {"a": a, "b": b})
    with pytest.raises(DataError, match=r"x\['b'\] holds 9, but the Embedding 'rows_5' has rows"):
        model.predict({"a": IDS, "b": IDS}, verbose=0)
    assert model.predict({"a": IDS, "b": IDS % 5}, verbose=0).shape == (4, 1)


def test_what_a_model_makes_of_its_inputs_is_computed_and_not_guessed():
    fine = {
        "remainder": (graph(lambda x: x % 10), changed(57)),
        "clipped": (graph(lambda x: ops.clip(x, 0, 9)), changed(57)),
        "shifted": (graph(lambda x: x + 1), IDS - 1),
        "another-part": (graph(lambda x: x[:, :1]), changed(57)),
        "truncated": (graph(lambda x: ops.cast(x, "int32"), "float32"), changed(2.5)),
        "replaced": (graph(lambda x: ops.where(x > 9, 0, x)), changed(57)),
    }
    for name, (model, x) in fine.items():
        assert np.isfinite(model.predict(x, verbose=0)).all(), name
    with pytest.raises(DataError, match="The indices made of x hold 10, but"):
        graph(lambda x: x + 1).predict(IDS, verbose=0)


def test_indices_that_only_the_device_knows_are_left_alone():
    model = graph(lambda x: ops.argsort(x, axis=-1) + 9)
    assert np.isnan(model.predict(IDS, verbose=0)).all()
