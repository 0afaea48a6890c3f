"""Optimizers in models, in loops of one's own, and in files."""

from __future__ import annotations

import jax
import numpy as np
import optax
import pytest

import kerasish
from kerasish import Input, Sequential, Variable, callbacks, errors, layers, optimizers
from kerasish.optimizers import (
    SGD,
    Adam,
    LossScaleOptimizer,
    MultiOptimizer,
    Muon,
    OptimizerMap,
    schedules,
)

X = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
Y = X[:, :1] * 2 + 1


def net(optimizer, **settings):
    model = Sequential([Input((4,)), layers.Dense(3, "tanh", name="in"), layers.Dense(1)])
    model.set_weights([np.full(w.shape, 0.1 * i) for i, w in enumerate(model.weights, 1)])
    model.compile(optimizer, "mse", **settings)
    return model


def fit(model, **settings):
    model.fit(X, Y, **({"batch_size": 4, "shuffle": False, "verbose": 0} | settings))
    return model.get_weights()


def equal(some, others):
    return all(np.array_equal(a, b) for a, b in zip(some, others, strict=True))


def averaging():
    return Adam(0.1, use_ema=True, ema_momentum=0.5, gradient_accumulation_steps=2)


def mixed():
    chosen = OptimizerMap(Adam(0.05), {"in/.*": SGD(0.1, momentum=0.5)})
    return MultiOptimizer(chosen, loss_scale_factor=8.0)


