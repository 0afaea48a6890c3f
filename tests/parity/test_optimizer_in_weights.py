"""The state of the optimizer in `.weights.h5` files, from and to Keras."""

import numpy as np
import optax
import pytest

from kerasish import Input, Sequential, callbacks, layers, optimizers
from kerasish.errors import ShapeError
from kerasish.saving import KerasFileEditor

from .tools.oracle import keras, kerasish

RNG = np.random.default_rng(0)
X, Y = RNG.random((16, 3), dtype="float32"), RNG.random((16, 1), dtype="float32")


def trained(library, optimizer, epochs=1):
    model = library.Sequential(
        [
            library.Input((3,)),
            library.layers.Dense(2, activation="tanh"),
            library.layers.Dense(1),
        ]
    )
    model.compile(optimizer, "mse")
    if epochs:
        losses(model, epochs)
    else:
        model.optimizer.build(model.trainable_variables)
    return model


def losses(model, epochs=2):
    fitted = model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)
    return fitted.history["loss"]


KINDS = {
    "schedule": lambda o: o.Adam(o.schedules.CosineDecay(0.1, 12)),
    "momentum": lambda o: o.SGD(0.1, momentum=0.9),
    "several": lambda o: o.MultiOptimizer(o.OptimizerMap(o.Adam(0.1), {".*bias": o.SGD(0.1, 0.9)})),
    "scaled": lambda o: o.LossScaleOptimizer(o.Adam(0.1), dynamic_growth_steps=3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_training_continues_from_a_file_of_weights_in_the_other_library(kind, tmp_path):
    path = tmp_path / "m.weights.h5"
    for source, other in ((kerasish, keras), (keras, kerasish)):
        before = trained(source, KINDS[kind](source.optimizers))
        before.save_weights(path)
        after = trained(other, KINDS[kind](other.optimizers), epochs=0)
        after.load_weights(path)
        assert int(np.asarray(after.optimizer.iterations)) == 2
        np.testing.assert_allclose(losses(after), losses(before), rtol=1e-4)


class Heavy(optimizers.Optimizer):
    def build(self, variables):
        super().build(variables)
        self.speeds = self.add_optimizer_variables(variables, "speed")

    def update_step(self, gradient, variable, learning_rate):
        speed = self.speeds[self._get_variable_index(variable)]
        self.assign(speed, 0.9 * speed.value + gradient)
        self.assign_sub(variable, learning_rate * speed.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: optax.adam(0.1),
        lambda: optax.inject_hyperparams(optax.sgd)(0.1, momentum=0.9),
        lambda: Heavy(0.1),
    ],
    ids=["optax", "injected", "custom"],
)
def test_training_continues_with_other_optimizers(make, tmp_path):
    before = trained(kerasish, make())
    before.save_weights(tmp_path / "m.weights.h5")
    after = trained(kerasish, make(), epochs=0)
    after.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(losses(after), losses(before))


def test_an_optimizer_that_does_not_fit_is_left_as_it_is(tmp_path):
    path, bare = tmp_path / "m.weights.h5", tmp_path / "bare.weights.h5"
    model = trained(kerasish, "adam")
    model.save_weights(path)
    Sequential([Input((3,)), layers.Dense(2), layers.Dense(1)]).save_weights(bare)
    other = trained(kerasish, "sgd", epochs=0)
    with pytest.warns(UserWarning, match="2 variables, and the file has 10") as noted:
        other.load_weights(path)
    assert noted[0].filename == __file__ and int(other.optimizer.iterations) == 0
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    unbuilt = Sequential([Input((3,)), layers.Dense(2), layers.Dense(1)])
    unbuilt.load_weights(path)  # not compiled: there is nothing to load the state into
    unbuilt.compile("adam", "mse")
    with pytest.warns(UserWarning, match="not built: call `model.optimizer.build"):
        unbuilt.load_weights(path)
    model.load_weights(bare)
    assert int(model.optimizer.iterations) == 2


def test_a_state_of_other_shapes_raises_unless_it_may_be_skipped(tmp_path):
    def half(trains):
        model = Sequential([Input((3,)), layers.Dense(2), layers.Dense(1)])
        model.layers[1 - trains].trainable = False
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
        return model

    half(0).save_weights(tmp_path / "m.weights.h5")
    model = half(1)
    before = model.get_weights()
    with pytest.raises(ShapeError, match="'adam'"):
        model.load_weights(tmp_path / "m.weights.h5")
    for ours, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, kept)
    model.load_weights(tmp_path / "m.weights.h5", skip_mismatch=True)
    assert not np.array_equal(model.get_weights()[0], before[0])


def test_checkpoints_of_weights_and_the_editor_have_the_optimizer(tmp_path, capsys):
    path = tmp_path / "{epoch}.weights.h5"
    saver = callbacks.ModelCheckpoint(path, save_weights_only=True)
    model = trained(kerasish, "adam", epochs=0)
    model.fit(X, Y, batch_size=8, epochs=1, callbacks=[saver], verbose=0)
    editor = KerasFileEditor(tmp_path / "1.weights.h5")
    assert editor.compare(model)["status"] == "success"
    editor.save(tmp_path / "again.weights.h5")
    other = trained(kerasish, "adam", epochs=0)
    other.load_weights(tmp_path / "again.weights.h5")
    assert int(other.optimizer.iterations) == 2
    editor.delete_object("optimizer")
    editor.save(tmp_path / "again.weights.h5")
    model.load_weights(tmp_path / "again.weights.h5")


def test_an_optimizer_may_be_built_for_weights_whose_paths_change(tmp_path):
    # The paths of the weights of `part` are longer in a model that holds it.
    part = Sequential([Input((3,)), layers.Dense(1)])
    optimizer = optimizers.SGD(0.1, momentum=0.9)
    optimizer.build(part.trainable_variables)
    optimizer.apply([np.ones((3, 1)), np.ones(1)])
    kept = [v.numpy() for v in optimizer.variables]
    model = Sequential([Input((3,)), part])
    model.compile(optimizer, "mse")
    model.evaluate(X, Y, verbose=0)
    for variable, value in zip(model.optimizer.variables, kept, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
