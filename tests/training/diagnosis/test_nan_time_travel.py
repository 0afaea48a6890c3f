"""A loss that is not finite is followed back to what began it."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish
from kerasish import callbacks, layers, losses, optimizers
from kerasish.training.diagnosis import explanation, findings
from kerasish.training.diagnosis.nonfinite_interpreter import NonFiniteInterpreter
from kerasish.training.execution import engine as engine_module
from kerasish.training.execution import keras_form
from kerasish.training.execution.keras_form import StepLogs

BATCH = 8


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(44, 3)).astype("float32")


@pytest.fixture(params=[False, True], ids=["keeps", "donates"])
def donates(request, monkeypatch):
    monkeypatch.setattr(engine_module, "should_donate", lambda size: request.param)
    return request.param


def dense(units, **settings):
    return layers.Dense(units, kernel_initializer="ones", use_bias=False, **settings)


def sequential(*parts, width=3):
    kerasish.utils.set_random_seed(0)
    return kerasish.Sequential([kerasish.Input((width,)), *parts])


def explained(model, *data, optimizer="sgd", loss="mse", epochs=1, extra=(), **settings):
    """Train until the loss is not finite and return what is told of it."""
    model.compile(optimizer, loss, allow_nan=True, **settings.pop("compiled", {}))
    stop = callbacks.TerminateOnNaN(explain=True)
    given = {"shuffle": False, "batch_size": BATCH} if len(data) > 1 else {}
    watching = [stop, *extra]
    model.fit(*data, epochs=epochs, verbose=0, callbacks=watching, **given | settings)
    return stop.explanation


def logarithm(name="logarithm"):
    return layers.Lambda(lambda t: jnp.log(t), name=name)


def root(name="root"):
    return layers.Lambda(lambda t: jnp.sqrt(jnp.sum(t * t, -1, keepdims=True)), name=name)


def quiet():
    """Return an optimizer that changes nothing."""
    return optimizers.SGD(0.0)


# Data


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_sample_that_is_not_finite(x, value, capsys):
    x[29, 1] = value
    found = explained(sequential(dense(2), dense(1)), x, np.zeros((44, 1)), epochs=3)
    assert (found.kind, found.epoch, found.batch, found.step) == ("data", 0, 3, 3)
    assert (found.samples, found.indices, found.layer) == ([5], [29], None)
    told = capsys.readouterr().out
    assert told == f"{found.message}\n"
    assert f"1 of 24 values is {value} in `x`, in features [1]" in told


def test_shuffled_samples_are_found_in_the_users_arrays(x):
    x[[7, 30]] = math.nan
    order = []
    model = sequential(dense(1))
    note = callbacks.LambdaCallback(
        on_train_begin=lambda logs: order.append(model._kerasish_engine.seed)
    )
    found = explained(model, x, np.zeros((44, 1)), shuffle=True, extra=[note])
    places = np.random.default_rng((order[0], 0)).permutation(44).tolist()
    first = min((7, 30), key=places.index)
    assert found.step == places.index(first) // BATCH
    assert first in found.indices and set(found.indices) <= {7, 30}
    assert [places[found.batch * BATCH + row] for row in found.samples] == found.indices


def test_epochs_that_are_no_passes(x):
    """The sample is wrong in a later pass only, since it is changed after the first."""
    change = lambda epoch, logs: x.__setitem__((17, 0), math.nan) if epoch == 1 else None
    note = callbacks.LambdaCallback(on_epoch_end=change)
    model = sequential(dense(1))
    data = (x, np.zeros((44, 1), "float32"))
    found = explained(model, *data, steps_per_epoch=4, epochs=9, extra=[note])
    # Six batches make a pass, of which it is in the third.
    assert found.step >= 8 and found.step % 6 == 2
    assert (found.epoch, found.batch) == divmod(found.step, 4)
    assert (found.samples, found.indices) == ([1], [17])


def test_the_remainder(x):
    x[42] = math.nan
    found = explained(sequential(dense(1)), x, np.zeros((44, 1)))
    assert (found.batch, found.samples, found.indices) == (5, [2], [42])


def test_a_generator(x):
    def batches():
        for number in range(30):
            batch = x[:4].copy()
            batch[2, 0] = math.nan if number == 17 else 1
            yield batch, np.zeros((4, 1))

    found = explained(sequential(dense(1)), batches())
    assert (found.kind, found.batch, found.step) == ("data", 17, 17)
    assert (found.samples, found.indices) == ([2], None)


def test_targets_and_weights(x):
    y, weight = np.zeros((44, 1), "float32"), np.ones(44, "float32")
    y[20] = math.inf
    assert "in `y`" in explained(sequential(dense(1)), x, y).message
    y[20], weight[9] = 0, math.inf
    found = explained(sequential(dense(1)), x, y, sample_weight=weight)
    assert (found.kind, found.samples, found.indices) == ("data", [1], [9])
    assert "in `sample_weight`" in found.message


def test_one_of_several_inputs(x):
    one, two = kerasish.Input((3,), name="one"), kerasish.Input((3,), name="two")
    outputs = {"a": dense(1)(one), "b": dense(1)(layers.add([one, two]))}
    wrong = x.copy()
    wrong[11, 2] = math.nan
    found = explained(
        kerasish.Model({"one": one, "two": two}, outputs),
        {"one": x, "two": wrong},
        {"a": x[:, :1], "b": x[:, :1]},
        loss={"a": "mse", "b": "mae"},
    )
    assert (found.kind, found.samples, found.indices) == ("data", [3], [11])
    assert "in `x[two]`, in features [2]" in found.message


def test_missing_values_that_a_layer_takes_care_of(x):
    """What no loss depends on is not to blame."""
    clean = layers.Lambda(lambda t: jnp.where(jnp.isnan(t), 1.0, t))
    x, x[:, 0], x[:, 1] = np.abs(x), math.nan, 1
    x[19, 1] = 0
    model = sequential(clean, logarithm(), dense(1))
    found = explained(model, x, np.zeros((44, 1)), optimizer=quiet())
    assert (found.kind, found.layer, found.samples) == ("layer", "logarithm", [3])


# Layers


def test_a_logarithm(x):
    x = np.abs(x)
    x[36, 2] = 0
    found = explained(sequential(logarithm(), dense(1)), x, np.zeros((44, 1)), epochs=2)
    assert (found.kind, found.layer, found.operation) == ("layer", "logarithm", "log")
    assert (found.batch, found.step, found.samples, found.indices) == (4, 4, [4], [36])
    assert "1 of 24 values is inf in its output" in found.message
    assert "`log` got 0, at test_nan_time_travel.py" in found.message
    assert "jnp.log(t)" in found.message


def test_a_division_in_a_model_within_a_model(x):
    inverse = layers.Lambda(lambda t: 1 / t, name="inverse")
    block = kerasish.Sequential([kerasish.Input((3,)), dense(2), inverse], name="block")
    inputs = kerasish.Input((3,))
    outputs = dense(1)(layers.Dropout(0.0)(block(inputs)))
    x, x[14] = np.abs(x) + 1, 0
    data = (x, np.zeros((44, 1)))
    found = explained(kerasish.Model(inputs, outputs), *data, optimizer=quiet())
    assert (found.kind, found.layer, found.operation) == ("layer", "block/inverse", "div")
    assert (found.step, found.samples, found.indices) == (1, [6], [14])
    assert "(Lambda): 2 of 16 values are inf" in found.message
    assert "`div` got 1 and 0" in found.message


def test_a_layer_in_a_wrapper(x):
    model = kerasish.Sequential(
        [kerasish.Input((2, 3)), layers.TimeDistributed(logarithm()), layers.Flatten(), dense(1)]
    )
    x = np.abs(x).repeat(2, 0).reshape(44, 2, 3) + 1
    x[21, 1] = 0
    found = explained(model, x, np.zeros((44, 1)), optimizer=quiet())
    assert (found.kind, found.operation, found.indices) == ("layer", "log", [21])
    assert found.layer == "time_distributed/logarithm"


def test_an_exponential_that_overflows(x):
    found = explained(
        sequential(dense(2, name="first"), layers.Activation("exponential", name="exp"), dense(1)),
        np.where(np.arange(44)[:, None] == 10, 40, x),
        np.zeros((44, 1)),
        optimizer=quiet(),
    )
    assert (found.kind, found.layer, found.operation) == ("layer", "exp", "exp")
    assert (found.step, found.samples, found.weight) == (1, [2], None)
    assert "`exp` got 120" in found.message and "float32, which ends at 3.4e+38" in found.message


def test_mixed_precision(x):
    with_scale = optimizers.LossScaleOptimizer(quiet())
    inputs = kerasish.Input((3,))
    hidden = dense(2, name="half", dtype="mixed_float16")(inputs)
    x[10] = 30000
    model = kerasish.Model(inputs, dense(1, dtype="float32")(hidden))
    found = explained(model, x, np.zeros((44, 1)), optimizer=with_scale)
    assert (found.kind, found.layer, found.operation) == ("layer", "half", "dot_general")
    assert (found.step, found.samples) == (1, [2])
    assert "mixed_bfloat16" in found.message


def test_an_index_out_of_range():
    words = np.random.default_rng(0).integers(0, 10, (44, 5))
    words[26, 3] = 12
    inputs = kerasish.Input((5,), dtype="int32")
    # Of numbers that are the inputs themselves, one out of range is found before a step.
    numbers = layers.Lambda(lambda x: jnp.sort(x, axis=1))(inputs)
    hidden = layers.Embedding(10, 4, mask_zero=True, name="words")(numbers)
    model = kerasish.Model(inputs, dense(1)(layers.GlobalAveragePooling1D()(hidden)))
    found = explained(model, words, np.zeros((44, 1)))
    assert (found.kind, found.layer, found.operation) == ("layer", "words", "gather")
    assert (found.step, found.samples, found.indices) == (3, [2], [26])
    assert "from 0 to 12 in an array of shape (10, 4)" in found.message


def test_a_scan(x):
    """Within a loop the round is found, and the layer around it."""

    class Cell(layers.Layer):
        state_size = output_size = 3

        def call(self, inputs, states):
            return (state := states[0] + jnp.sqrt(inputs)), [state]

    x = np.abs(x).repeat(4, 0).reshape(44, 4, 3)
    x[13, 2] = -1
    model = kerasish.Sequential([kerasish.Input((4, 3)), layers.RNN(Cell(), name="rnn"), dense(1)])
    found = explained(model, x, np.zeros((44, 1)), optimizer=quiet())
    assert (found.kind, found.operation, found.step) == ("layer", "sqrt", 1)
    assert found.layer.startswith("rnn") and found.samples == [5]
    assert "`sqrt` got -1" in found.message


# The loss


def test_a_logarithm_in_the_loss(x):
    found = explained(
        sequential(layers.Activation("relu"), dense(1)),
        np.where(np.arange(44)[:, None] == 23, 0, np.abs(x) + 1),
        np.ones((44, 1)),
        optimizer=quiet(),
        loss=lambda y, p: -y * jnp.log(p),
    )
    assert (found.kind, found.layer, found.operation) == ("loss", None, "log")
    assert (found.step, found.samples, found.indices) == (2, [7], [23])


def test_a_label_out_of_range(x):
    labels = np.zeros(44, "int32")
    labels[30] = 4

    def picked(y, p):
        return -jnp.take_along_axis(p, y[:, None], 1, mode="fill")

    found = explained(sequential(dense(3)), x, labels, loss=picked)
    assert (found.kind, found.operation, found.indices) == ("loss", "gather", [30])


def test_a_learning_rate_that_explodes(x, donates):
    model = sequential(dense(1, name="only"))
    found = explained(model, x, np.ones((44, 1)), optimizer=optimizers.SGD(1e25), epochs=3)
    assert (found.kind, found.step, found.epoch, found.batch) == ("loss", 1, 0, 1)
    assert (found.weight, found.operation) == ("only/kernel", "square")
    assert len(found.samples) == BATCH
    assert "`only/kernel` has grown to" in found.message
    assert "learning rate is 1e+25" in found.message and "clipnorm" in found.message
    assert np.isfinite(model.predict(x, verbose=0)).all()


def test_a_finite_loss_whose_sum_is_too_large(x):
    """The mean of an epoch is kept as a sum over its samples."""
    model = sequential(dense(1, name="only"))
    found = explained(model, x, np.ones((44, 1)), loss=lambda y, p: 1e37 + 0 * p)
    assert (found.kind, found.step) == ("unknown", 4)
    assert "a loss of 1e+37" in found.message


# Gradients and updates


def test_the_gradient_of_a_root_at_0(x, donates):
    x[29] = 0
    model = sequential(dense(4, name="first"), root(), dense(1, name="last"))
    found = explained(model, x, np.ones((44, 1)), epochs=2)
    # The loss of that step is finite; that of the next one is not.
    assert (found.kind, found.epoch, found.batch, found.step) == ("gradient", 0, 3, 3)
    assert (found.layer, found.weight) == ("root", "first/kernel")
    assert (found.samples, found.indices) == ([5], [29])
    assert "batch 4: the loss became nan. It began in epoch 1, batch 3" in found.message
    assert "12 of 12 values are nan (1 of 2 weights)" in found.message
    assert int(model.optimizer.iterations) == 3
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_the_first_gradient_is_the_last_weight_of_those(x):
    x[29] = 0
    parts = (dense(4, name="one"), dense(4, name="two"), root(), dense(1, name="three"))
    found = explained(sequential(*parts), x, np.ones((44, 1)), optimizer=optimizers.SGD(1e-3))
    assert (found.kind, found.weight) == ("gradient", "two/kernel")
    assert "(2 of 3 weights)" in found.message


def test_a_gradient_at_the_end_of_an_epoch(x):
    """The loss of the next epoch tells of it, and the dispatch before is remembered."""
    x[43] = 0
    model = sequential(dense(4, name="first"), root(), dense(1))
    found = explained(model, x, np.ones((44, 1)), epochs=3)
    assert (found.kind, found.epoch, found.batch, found.step) == ("gradient", 0, 5, 5)
    assert (found.samples, found.indices) == ([3], [43])
    assert "Epoch 2, batch 0: the loss became nan. It began in epoch 1, batch 5" in found.message


def test_an_update_that_overflows(x):
    model = sequential(dense(1, name="only"))
    rate = optimizers.SGD(3e38, momentum=0.9)
    found = explained(model, x * 10, np.ones((44, 1)), optimizer=rate)
    assert (found.kind, found.step, found.weight) == ("update", 0, "only/kernel")
    assert "learning rate is 3e+38" in found.message
    np.testing.assert_array_equal(model.get_weights()[0], np.ones((3, 1)))


def test_a_layer_whose_infinity_the_loss_forgets(x):
    """The loss is finite, the gradient is not; it began in the forward pass."""
    flat = layers.Lambda(lambda t: jnp.exp(t), name="exp")
    x[10] = 100
    model = sequential(flat, dense(1, name="only"), layers.Lambda(lambda t: 1 / t))
    found = explained(model, x, np.zeros((44, 1)), optimizer=optimizers.SGD(1e-9))
    assert (found.kind, found.layer, found.operation) == ("gradient", "exp", "exp")
    assert (found.step, found.weight, found.samples) == (1, "only/kernel", [2])


def test_two_who_want_to_know(x):
    x[29] = math.nan
    other = callbacks.TerminateOnNaN(explain=True)
    found = explained(sequential(dense(1)), x, np.zeros((44, 1)), extra=[other])
    assert found is other.explanation and found.step == 3


def test_weights_that_were_wrong_before(x):
    model = sequential(dense(2, name="first"), dense(1))
    weights = model.get_weights()
    weights[0][1, 1] = math.nan
    model.set_weights(weights)
    found = explained(model, x, np.ones((44, 1)))
    assert (found.kind, found.weight, found.step) == ("weights", "first/kernel", 0)
    assert "1 of 6 values is nan" in found.message


# Steps of one's own


class Own(kerasish.Model):
    def __init__(self):
        super().__init__()
        self.first, self.last = dense(2, name="first"), dense(1, name="last")
        self.log = logarithm("log")

    def call(self, x):
        return self.last(self.log(self.first(x)))

    def train_step(self, state, data):
        trained, rest, slots, metrics = state
        x, y = data

        def loss(trained):
            return jnp.mean((self.stateless_call(trained, rest, x)[0] - y) ** 2)

        value, grads = jax.value_and_grad(loss)(trained)
        trained, slots = self.optimizer.stateless_apply(slots, grads, trained)
        return {"loss": value}, (trained, rest, slots, metrics)


def test_own_steps(x):
    x, x[18] = np.abs(x) + 1, 0
    found = explained(Own(), x, np.ones((44, 1)), optimizer=quiet())
    assert (found.kind, found.layer, found.operation) == ("layer", "log", "log")
    assert (found.step, found.samples, found.indices) == (2, [2], [18])


class Peeking(Own):
    def train_step(self, state, data):
        if float(data[0][0, 0]) < -1e6:  # works with `run_eagerly` only
            raise AssertionError
        return super().train_step(state, data)


def test_own_steps_that_cannot_be_looked_into(x, monkeypatch):
    """The forward pass can."""
    monkeypatch.setattr(
        keras_form, "initial_step_logs", lambda *_: StepLogs([], {"loss": jnp.zeros(())})
    )
    x, x[18] = np.abs(x) + 1, 0
    eager = {"run_eagerly": True}
    found = explained(Peeking(), x, np.ones((44, 1)), optimizer=quiet(), compiled=eager)
    assert (found.kind, found.layer, found.step, found.samples) == ("layer", "log", 2, [2])


def test_nothing_can_be_looked_into(x, monkeypatch):
    def refuse(*_):
        raise ValueError("no way")

    monkeypatch.setattr(findings, "InstrumentedStep", refuse)
    wrong = np.where(np.arange(44)[:, None] == 18, 0, np.abs(x) + 1)
    model = sequential(logarithm(), dense(1))
    found = explained(model, wrong, np.ones((44, 1)), optimizer=quiet())
    assert (found.kind, found.step) == ("unknown", 2)
    assert "operation by operation: ValueError: no way" in found.message
    wrong[30, 1] = math.nan
    found = explained(sequential(dense(1)), wrong, np.ones((44, 1)))
    assert (found.kind, found.indices) == ("data", [30])


# The replay


def deep():
    kerasish.utils.set_random_seed(3)
    parts = [
        layers.Dense(8, "relu"),
        layers.BatchNormalization(),
        layers.Dropout(0.3),
        layers.Dense(1),
    ]
    return kerasish.Sequential([kerasish.Input((3,)), *parts])


def test_the_state_before_is_that_of_a_run_that_ended_there(x, donates):
    """Bit by bit, with dropout, moving statistics, shuffling and the optimizer's state."""
    x, y = np.tile(x, (20, 1)), np.tile(x[:, :1], (20, 1))
    wrong = x.copy()
    wrong[500] = math.nan
    model = deep()
    found = explained(model, wrong, y, optimizer="adam", shuffle=True, epochs=2)
    assert found.kind == "data" and found.indices == [500] and found.step > 5
    other = deep()
    other.compile("adam", "mse")
    other.fit(x, y, batch_size=BATCH, steps_per_epoch=found.step, verbose=0)
    ours, theirs = (
        model._kerasish_engine.owner.train_state,
        other._kerasish_engine.owner.train_state,
    )
    assert int(ours.step) == int(theirs.step) == found.step
    for field in ("params", "state", "opt_state"):
        for one, two in zip(
            jax.tree.leaves(getattr(ours, field)),
            jax.tree.leaves(getattr(theirs, field)),
            strict=True,
        ):
            np.testing.assert_array_equal(one, two)