@kerasish.saving.register_keras_serializable("test")
class Drift(optimizers.Optimizer):
    """Written as for Keras: with momentum, and a number that each weight has a part in."""

    def __init__(self, learning_rate=0.01, keep=0.5, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.keep = self.decay = self.schedule = keep

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.kept = self.add_optimizer_variables(variables, "kept")
        self.sum = self.add_variable((), name="sum")

    def update_step(self, gradient, variable, learning_rate):
        kept = self.kept[self._get_variable_index(variable)]
        self.assign(kept, kept * self.keep + gradient)
        self.assign_add(self.sum, np.float32(gradient.size))
        self.assign_sub(variable, learning_rate * kept / (1 + 0.01 * self.sum))

    def get_config(self):
        return super().get_config() | {"keep": self.keep}


def own():
    chosen = OptimizerMap(Adam(0.05), {"in/.*": Drift(0.1, use_ema=True)})
    return LossScaleOptimizer(MultiOptimizer(chosen), 4.0, 3)


MADE = [averaging, mixed, lambda: LossScaleOptimizer(Muon(0.1), 4.0, 3), own]
NAMED = pytest.mark.parametrize("make", MADE, ids=["averaging", "mixed", "scaled", "own"])


@NAMED
def test_many_steps_in_one_dispatch_are_the_same_steps_and_a_file_goes_on(make, tmp_path):
    fused, single = net(make()), net(make())
    single.compile(make(), "mse", steps_per_execution=1)
    seen = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    assert equal(fit(fused), fit(single, callbacks=[seen]))
    state = [v.numpy() for v in fused.optimizer.variables]
    assert equal(state, [v.numpy() for v in single.optimizer.variables])
    fused.save(tmp_path / "m.keras")
    again = kerasish.saving.load_model(tmp_path / "m.keras")
    assert equal(state, [v.numpy() for v in again.optimizer.variables])
    assert equal(fit(again), fit(fused))


@NAMED
def test_a_loop_of_ones_own_makes_the_same_steps(make):
    model = net(make())
    expected = net(make())
    weights = model.trainable_weights
    optimizer = model.optimizer

    @jax.jit
    def slopes(values, x, y, scale):
        def loss(values):
            tree = {"in": dict(kernel=values[0], bias=values[1])}
            tree["dense"] = dict(kernel=values[2], bias=values[3])
            y_pred, _ = model.apply(tree, {}, x)
            return ((y_pred - y) ** 2).mean() * scale

        return jax.grad(loss)(values)

    for start in range(0, 24, 4):
        rows = slice(start, start + 4)
        scale = optimizer.scale_loss(1.0)
        grads = slopes([w.value for w in weights], X[rows], Y[rows], scale)
        count = int(optimizer.apply_gradients(zip(grads, weights, strict=True)))
    optimizer.finalize_variable_values(weights)
    for mine, other in zip(model.get_weights(), fit(expected), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=1e-5)
    assert count == int(expected.optimizer.iterations)
    fit(model)  # and `fit` goes on from there
    assert int(optimizer.iterations) == 2 * count


def test_weights_end_as_their_averages():
    looked = []
    model = net(SGD(0.1, use_ema=True, ema_momentum=0.9))
    look = lambda *_: looked.append(model.get_weights()[0])
    note = callbacks.LambdaCallback(on_epoch_end=look, on_train_end=lambda logs: look())
    after = fit(model, callbacks=[note])[0]
    assert not np.array_equal(looked[0], looked[1])
    assert np.array_equal(looked[1], after)
    assert np.array_equal(after, model.optimizer.variables[2].numpy())
    fit(model)


def test_a_step_that_is_not_finite_is_left_out():
    optimizer = LossScaleOptimizer(SGD(0.1, momentum=0.9), initial_scale=8.0)
    model = net(optimizer, allow_nan=True)
    scale = lambda: float(model.optimizer.dynamic_scale)
    model.train_on_batch(X, Y)
    before, made = model.get_weights(), int(model.optimizer.iterations)
    model.train_on_batch(X, np.full_like(Y, np.inf))
    assert (scale(), int(model.optimizer.iterations)) == (4.0, made)
    assert equal(before, model.get_weights())
    model.train_on_batch(X, Y)
    plain = net(SGD(0.1, momentum=0.9))
    for _ in range(2):
        plain.train_on_batch(X, Y)
    for mine, other in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


def test_what_is_kept_for_a_weight_stays_when_others_are_frozen():
    model = net(SGD(0.1, momentum=0.9))
    fit(model)
    kept = {v.name: v.numpy() for v in model.optimizer.variables}
    model.layers[0].trainable = False
    model.compile(model.optimizer, "mse")
    frozen = model.get_weights()[0]
    model._kerasish_engine.adopt_weights()
    names = [v.name for v in model.optimizer.variables]
    assert names == ["iteration", "learning_rate", "dense_kernel_momentum", "dense_bias_momentum"]
    assert equal([v.numpy() for v in model.optimizer.variables], [kept[name] for name in names])
    assert np.array_equal(fit(model)[0], frozen)
    assert int(model.optimizer.iterations) == 12


def test_a_weight_without_a_gradient_is_left_alone():
    optimizer = Adam(0.1)
    weights = [Variable([1.0, 2.0], name="a"), Variable([3.0], name="a")]
    optimizer.build(weights)
    optimizer.apply([None, [1.0]])
    assert np.array_equal(weights[0], [1.0, 2.0])
    assert float(weights[1][0]) == pytest.approx(2.9)
    names = [v.name for v in optimizer.variables[2:]]
    assert names == ["a_momentum", "a_velocity", "a_1_momentum", "a_1_velocity"]
    optimizer.apply([[1.0], [1.0, 1.0]], weights[::-1])
    assert float(weights[0][0]) < 1.0


def test_constraints_hold_in_a_loop_of_ones_own():
    layer = layers.Dense(2, kernel_constraint="non_neg")
    layer.build((None, 2))
    SGD(1.0).apply([np.full((2, 2), 9.0, "float32")], [layer.kernel])
    assert np.array_equal(layer.kernel, np.zeros((2, 2)))


def test_numbers_of_optimizers_within_are_leaves_too(compiled):
    model = net(mixed())
    fit(model)
    compiled.clear()
    for each in model.optimizer.optimizers:
        each.learning_rate = 0.0
    before = model.get_weights()
    assert not np.array_equal(before[0], np.full((4, 3), 0.1))
    after = fit(model)
    assert np.array_equal(before[2], after[2])
    assert not [name for name in compiled if "train" in name]


@pytest.mark.parametrize(
    "rate",
    [optax.cosine_decay_schedule(0.1, 12), lambda step: 0.1 / (1 + step), lambda: 0.1],
    ids=["optax", "of the step", "of nothing"],
)
def test_a_learning_rate_may_be_a_function(rate):
    optimizer = SGD(rate)
    weight = Variable([1.0])
    optimizer.apply([[1.0]], [weight])
    assert float(weight[0]) == pytest.approx(0.9)
    assert [v.name for v in optimizer.variables] == ["iteration"]
    with pytest.raises(errors.ArgumentError, match="schedule"):
        optimizer.learning_rate = 0.1


class Stray(Drift):
    def build(self, variables):
        super().build(variables)
        self.sum = Variable(0.0, name="stray")


def test_an_optimizer_of_ones_own_for_other_weights():
    """It is built again for the weights that still train, and goes on with what it has for them."""
    model = net(Drift(0.1))
    fit(model)
    model.layers[0].trainable = False
    model.compile(model.optimizer, "mse")
    kept = model.optimizer.variables[-2].numpy()
    model._kerasish_engine.adopt_weights()
    names = [v.name for v in model.optimizer.variables]
    assert names == ["iteration", "learning_rate", "dense_kernel_kept", "dense_bias_kept", "sum"]
    assert np.array_equal(model.optimizer.variables[-2].numpy(), kept)
    before = float(model.optimizer.sum)
    fit(model)
    assert float(model.optimizer.sum) == before + 6 * 4


def test_evaluation_by_averages():
    """An evaluation before training, one that fails, and one of a run that was stopped early."""
    swap = callbacks.SwapEMAWeights(swap_on_epoch=True)
    model = net(LossScaleOptimizer(SGD(0.1, use_ema=True, ema_momentum=0.5)))
    start, x = model.get_weights(), X[:4]
    by = {"callbacks": [swap], "verbose": 0}
    model.predict(x, **by)
    assert equal(start, model.get_weights())
    fit(model, callbacks=[swap, callbacks.EarlyStopping("loss", baseline=0.0)], epochs=9)
    averages = [
        mean.numpy() for _, mean in model.optimizer._kerasish_averages(model.trainable_weights)
    ]
    assert equal(model.get_weights(), averages) and not equal(start, averages)
    model.evaluate(X, Y, **by)
    assert equal(model.get_weights(), averages)


BAD = {
    "typo": (lambda: SGD(wieght_decay=0.1), ["SGD", "'wieght_decay'", "'weight_decay'"]),
    "typo in ones own": (lambda: Drift(0.1, keeps=0.1), ["'keeps'", "Did you mean 'keep'"]),
    "stray": (lambda: Stray(0.1).apply([1.0], [Variable(1.0)]), ["'stray'", "add_variable"]),
    "initializers": (
        lambda: SGD().add_optimizer_variables([], ["a", "b"], ["zeros"]),
        ["2 names", "1 init"],
    ),
    "not built for": (
        lambda: SGD().update_step(1.0, Variable(1.0), 0.1),
        ["'sgd'", "not built for"],
    ),
    "averages": (
        lambda: net(SGD()).predict(X, callbacks=[callbacks.SwapEMAWeights()], verbose=0),
        ["SwapEMAWeights", "'sgd'", "use_ema=True"],
    ),
    "ema_momentum": (lambda: SGD(use_ema=True, ema_momentum=2.0), ["ema_momentum", "2.0"]),
    "overwrite": (lambda: SGD(ema_overwrite_frequency=1.5), ["ema_overwrite_frequency", "1.5"]),
    "accumulate": (lambda: SGD(gradient_accumulation_steps=1), ["at least 2", "got 1"]),
    "lion": (lambda: optimizers.Lion(beta_1=0.0), ["beta_1", "0.0"]),
    "ftrl": (lambda: optimizers.Ftrl(learning_rate_power=1.0), ["at most 0", "1.0"]),
    "l1": (lambda: optimizers.Ftrl(l1_regularization_strength=-1.0), ["l1_reg", "-1.0"]),
    "scaled": (lambda: LossScaleOptimizer(SGD(loss_scale_factor=2.0)), ["loss_scale_factor"]),
    "growth": (lambda: LossScaleOptimizer(SGD(), dynamic_growth_steps=0), ["dynamic_growth"]),
    "map": (lambda: MultiOptimizer(3), ["OptimizerMap", "3"]),
    "default": (lambda: OptimizerMap("adam"), ["'adam'", "not an optimizer"]),
    "pattern": (lambda: OptimizerMap(SGD(), {"a(": SGD()}), ["'a('", "regular expression"]),
    "both": (lambda: OptimizerMap(SGD(), {"a.*": SGD(), ".*b": SGD()})["ab"], ["'ab'", "a.*"]),
    "twice": (lambda: OptimizerMap(SGD(), {"a": SGD()}).__setitem__("a", SGD()), ["already"]),
    "rate": (lambda: mixed().learning_rate, ["optimizers"]),
    "scale": (lambda: MultiOptimizer(OptimizerMap(SGD(loss_scale_factor=2.0))), ["one scale"]),
    "steps": (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), ["ExponentialDecay", "got 0"]),
    "t_mul": (lambda: schedules.CosineDecayRestarts(0.1, 3, 0.5), ["t_mul", "0.5"]),
    "values": (lambda: schedules.PiecewiseConstantDecay([1], [0.1]), ["1 values"]),
    "falls": (lambda: schedules.PiecewiseConstantDecay([2, 1], [1, 2, 3]), ["rise", "[2, 1]"]),
    "lengths": (lambda: SGD().apply([1.0, 2.0], [Variable(1.0)]), ["grads", "1 weights", "2"]),
    "nothing": (lambda: SGD().apply([None], [Variable(1.0)]), ["no gradients"]),
    "unbuilt": (lambda: SGD().stateless_apply([], [], []), ["optimizer.build"]),
}


