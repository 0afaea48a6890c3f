"""Recurrent layers: outputs, states, gradients, masks, configs and files equal Keras's."""

from __future__ import annotations

import copy

import jax
import numpy as np
import pytest

from .tools import oracle
from .tools.oracle import both, check_config, check_layer, close, draw, keras, kerasish, make, twins

X = draw((3, 5, 4))
LIBRARIES = (kerasish, keras)
# Ends of sequences, a gap, a step in front that is left out, a sample without any step.
MASK = np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]], bool)


@pytest.fixture(autouse=True)
def _configs_are_compared_as_they_are_meant(monkeypatch):
    # Within a config: what only Keras's Dense has, and what only ours and our SimpleRNN keep.
    unsaid = (*oracle.UNSAID, "quantization_config", "activity_regularizer", "seed")
    monkeypatch.setattr(oracle, "UNSAID", unsaid)
    # These take what they hold out of the config that they are given.
    for cls in (keras.layers.StackedRNNCells, keras.layers.TimeDistributed):

        def again(config, custom_objects=None, make=cls.from_config):
            return make(copy.deepcopy(config), custom_objects)

        monkeypatch.setattr(cls, "from_config", again)


def each(*codes):
    return pytest.mark.parametrize("code", codes)


SETTINGS = (
    "",
    "use_bias=False",
    "return_sequences=True",
    "return_state=True",
    "return_sequences=True, return_state=True",
    "go_backwards=True",
    "go_backwards=True, return_sequences=True, return_state=True",
    "unroll=True, return_sequences=True",
    "activation='relu', bias_initializer='ones'",
    "activation='softmax', return_sequences=True",
    "activation=None, kernel_initializer='he_normal', recurrent_initializer='glorot_uniform'",
    "kernel_regularizer='l2', recurrent_regularizer='l1', bias_regularizer='l2'",
    "activity_regularizer='l2', return_sequences=True",
    "kernel_constraint='non_neg', recurrent_constraint='max_norm', bias_constraint='non_neg'",
    "dropout=0.3, recurrent_dropout=0.2, name='mine'",
    "trainable=False",
    "zero_output_for_mask=True, return_sequences=True",
    "stateful=False, dtype='float32'",
)


@pytest.mark.parametrize("settings", SETTINGS)
@each("SimpleRNN", "LSTM", "GRU")
def test_layers(code, settings):
    if code == "SimpleRNN" and "activity" in settings:
        pytest.skip("Keras's SimpleRNN leaves its activity regularizer out of account")
    check_layer(f"{code}(6, {settings})", X, 1e-4)


@each(
    "LSTM(6, recurrent_activation='hard_sigmoid')",
    "LSTM(6, recurrent_activation='tanh', return_sequences=True)",
    "LSTM(6, unit_forget_bias=False, bias_initializer='ones')",
    "LSTM(6, 'relu', 'relu', False)",
    "LSTM(6, recurrent_activation='softmax')",
    "LSTM(6, use_cudnn=False)",
    "GRU(6, reset_after=False)",
    "GRU(6, reset_after=False, use_bias=False, return_sequences=True, go_backwards=True)",
    "GRU(6, reset_after=False, recurrent_activation='hard_sigmoid', return_state=True)",
    "GRU(6, recurrent_activation='softmax')",
    "GRU(6, 'relu', 'sigmoid', False, return_sequences=True)",
    "LSTM(6, 'sigmoid', implementation=2)",
    "RNN(LSTMCell(6))",
    "RNN(GRUCell(6, reset_after=False), return_sequences=True, return_state=True)",
    "RNN(SimpleRNNCell(6), go_backwards=True, return_sequences=True)",
    "RNN([LSTMCell(6), GRUCell(3)])",
    "RNN([LSTMCell(6), LSTMCell(2)], return_sequences=True, go_backwards=True)",
    "RNN(StackedRNNCells([SimpleRNNCell(2), SimpleRNNCell(3)]), unroll=True)",
)
def test_more_layers(code):
    check_layer(code, X)


@each("LSTM(6)", "GRU(6)", "SimpleRNN(6)", "RNN([LSTMCell(6), GRUCell(3)])")
def test_stacked_states(code):
    """`check_layer` is for outputs of one structure; that of stacked cells is nested."""
    ours, theirs = twins(code, X)
    ours.return_state = theirs.return_state = True
    close(ours(X), theirs(X))