def test_many_steps_in_a_dispatch(x):
    x = np.tile(np.abs(x) + 1, (40, 1))
    x[1000] = 0
    data = (x, np.ones((len(x), 1)))
    compiled = {"steps_per_execution": 50}
    model = sequential(logarithm(), dense(1))
    found = explained(model, *data, optimizer=optimizers.SGD(1e-3), compiled=compiled)
    assert (found.step, found.samples, found.indices) == (125, [0], [1000])
    assert int(model.optimizer.iterations) == 125


def test_run_eagerly(x):
    x[29, 1] = math.nan
    eager = {"run_eagerly": True}
    found = explained(sequential(dense(1)), x, np.zeros((44, 1)), compiled=eager)
    assert (found.kind, found.step, found.indices) == ("data", 3, [29])


def test_the_model_can_be_trained_on(x, donates):
    x[29, 1] = math.nan
    model = sequential(dense(2), dense(1))
    explained(model, x, np.zeros((44, 1)), optimizer="adam")
    assert model._kerasish_engine.past is None
    history = model.fit(np.delete(x, 29, 0), np.zeros((43, 1)), verbose=0, epochs=3).history
    assert history["loss"][2] < history["loss"][0]
    assert "call" not in vars(model.layers[0])


def test_nothing_to_explain(x, capsys):
    assert explained(sequential(dense(1)), x, x[:, :1] * 0, epochs=2) is None
    assert capsys.readouterr().out == ""