@pytest.mark.parametrize("name", BAD)
def test_mistakes_are_told(name):
    make, words = BAD[name]
    with pytest.raises(errors.KerasishError) as told:
        make()
    assert all(word in str(told.value) for word in words), told.value


def test_a_transformation_of_optax_keeps_its_state_in_variables():
    optimizer, weight = optimizers.get(optax.sgd(0.1, momentum=0.5)), Variable([1.0])
    optimizer.apply([[1.0]], [weight])
    optimizer.apply([[1.0]], [weight])
    np.testing.assert_allclose(weight.numpy(), [1 - 0.1 - 0.15], rtol=1e-6)
    iteration, trace = optimizer.variables
    assert int(iteration) == 2 and trace.name == "0_trace_variable"
    np.testing.assert_allclose(trace.numpy(), [1.5])


def test_weights_that_an_optimizer_was_not_built_for():
    optimizer = SGD()
    optimizer.build([Variable(1.0)])
    with pytest.raises(errors.ArgumentError, match="built for other weights"):
        optimizer.apply([1.0], [Variable(1.0)])
    with pytest.raises(errors.ShapeError, match="shape"):
        optimizer.load_own_variables({"0": np.zeros(()), "1": np.zeros(3)})
    with pytest.warns(UserWarning, match="not loaded"):
        optimizer.load_own_variables({"0": np.zeros(())})