# Masks

MASKED = (
    "",
    "return_sequences=True, return_state=True",
    "return_sequences=True, zero_output_for_mask=True",
    "zero_output_for_mask=True",
    "go_backwards=True, return_state=True",
    "go_backwards=True, return_sequences=True, zero_output_for_mask=True",
)


@pytest.mark.parametrize("settings", MASKED)
@each("SimpleRNN", "LSTM", "GRU")
def test_masks(code, settings):
    check_layer(f"{code}(6, {settings})", X, mask=MASK)


@each(
    "RNN([LSTMCell(6), GRUCell(3)], return_sequences=True)",
    "GRU(6, reset_after=False, return_sequences=True)",
    "LSTM(6, activation='softmax', return_sequences=True)",
    "Bidirectional(LSTM(3, return_sequences=True))",
    "Bidirectional(GRU(3))",
    "Bidirectional(SimpleRNN(3, return_sequences=True, return_state=True), merge_mode=None)",
    "TimeDistributed(Dense(3))",
)
@pytest.mark.parametrize("dtype", ["bool", "int32"])
def test_more_masks(code, dtype):
    check_layer(code, X, mask=MASK.astype(dtype))


@each("LSTM", "GRU", "SimpleRNN")
@pytest.mark.parametrize("masked", [False, True])
def test_states_to_begin_with(code, masked):
    n = 2 if code == "LSTM" else 1
    for settings in ("return_sequences=True, return_state=True", "go_backwards=True"):
        ours, theirs = twins(f"{code}(6, {settings})", X)
        states = [draw((3, 6), seed=i) for i in range(n)]
        mask = MASK if masked else None
        close(ours(X, states, mask=mask), theirs(X, states, mask=mask))
        close(ours(X, initial_state=tuple(states)), theirs(X, initial_state=tuple(states)))
        if n == 1:
            close(ours(X, initial_state=states[0]), theirs(X, initial_state=states[0]))


WORDS = draw((6, 7), "int32", high=4)


def reader(k, middle):
    words = k.Input((7,), dtype="int32")
    x = k.layers.Embedding(4, 3, mask_zero=True)(words)
    model = k.Model(words, k.layers.Dense(2)(middle(k, x)))
    model.compile(k.optimizers.SGD(0.1), "mse")
    return model


MIDDLES = {
    "lstm": lambda k, x: k.layers.LSTM(3)(x),
    "two": lambda k, x: k.layers.LSTM(3)(k.layers.GRU(4, return_sequences=True)(x)),
    "sequences": lambda k, x: k.layers.SimpleRNN(3, return_sequences=True)(x),
    "state": lambda k, x: k.layers.GRU(3)(k.layers.LSTM(2, return_sequences=True)(x)),
    "bidirectional": lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(
        x
    ),
    "twice": lambda k, x: k.layers.Bidirectional(k.layers.LSTM(3))(
        k.layers.Bidirectional(k.layers.LSTM(2, return_sequences=True))(x)
    ),
    "stacked": lambda k, x: k.layers.RNN([k.layers.LSTMCell(3), k.layers.GRUCell(2)])(x),
    "distributed": lambda k, x: k.layers.LSTM(2)(k.layers.TimeDistributed(k.layers.Dense(3))(x)),
    "with states": lambda k, x: k.layers.GRU(2)(
        k.layers.LSTM(3, return_sequences=True, return_state=True)(x)[0]
    ),
}


@pytest.mark.parametrize("middle", MIDDLES)
def test_masks_of_an_embedding_and_two_steps_of_training(middle):
    ours, theirs = (reader(k, MIDDLES[middle]) for k in LIBRARIES)
    assert [v.shape for v in ours.weights] == [tuple(v.shape) for v in theirs.weights]
    ours.set_weights(theirs.get_weights())
    y = draw((6, *theirs.output_shape[1:]))
    close(ours.predict(WORDS, verbose=0), theirs.predict(WORDS, verbose=0))
    for model in (ours, theirs):
        model.fit(WORDS, y, batch_size=3, shuffle=False, verbose=0)
    close(ours.get_weights(), theirs.get_weights())