def test_without_explain_nothing_is_remembered(x):
    model, seen = sequential(dense(1)), []
    model.compile("sgd", "mse")
    note = callbacks.LambdaCallback(
        on_epoch_end=lambda *_: seen.append(model._kerasish_engine.past)
    )
    model.fit(x, x[:, :1], verbose=0, callbacks=[callbacks.TerminateOnNaN(), note])
    assert seen == [None]


# CompiledSteps


def origin(function, *args):
    return NonFiniteInterpreter(jax.make_jaxpr(function)(*args), args, [0]).origin()


def test_an_infinity_that_is_meant_is_not_to_blame():
    masked = lambda x: jax.nn.softmax(jnp.where(x > 0, x, -jnp.inf)).sum()
    assert origin(masked, jnp.ones(3)) is None
    found = origin(masked, -jnp.ones(3))
    assert found.operation == "sub"  # -inf from -inf


def test_what_was_repaired_is_not_to_blame():
    repaired = lambda x: jnp.sum(jnp.where(x > 0, jnp.log(x), 0.0)) + jnp.sqrt(-x[0])
    assert origin(repaired, jnp.array([1.0, 0.0])).operation == "sqrt"


@pytest.mark.parametrize("wrap", [jax.jit, jax.checkpoint, lambda f: f])
def test_programs_within_programs(wrap):
    assert origin(lambda x: wrap(lambda x: jnp.exp(jnp.log(x)))(x) + jnp.nan * 0, -1.0)
    assert origin(wrap(lambda x: jnp.exp(jnp.log(x))), -1.0).operation == "log"


