"""The settings of optimizers as attributes: read, assigned, refused."""

import numpy as np
import pytest

from kerasish import Input, Sequential, Variable, callbacks, errors, layers, optimizers

X, Y = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")


def small(optimizer):
    model = Sequential([Input((3,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizer, "mse")
    return model


@pytest.mark.parametrize("first", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_a_second_way_of_clipping_is_refused_when_it_is_assigned(first):
    optimizer = optimizers.Adam(**{first: 1.0})
    for other in {"clipnorm", "clipvalue", "global_clipnorm"} - {first}:
        with pytest.raises(errors.ArgumentError, match=rf"{first} is 1.0.*{first} = None"):
            setattr(optimizer, other, 0.5)
        assert getattr(optimizer, other) is None
    setattr(optimizer, first, 2.0)
    again = optimizers.Adam.from_config(optimizer.get_config())
    assert getattr(again, first) == 2.0
    setattr(optimizer, first, None)
    optimizer.clipvalue = 0.5
    assert optimizer.clipvalue == 0.5


def test_numbers_are_checked_when_they_are_assigned():
    optimizer = optimizers.SGD(momentum=0.9)
    for value in (-1, "fast", None):
        with pytest.raises(errors.ArgumentError, match="momentum must be a number"):
            optimizer.momentum = value
    assert optimizer.momentum == 0.9
    with pytest.raises(AttributeError, match="'SGD' object has no attribute 'beta_1'"):
        _ = optimizer.beta_1


def test_momentum_of_an_optimizer_that_was_built_without():
    optimizer = optimizers.SGD(0.1)
    optimizer.momentum = 0.5
    weight = Variable([1.0])
    optimizer.apply([[1.0]], [weight])
    optimizer.apply([[1.0]], [weight])
    np.testing.assert_allclose(weight.numpy(), [1 - 0.1 - 0.15], rtol=1e-6)
    optimizer = optimizers.SGD(0.1)
    optimizer.build([weight])
    with pytest.raises(errors.ArgumentError, match="built with momentum=0"):
        optimizer.momentum = 0.5
    assert optimizer.momentum == 0


def test_numbers_change_during_training_and_compile_nothing():
    optimizer = optimizers.SGD(0.0, momentum=0.5)
    model = small(optimizer)
    seen = []

    def change(epoch, logs):
        seen.append((optimizer.momentum, optimizer.learning_rate.numpy().item()))
        optimizer.momentum, optimizer.learning_rate = 0.25, 0.5

    model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks.LambdaCallback(on_epoch_end=change))
    assert seen == [(0.5, 0.0), (0.25, 0.5)]
    # One step of learning rate 0.5: the momentum was 0 until then.
    np.testing.assert_allclose(model.get_weights()[0].ravel(), 1 - 0.5 * 4 * np.ones(3), rtol=1e-6)
    programs = model._kerasish_engine.programs
    model.fit(X, Y, verbose=0)
    assert model._kerasish_engine.programs is programs
    slope = 2 * (3 * -1.0 - 2.0 - 1)
    expected = -1 + 0.25 * -2 - 0.5 * slope
    np.testing.assert_allclose(model.get_weights()[0].ravel(), expected * np.ones(3), rtol=1e-6)


def test_other_settings_take_effect_at_the_next_fit():
    optimizer = optimizers.SGD(1.0)
    model = small(optimizer)
    model.fit(X, Y, verbose=0)
    assert optimizer.weight_decay is None
    before = model.get_weights()[0]
    optimizer.clipvalue, optimizer.weight_decay = 0.125, 0.5
    model.fit(X, Y, verbose=0)
    change = model.get_weights()[0] - 0.5 * before
    np.testing.assert_allclose(np.abs(change), 0.125, rtol=1e-6)
    optimizer.weight_decay = None
    before = model.get_weights()[0]
    model.fit(X, Y, verbose=0)
    np.testing.assert_allclose(np.abs(model.get_weights()[0] - before), 0.125, rtol=1e-5)


def test_a_step_of_ones_own_reads_numbers():
    class Half(optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            self.assign_sub(variable, self.momentum * learning_rate * gradient)

    optimizer = Half(1.0, momentum=0.5)
    model = small(optimizer)
    model.fit(X, Y, verbose=0)
    np.testing.assert_allclose(model.get_weights()[1], [-2.0])
    optimizer.momentum = 0.25
    model.fit(X, Y, verbose=0)
    np.testing.assert_allclose(model.get_weights()[1], [-2.0 - 0.25 * 2 * (-3 - 2 - 1)])