def check_weights_files(ours, theirs, x, folder):
    """Check that each library reads the other's files of weights."""
    expected = theirs.predict(x, verbose=0)
    theirs.save_weights(folder / "theirs.weights.h5")
    ours.set_weights([0 * w for w in ours.get_weights()])
    ours.load_weights(folder / "theirs.weights.h5")
    for layer in ours.layers:  # Keras's predictions leave no states behind
        if getattr(layer, "stateful", False):
            layer.reset_state()
    close(ours.predict(x, verbose=0), expected)
    ours.save_weights(folder / "ours.weights.h5")
    theirs.set_weights([0 * w for w in theirs.get_weights()])
    theirs.load_weights(folder / "ours.weights.h5")
    close(theirs.predict(x, verbose=0), expected)


def check_files(ours, theirs, x, folder):
    """Check that each library reads the other's files, of weights and of models."""
    expected = theirs.predict(x, verbose=0)
    ours.save(folder / "ours.keras")
    close(keras.saving.load_model(folder / "ours.keras").predict(x, verbose=0), expected)
    theirs.save(folder / "theirs.keras")
    again = kerasish.saving.load_model(folder / "theirs.keras")
    close(again.predict(x, verbose=0), expected)
    check_weights_files(again, theirs, x, folder)


@each(
    "LSTM(3)",
    "GRU(3, reset_after=False, return_sequences=True)",
    "RNN([LSTMCell(3), LSTMCell(2), GRUCell(2)])",
    "Bidirectional(LSTM(3, return_sequences=True))",
    "Bidirectional(GRU(3), merge_mode='sum', backward_layer=SimpleRNN(3, go_backwards=True))",
    "TimeDistributed(Dense(2))",
    "LSTM(4, stateful=True)",
    "Bidirectional(GRU(4, stateful=True))",
)
def test_files(code, tmp_path):
    ours, theirs = (
        k.Sequential(
            [
                k.Input((7,), dtype="int32", batch_size=6),
                k.layers.Embedding(4, 3, mask_zero=True),
                make(k, code),
                k.layers.Dense(2),
            ]
        )
        for k in LIBRARIES
    )
    ours.set_weights(theirs.get_weights())
    check_files(ours, theirs, WORDS, tmp_path)


def translator(k):
    source, target = k.Input((7, 3)), k.Input((None, 3))
    _, *states = k.layers.LSTM(4, return_state=True)(source)
    outputs = k.layers.LSTM(4, return_sequences=True)(target, initial_state=states)
    return k.Model([source, target], k.layers.TimeDistributed(k.layers.Dense(2))(outputs))


def test_files_of_an_encoder_and_decoder(tmp_path):
    ours, theirs = map(translator, LIBRARIES)
    ours.set_weights(theirs.get_weights())
    check_files(ours, theirs, [draw((6, 7, 3)), draw((6, 5, 3))], tmp_path)


# Bidirectional and TimeDistributed


@each(
    "Bidirectional(LSTM(3))",
    "Bidirectional(LSTM(3, return_sequences=True))",
    "Bidirectional(GRU(3), merge_mode='sum')",
    "Bidirectional(GRU(3, return_sequences=True), merge_mode='mul')",
    "Bidirectional(SimpleRNN(3), merge_mode='ave')",
    "Bidirectional(LSTM(3), merge_mode=None)",
    "Bidirectional(LSTM(3, return_sequences=True), None)",
    "Bidirectional(LSTM(3, return_state=True))",
    "Bidirectional(GRU(3, return_state=True, return_sequences=True), merge_mode=None)",
    "Bidirectional(LSTM(3), backward_layer=LSTM(3, 'relu', go_backwards=True))",
    "Bidirectional(LSTM(3, return_sequences=True), merge_mode='concat', name='both',"
    " backward_layer=GRU(3, return_sequences=True, go_backwards=True))",
    "Bidirectional(RNN(GRUCell(3), return_sequences=True))",
    "Bidirectional(RNN([LSTMCell(3), LSTMCell(2)]))",
    "Bidirectional(LSTM(3, kernel_regularizer='l2', dropout=0.1))",
    "Bidirectional(LSTM(3), trainable=False)",
    "Bidirectional(GRU(3, go_backwards=True, return_sequences=True),"
    " backward_layer=GRU(3, return_sequences=True))",
)
def test_bidirectional(code):
    check_layer(code, X)


