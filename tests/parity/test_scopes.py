"""Keras's scopes, `Operation` and `Function`, written once and run in either library."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from kerasish.errors import ArgumentError, FileFormatError, NotBuiltError, ShapeError

from .tools.oracle import keras, kerasish

X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)
both = pytest.mark.parametrize("library", [keras, kerasish], ids=["keras", "kerasish"])


# StatelessScope


@both
def test_variables_in_a_stateless_scope(library):
    one, other = library.Variable([1.0, 2.0]), library.Variable([5.0])
    with library.StatelessScope(state_mapping=[(one, np.array([3.0, 4.0]))]) as scope:
        assert np.asarray(one + 1).tolist() == [4.0, 5.0]
        assert np.asarray(other.value).tolist() == [5.0]
        one.assign_add([1.0, 1.0])
        assert np.asarray(scope.get_current_value(one)).tolist() == [4.0, 5.0]
        with library.StatelessScope([(one, np.zeros(2))]):
            assert np.asarray(one.value).tolist() == [0.0, 0.0]
    assert np.asarray(scope.get_current_value(one)).tolist() == [4.0, 5.0]
    assert scope.get_current_value(other) is None
    assert np.asarray(one).tolist() == [1.0, 2.0]


@both
def test_metrics_in_a_stateless_scope_under_jit(library):
    metric = library.metrics.Mean()
    metric.update_state([1.0, 2.0])

    @jax.jit
    def update(values, x):
        with library.StatelessScope(list(zip(metric.variables, values, strict=True))) as scope:
            metric.update_state(x)
        return [scope.get_current_value(v) for v in metric.variables], metric.result

    before = [np.asarray(v) for v in metric.variables]
    values = jax.jit(lambda v, x: update.__wrapped__(v, x)[0])(before, np.array([9.0]))
    assert np.allclose([float(v) for v in values], [12.0, 3.0])
    assert np.allclose(float(metric.result()), 1.5)


@both
def test_models_in_a_stateless_scope(library):
    model = library.Sequential(
        [library.Input((4,)), library.layers.Dense(3), library.layers.BatchNormalization()]
    )
    mapping = [(v, np.ones(v.shape, "float32")) for v in model.trainable_variables]

    def gradient(values):
        pairs = list(zip(model.trainable_variables, values, strict=True))
        with library.StatelessScope(pairs) as scope:
            y = model(X, training=True)
        moved = [scope.get_current_value(v) for v in model.non_trainable_variables]
        return (y**2).sum(), [m for m in moved if m is not None]

    grads, moved = jax.jit(jax.grad(gradient, has_aux=True))([v for _, v in mapping])
    assert [g.shape for g in grads] == [(4, 3), (3,), (3,), (3,)]
    np.testing.assert_allclose(
        moved[0], 0.01 * (X.sum(1, keepdims=True) + 1).mean(0).repeat(3), 1e-4
    )
    assert all(np.asarray(v).sum() == 0 for v in model.non_trainable_variables[:1])


@both
def test_losses_in_a_stateless_scope(library):
    layer = library.layers.Dense(2, activity_regularizer=library.regularizers.L2(0.5))
    layer.build((None, 4))
    with library.StatelessScope(collect_losses=True) as scope:
        y = layer(X)
        scope.add_loss(1.0)
    np.testing.assert_allclose(float(scope.losses[0]), 0.5 * (np.asarray(y) ** 2).sum() / 3, 1e-5)
    assert len(scope.losses) == 2


@both
def test_a_stateless_scope_refuses_what_does_not_fit(library):
    variable = library.Variable([1.0])
    for wrong in ([(variable, np.ones(3))], [(1, np.ones(3))]):
        with pytest.raises(ValueError):
            library.StatelessScope(wrong)


def test_random_numbers_in_a_stateless_scope():
    model = kerasish.Sequential([kerasish.Input((40,)), kerasish.layers.Dropout(0.5)])
    seeds = model.non_trainable_variables[-1]
    ones = np.ones((1, 40), "float32")

    def draw(value):
        with kerasish.StatelessScope([(seeds, value)]) as scope:
            y = model(ones, training=True)
        return y, scope.get_current_value(seeds)

    first, following = draw(seeds.value)
    again, _ = draw(seeds.value)
    second, _ = draw(following)
    np.testing.assert_array_equal(first, again)
    assert (np.asarray(first) != np.asarray(second)).any()
    with kerasish.StatelessScope():
        assert np.asarray(model(ones, training=True)).min() == 0


# name_scope and device


@both
def test_name_scopes(library):
    def path(variable: Any) -> str:
        return variable.path if isinstance(variable.path, str) else "/".join(variable.path)

    with library.name_scope("outer"):
        assert path(library.Variable([1.0], name="v")) == "outer/v"
        with library.name_scope("inner"):
            assert path(library.Variable([1.0], name="v")) == "outer/inner/v"
        with library.name_scope("inner", override_parent="a/b"):
            assert path(library.Variable([1.0], name="v")) == "a/b/inner/v"
    assert path(library.Variable([1.0], name="v")) == "v"
    for wrong in ("a/b", 3):
        with pytest.raises(ValueError):
            library.name_scope(wrong)


def test_name_scopes_name_operations():
    def run(x):
        with kerasish.name_scope("here"):
            return x * 2

    assert "here" in jax.jit(run).lower(1.0).as_text(debug_info=True)


@both
def test_devices(library):
    for name in ("cpu:0", "cpu", jax.devices()[0]):
        with library.device(name):
            assert library.ops.ones(2).devices() == {jax.devices("cpu")[0]}
    for wrong in ("gpu:0", "cpu:7", "abacus"):
        with pytest.raises((ValueError, RuntimeError)), library.device(wrong):
            pass


def test_a_device_that_is_not_there():
    for wrong in ("gpu:0", "cpu:7", "cpu:x", 3):
        with pytest.raises(ArgumentError, match="This machine has cpu:0"), kerasish.device(wrong):
            pass


# RematScope and remat


def recomputed(layer: Any) -> int:
    """Return how many parts of a layer are computed again for its gradient."""
    rest = [v.value for v in layer.non_trainable_variables]

    def total(values):
        return layer.stateless_call(values, rest, X)[0].sum()

    values = [v.value for v in layer.trainable_variables]
    return str(jax.make_jaxpr(jax.grad(total))(values)).count("prevent_cse")


@both
def test_layers_in_remat_scopes(library):
    def dense(name="dense", activation="relu"):
        layer = library.layers.Dense(3, activation=activation, name=name)
        layer.build((None, 4))
        return layer

    with library.RematScope(mode="full"):
        inside = dense()
        with library.RematScope(mode=None):
            assert not recomputed(dense())
    assert recomputed(inside)
    outside = dense()
    with library.RematScope(mode="full"):
        assert not recomputed(outside)
    with library.RematScope(mode="list_of_layers", layer_names=["a"]):
        assert recomputed(dense("a")) and not recomputed(dense("b"))
    with library.RematScope(mode="activations"):
        assert recomputed(dense())
    with pytest.raises(ValueError):
        library.RematScope(mode="some")


def test_large_outputs_in_remat_scopes():
    for threshold, expected in ((8, True), (9, False)):
        with kerasish.RematScope(mode="larger_than", output_size_threshold=threshold):
            layer = kerasish.layers.Dense(3)
        layer.build((None, 4))
        assert bool(recomputed(layer)) == expected, threshold


def test_models_in_remat_scopes_train_as_without():
    def make():
        kerasish.utils.set_random_seed(0)
        model = kerasish.Sequential(
            [
                kerasish.Input((4,)),
                kerasish.layers.Dense(3, activation="tanh"),
                kerasish.layers.BatchNormalization(),
                kerasish.layers.Dropout(0.5),
            ]
        )
        model.compile("sgd", "mse")
        model.fit(X, X[:, :3], epochs=2, verbose=0)
        return model

    plain = make()
    with kerasish.RematScope():
        model = make()
    assert recomputed(model) >= 3
    for one, other in zip(plain.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, 1e-5, 1e-6)


@both
def test_functions_that_are_recomputed(library):
    wave = library.remat(lambda x: library.ops.sin(library.ops.sin(x)))
    gradient = jax.make_jaxpr(jax.grad(lambda x: wave(x).sum()))(X)
    assert "prevent_cse" in str(gradient)
    np.testing.assert_allclose(np.asarray(wave(X)), np.sin(np.sin(X)), 1e-5, 1e-6)


# Operation and Function


def times(library: Any) -> Any:
    @library.saving.register_keras_serializable("scopes")
    class Times(library.Operation):
        def __init__(self, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def compute_output_spec(self, x):
            return library.KerasTensor(x.shape, x.dtype)

        def get_config(self):
            return {"factor": self.factor}

    return Times


@both
def test_operations_of_ones_own(library, tmp_path):
    operation = times(library)(3.0)
    np.testing.assert_allclose(np.asarray(operation(X)), 3 * X)
    inputs = library.Input((4,))
    outputs = operation(inputs)
    assert tuple(outputs.shape) == (None, 4)
    assert operation.input is inputs and operation.output is outputs
    model = library.Model(inputs, library.layers.Dense(2)(outputs))
    assert operation in model.operations and operation not in model.layers
    y = np.asarray(model(X))
    model.save(tmp_path / "m.keras")
    loaded = library.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(np.asarray(loaded(X)), y, 1e-5, 1e-6)
    copy = library.models.clone_model(model)
    copy.set_weights(model.get_weights())
    np.testing.assert_allclose(np.asarray(copy(X)), y, 1e-5, 1e-6)


def test_operations_say_what_they_lack():
    with pytest.raises(NotImplementedError, match="Operation has no `call`"):
        kerasish.Operation()(X)
    with pytest.raises(NotBuiltError, match="never called"):
        _ = times(kerasish)().input


def test_a_file_with_an_operation_that_is_not_registered(tmp_path):
    class Unknown(kerasish.Operation):
        def call(self, x):
            return x

    inputs = kerasish.Input((4,))
    kerasish.Model(inputs, Unknown()(inputs)).save(tmp_path / "m.keras")
    with pytest.raises(FileFormatError, match="Unknown"):
        kerasish.saving.load_model(tmp_path / "m.keras")


@both
def test_functions(library):
    a, b = library.Input((4,)), library.Input((4,))
    dense = library.layers.Dense(2, use_bias=False, kernel_initializer="ones")
    function = library.Function([a, b], {"sum": a + b, "dense": dense(a * b)})
    y = function([X, 2 * X])
    np.testing.assert_allclose(np.asarray(y["sum"]), 3 * X)
    np.testing.assert_allclose(np.asarray(y["dense"])[:, 0], (2 * X**2).sum(1), 1e-5)
    assert [tuple(t.shape) for t in function.outputs] == [(None, 2), (None, 4)]
    assert function.inputs[0] is a and len(function.operations) == 5
    assert function.compute_output_shape([(3, 4), (3, 4)])["dense"] == (3, 2)
    again = function([library.Input((4,)), library.Input((4,))])
    assert tuple(again["sum"].shape) == (None, 4)
    for wrong in (X, [X], [X, X[:, :3]]):
        with pytest.raises(ValueError):
            function(wrong)
    with pytest.raises(ValueError):
        library.Function(library.Input((4,)), a + b)


def test_functions_say_what_does_not_fit():
    a = kerasish.Input((4,), name="a")
    function = kerasish.Function(a, a * 2)
    with pytest.raises(ShapeError, match=r"shape \(None, 4\) for 'a'"):
        function(X[:, :3])
    with pytest.raises(NotImplementedError, match="Model"):
        function.get_config()
