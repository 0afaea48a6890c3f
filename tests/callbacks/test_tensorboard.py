"""TensorBoard: what is in the files, read without it."""

import struct

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event

import kerasish
from kerasish import callbacks, layers
from kerasish.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = X[:, :1]


def events(folder):
    """Return the values in the files of a folder, as `{tag: [(step, value), ...]}`."""
    found = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        data, at = path.read_bytes(), 0
        while at < len(data):
            # A record: its length, a checksum, itself, a checksum.
            (size,) = struct.unpack_from("<Q", data, at)
            event = Event.FromString(data[at + 12 : at + 12 + size])
            at += 16 + size
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value))
    return found


def numbers(found, tag):
    return [(step, value.simple_value) for step, value in found[tag]]


def same(found, expected):
    np.testing.assert_allclose(found, list(expected), rtol=1e-6)


def model(*more):
    made = kerasish.Sequential([kerasish.Input((3,)), *more, layers.Dense(1, name="head")])
    made.compile("sgd", "mse", metrics=["mae"])
    return made


def test_epochs_are_those_of_the_history(tmp_path):
    made = model()
    board = callbacks.TensorBoard(tmp_path, write_steps_per_second=True)
    history = made.fit(
        X, Y, batch_size=8, epochs=3, validation_split=0.25, verbose=0, callbacks=[board]
    ).history
    train, validation = events(tmp_path / "train"), events(tmp_path / "validation")
    for name in ("loss", "mae"):
        same(numbers(train, f"epoch_{name}"), enumerate(history[name]))
        same(numbers(validation, f"epoch_{name}"), enumerate(history[f"val_{name}"]))
    same(numbers(train, "epoch_learning_rate"), enumerate([0.01] * 3))
    assert all(value > 0 for _, value in numbers(train, "epoch_steps_per_second"))
    steps = [step for step, _ in numbers(validation, "evaluation_loss_vs_iterations")]
    assert steps == [3, 6, 9]
    assert b'"head"' in train["keras"][0][1].tensor.string_val[0]


def test_batches_are_written_as_often_as_asked(tmp_path):
    board = callbacks.TensorBoard(tmp_path, update_freq=2, write_graph=False)
    model().fit(X, Y, batch_size=8, epochs=4, verbose=0, callbacks=[board])
    train = events(tmp_path / "train")
    assert [step for step, _ in numbers(train, "batch_loss")] == [2, 4, 6, 8, 10, 12]
    assert "keras" not in train


def test_weights_and_tables(tmp_path):
    made = kerasish.Sequential(
        [
            kerasish.Input((4,), dtype="int32"),
            layers.Embedding(5, 2, name="words"),
            layers.Flatten(),
        ]
    )
    made.compile("sgd", "mse")
    words = tmp_path / "words.txt"
    words.write_text("\n".join("abcde"))
    board = callbacks.TensorBoard(
        tmp_path,
        histogram_freq=2,
        write_images=True,
        embeddings_freq=1,
        embeddings_metadata={"words": words},
    )
    made.fit(np.zeros((4, 4), "int32"), np.ones((4, 8)), epochs=3, verbose=0, callbacks=[board])
    train = events(tmp_path / "train")
    found = train["words/embeddings/histogram"]
    assert [step for step, _ in found] == [0, 2]
    assert found[0][1].histo.num == 10
    assert found[-1][1].histo.max >= made.layers[0].embeddings.numpy().max() - 1e-6
    assert [value.image.width for _, value in train["words/embeddings/image"]] == [5, 5]
    assert list((tmp_path / "train").rglob("metadata.tsv"))


def test_weights_of_models_within_models_have_tags_of_their_own(tmp_path):
    inner = kerasish.Sequential([layers.Embedding(5, 2), layers.Dense(2), layers.Dense(2)])
    made = kerasish.Sequential([kerasish.Input((3,), dtype="int32"), inner])
    made.compile("sgd", "mse")
    board = callbacks.TensorBoard(tmp_path, histogram_freq=1, embeddings_freq=1)
    made.fit(np.zeros((4, 3), "int32"), np.ones((4, 3, 2)), verbose=0, callbacks=[board])
    tags = {tag for tag in events(tmp_path / "train") if "histogram" in tag}
    assert tags == {
        f"sequential/{path}/histogram"
        for path in (
            *("embedding/embeddings", "dense/kernel", "dense/bias"),
            *("dense_1/kernel", "dense_1/bias"),
        )
    }
    assert list((tmp_path / "train").rglob("*.tsv"))


def test_an_evaluation_alone_and_a_profile(tmp_path):
    made = model()
    board = callbacks.TensorBoard(tmp_path, profile_batch=(2, 3))
    made.fit(X, Y, batch_size=8, verbose=0, callbacks=[board])
    assert list(tmp_path.rglob("*.xplane.pb"))
    made.evaluate(X, Y, verbose=0, callbacks=[callbacks.TensorBoard(tmp_path / "later")])
    assert "evaluation_mae_vs_iterations" in events(tmp_path / "later" / "validation")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"update_freq": "step"}, "update_freq"),
        ({"update_freq": 0}, "update_freq"),
        ({"profile_batch": (3, 2)}, "profile_batch"),
        ({"histogram_freq": -1}, "histogram_freq"),
        ({"embeddings_freq": 0.5}, "embeddings_freq"),
    ],
)
def test_mistakes_are_told(settings, words):
    with pytest.raises(ArgumentError, match=words):
        callbacks.TensorBoard(**settings)