@pytest.mark.parametrize("mode", ["concat", None])
def test_bidirectional_with_states_to_begin_with(mode):
    ours, theirs = twins(f"Bidirectional(LSTM(3, return_state=True), {mode!r})", X)
    states = [draw((3, 3), seed=i) for i in range(4)]
    close(ours(X, initial_state=states), theirs(X, initial_state=states))


@each(
    "TimeDistributed(Dense(3, 'relu'))",
    "TimeDistributed(Dense(3, kernel_regularizer='l2'), name='each')",
    "TimeDistributed(Dropout(0.5))",
)
def test_time_distributed(code):
    check_layer(code, X)


@each(
    "TimeDistributed(Conv2D(3, 2))",
    "TimeDistributed(Flatten())",
    "TimeDistributed(TimeDistributed(LSTM(3)))",
    "TimeDistributed(MaxPooling2D())",
)
def test_time_distributed_images(code):
    check_layer(code, draw((2, 3, 4, 4, 2)))


def test_names_of_the_parts():
    for code in ("Bidirectional(LSTM(3, name='words'))", "Bidirectional(GRU(3), name='both')"):
        ours, theirs = both(code)
        if "words" in code:
            assert ours.forward_layer.name == theirs.forward_layer.name
            assert ours.backward_layer.name == theirs.backward_layer.name
        again = type(ours).from_config(ours.get_config())
        assert again.forward_layer.name == ours.forward_layer.name
        check_config(ours, theirs)


# Cells


@each("SimpleRNNCell(4)", "LSTMCell(4)", "GRUCell(4)", "GRUCell(4, reset_after=False)")
def test_cells(code):
    ours, theirs = both(code)
    assert ours.state_size == theirs.state_size and ours.output_size == theirs.output_size
    check_config(ours, theirs)
    x, states = X[:, 0], [draw((3, 4), seed=i) for i in range(2 if "LSTM" in code else 1)]
    ours(x, states), theirs(x, states)
    assert [v.name for v in ours.weights] == [v.name for v in theirs.weights]
    ours.set_weights(theirs.get_weights())
    for given in (states, tuple(states), *states[: len(states) == 1]):
        mine, other = ours(x, given), theirs(x, given)
        close(mine, other)
        assert jax.tree.structure(mine) == jax.tree.structure(other)
    close(ours.get_initial_state(3), theirs.get_initial_state(3))


def test_stacked_cells():
    ours, theirs = both("StackedRNNCells([LSTMCell(4), GRUCell(2)])")
    assert ours.state_size == theirs.state_size and ours.output_size == theirs.output_size
    check_config(ours, theirs)
    states = [[draw((3, 4)), draw((3, 4), seed=1)], [draw((3, 2))]]
    ours(X[:, 0], states), theirs(X[:, 0], states)
    ours.set_weights(theirs.get_weights())
    close(ours(X[:, 0], states), theirs(X[:, 0], states))


@each("LSTM(4)", "GRU(4, use_bias=False)", "SimpleRNN(4)", "GRU(4, reset_after=False)")
def test_first_weights(code):
    ours, theirs = both(
        code.replace(")", ", recurrent_initializer='ones', kernel_initializer='ones')")
    )
    ours.build((None, 5, 3)), theirs.build((None, 5, 3))
    close(ours.get_weights(), theirs.get_weights())


@each("LSTM", "GRU")
def test_what_recurrent_dropout_drops(code):
    # At a rate next to 1 everything is dropped in either library.
    for reset in ("", ", reset_after=False") if code == "GRU" else ("",):
        for which in ("dropout", "recurrent_dropout"):
            line = f"{code}(4, {which}=0.999999999, return_sequences=True{reset})"
            ours, theirs = twins(line, X)
            states = [draw((3, 4), seed=i) for i in range(2 if code == "LSTM" else 1)]
            mine = ours(X, initial_state=states, training=True)
            close(mine, theirs(X, initial_state=states, training=True))


@each("LSTM", "GRU", "SimpleRNN")
def test_dropout_drops_the_same_at_each_step(code):
    x = np.ones((4, 6, 50), "float32")
    cell = (
        f"{code}(50, activation=None, use_bias=False, kernel_initializer='identity', dropout=0.5,"
    )
    if code == "SimpleRNN":
        ours, theirs = both(cell + " recurrent_initializer='zeros', return_sequences=True)")
        for layer in (ours, theirs):
            y = np.asarray(layer(x, training=True))
            assert set(np.unique(y)) == {0.0, 2.0}
            assert (y == y[:, :1]).all() and (y[0] != y[1]).any()