def test_loops_and_branches():
    halved = lambda x: jax.lax.while_loop(lambda x: x > 1, lambda x: jnp.log(x - 9), x)
    assert origin(halved, 20.0).operation == "log"
    chosen = lambda x: jax.lax.cond(x > 0, jnp.sin, jnp.sqrt, x)
    assert origin(chosen, -1.0).operation == "sqrt"
    summed = lambda x: jax.lax.scan(lambda c, t: (c + jnp.sqrt(t), c), 0.0, x)[0]
    assert origin(summed, jnp.array([1.0, 4.0, -9.0])).operands == [-9.0]


def test_what_an_operation_got():
    scaled = lambda x: x / jnp.sum(x * x, -1, keepdims=True)
    assert explanation.got(
        origin(scaled, jnp.eye(3)[:2] * 0 + jnp.array([[1.0], [0.0]]))
    ).startswith("`div` got 0 and 0")
    found = origin(lambda x: x @ x, jnp.full((2, 2), 1e30))
    assert explanation.got(found).startswith("`dot_general` got numbers from 1e+30 to 1e+30 and")


def test_losses_that_are_built_in_stay_finite(x):
    """There is nothing to explain in a cross-entropy of a probability of 0."""
    model = sequential(layers.Lambda(lambda t: t * 1e4), layers.Activation("sigmoid"))
    found = explained(model, x, np.ones((44, 3)), loss=losses.BinaryCrossentropy())
    assert found is None