# A cell of the user's


def minimal(k):
    class Minimal(k.Layer if k is kerasish else k.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.state_size = units

        def build(self, input_shape):
            self.kernel = self.add_weight((input_shape[-1], self.units), "uniform", name="kernel")
            self.inner = self.add_weight((self.units, self.units), "uniform", name="inner")

        def call(self, inputs, states):
            h = inputs @ self.kernel.value + states[0] @ self.inner.value
            return h, [h]

        def get_config(self):
            return super().get_config() | {"units": self.units}

    return Minimal


@pytest.mark.parametrize(
    "settings", ["", "return_sequences=True, return_state=True", "go_backwards=True", "unroll=True"]
)
@pytest.mark.parametrize("masked", [False, True])
def test_custom_cells(settings, masked):
    cells = [minimal(k)(6) for k in LIBRARIES]
    ours, theirs = (
        eval(f"k.layers.RNN(cell, {settings})", {"k": k, "cell": cell})
        for k, cell in zip(LIBRARIES, cells, strict=True)
    )
    mask = MASK if masked else None
    ours(X), theirs(X)
    ours.set_weights(theirs.get_weights())
    close(ours(X, mask=mask), theirs(X, mask=mask))


def test_custom_cells_among_others():
    ours, theirs = (
        k.layers.RNN([k.layers.LSTMCell(3), minimal(k)(4), k.layers.GRUCell(2)]) for k in LIBRARIES
    )
    ours(X), theirs(X)
    ours.set_weights(theirs.get_weights())
    close(ours(X, mask=MASK), theirs(X, mask=MASK))


def test_custom_cells_in_both_directions():
    ours = kerasish.layers.Bidirectional(kerasish.layers.RNN(minimal(kerasish)(3)))
    assert ours(X).shape == (3, 6)
    assert not np.array_equal(*(np.asarray(w) for w in ours.get_weights()[::2]))


# State


@each(
    "LSTM(4, stateful=True)",
    "GRU(4, stateful=True, return_sequences=True)",
    "SimpleRNN(4, stateful=True)",
    "RNN([LSTMCell(2), GRUCell(3)], stateful=True)",
    "Bidirectional(LSTM(4, stateful=True))",
)
def test_stateful_layers(code):
    ours, theirs = both(code)
    ours.build((3, 5, 4)), theirs.build((3, 5, 4))
    assert [v.name for v in ours.weights] == [v.name for v in theirs.weights]
    ours.set_weights(theirs.get_weights())
    first = ours(X)
    close(first, theirs(X))
    close(ours(X), theirs(X))
    close(ours.states, [s.value for s in jax.tree.leaves(theirs.states)])
    ours.reset_state()
    if "Cell" not in code:  # nested states Keras does not reset
        theirs.reset_states()
        close(ours(X), theirs(X))
        ours.reset_states()
    close(ours(X), first)


@each("LSTM(4)", "GRU(4)", "Bidirectional(LSTM(4))", "SimpleRNN(4, unroll=True)")
@pytest.mark.parametrize("dtype", ["bfloat16", "mixed_bfloat16"])
def test_sixteen_bits(code, dtype):
    # Keras cannot draw orthogonal kernels in 16 bits.
    settings = f"4, dtype='{dtype}', recurrent_initializer='glorot_uniform'"
    code = code.replace("4", settings).replace("))", f"), dtype='{dtype}')")
    ours, theirs = both(code)
    ours(X), theirs(X)
    ours.set_weights([np.asarray(w) for w in theirs.get_weights()])
    mine, other = ours(X), theirs(X)
    assert str(mine.dtype) == str(other.dtype) == "bfloat16"
    close(mine, other, 2e-2)


@each(
    "LSTM(4)",
    "GRU(4, go_backwards=True)",
    "Bidirectional(LSTM(4, return_sequences=True))",
    "SimpleRNN(4, return_sequences=True)",
    "TimeDistributed(Dense(3))",
    "RNN([LSTMCell(3), GRUCell(2)])",
)
def test_unknown_lengths(code):
    shapes = [make(k, code)(k.Input((None, 4))).shape for k in LIBRARIES]
    assert shapes[0] == shapes[1]
