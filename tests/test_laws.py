"""Laws that hold for everything in the catalogue."""

from __future__ import annotations

import functools
import itertools
import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from catalogue import (
    ACTIVATIONS,
    CONSTRAINTS,
    HELPERS,
    INITIALIZERS,
    LAYERS,
    LOSS_FUNCTIONS,
    LOSSES,
    METRIC_FUNCTIONS,
    METRICS,
    NAMESPACES,
    OPTIMIZERS,
    REGULARIZERS,
    SCHEDULES,
    Case,
)

import kerasish
from kerasish import Input, Model, Sequential, layers, optimizers
from kerasish.core.graph.symbolic import shape_of
from kerasish.core.serialization import registry

pytestmark = pytest.mark.usefixtures("fast_programs")


def over(cases: list[Case]) -> Any:
    """Return a decorator that runs a test for each case."""
    return pytest.mark.parametrize("case", cases, ids=repr)


def close(actual: Any, expected: Any, tolerance: float = 1e-5) -> None:
    """Check that two trees are equal in structure, dtypes, shapes and, to a tolerance, values."""
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for a, b in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        a, b = jnp.asarray(a), jnp.asarray(b)
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def same(actual: Any, expected: Any) -> None:
    """Check that two trees are equal bit for bit."""
    close(actual, expected, 0.0)


def again_from_file(thing: Any) -> Any:
    """Return what is made of a thing's description, after a journey through JSON."""
    return registry.deserialize(json.loads(json.dumps(registry.serialize(thing))))


# The catalogue is complete


@pytest.mark.parametrize("module", NAMESPACES, ids=lambda module: module.__name__)
def test_everything_public_is_in_the_catalogue(module):
    cases, others = NAMESPACES[module]
    there = [case.thing for case in cases]
    missing = [
        name
        for name in module.__all__
        if name not in others | HELPERS and getattr(module, name) not in there
    ]
    assert not missing, f"add these to tests/catalogue.py: {missing}"


@pytest.mark.parametrize("module", NAMESPACES, ids=lambda module: module.__name__)
def test_everything_registered_is_public(module):
    found = registry._registries.get(module.__name__.replace("kerasish", "keras"))
    public = [getattr(module, name) for name in module.__all__]
    own = {thing for thing in found.entries.values() if thing.__module__.startswith("kerasish")}
    assert not [thing for thing in own if thing not in public]


# Layers

KEY = jax.random.key(7)


def built(case: Case, **more: Any) -> tuple[Any, Any, Any]:
    """Return a layer with its parameters and state, built for its inputs in the catalogue."""
    layer = case.make(**more)
    layer._kerasish_ensure_built(*case.inputs)
    return layer, layer.params, layer.state


def symbols(inputs: tuple[Any, ...]) -> Any:
    """Return tensors of unknown batch size in place of the inputs."""
    return jax.tree.map(lambda x: Input(x.shape[1:], dtype=x.dtype), inputs)


def bumpy(outputs: Any) -> Any:
    """Return a scalar that depends on every output."""
    return sum(jnp.sum(y**3 + y) for y in jax.tree.leaves(outputs))


def dtypes_of(tree: Any) -> set[str]:
    return {str(leaf.dtype) for leaf in jax.tree.leaves(tree)}


@over(LAYERS)
def test_a_layer_compiled_equals_it_run_eagerly(case):
    layer, params, state = built(case)

    def both(*inputs: Any) -> Any:
        return [
            layer.apply(params, state, *inputs, training=training, rng=KEY)
            for training in (False, True)
        ]

    close(jax.jit(both)(*case.inputs), both(*case.inputs))


@over(LAYERS)
def test_the_shape_of_a_layer_is_known_before_it_computes(case):
    layer, params, state = built(case)
    output, _ = layer.apply(params, state, *case.inputs)
    expected, _ = jax.eval_shape(layer.apply, params, state, *case.inputs)
    symbolic = case.make()(*symbols(case.inputs))
    for y, before, tensor in zip(*map(jax.tree.leaves, (output, expected, symbolic)), strict=True):
        assert before.shape == y.shape
        assert tensor.shape == (None, *y.shape[1:])
        assert tensor.dtype == before.dtype == y.dtype
    shapes = [shape_of(each) for each in case.inputs]
    assert case.make().compute_output_shape(*shapes) == shape_of(output)


@over([case for case in LAYERS if jax.tree.leaves(case.inputs)[0].ndim > 2])
def test_a_layer_takes_sizes_that_are_not_known_yet(case):
    """Or says in a sentence that it must know them."""
    channels = 1 if case.kwargs.get("data_format") == "channels_first" else -1

    def symbol(x: Any) -> Any:
        shape: list[int | None] = [None] * x.ndim
        shape[channels] = x.shape[channels]
        return Input(shape[1:], dtype=x.dtype)

    try:
        symbolic = case.make()(*jax.tree.map(symbol, case.inputs))
    except kerasish.errors.KerasishError:
        return
    for y, tensor in zip(*map(jax.tree.leaves, (case.make()(*case.inputs), symbolic)), strict=True):
        assert len(tensor.shape) == y.ndim
        assert all(a in (None, b) for a, b in zip(tensor.shape, y.shape, strict=True))


@over(LAYERS + LOSSES + LOSS_FUNCTIONS + METRICS + METRIC_FUNCTIONS)
def test_a_second_call_compiles_nothing(case, compiled):
    thing = case.make()
    thing(*case.inputs)
    compiled.clear()
    thing(*case.inputs)
    assert not compiled


@over(LAYERS)
def test_without_training_a_layer_ignores_the_rng_and_leaves_the_state(case):
    layer, params, state = built(case)
    output, after = layer.apply(params, state, *case.inputs)
    same(after, state)
    for key in (KEY, jax.random.key(8)):
        same(layer.apply(params, state, *case.inputs, rng=key), (output, after))
    same(layer(*case.inputs), output)


@over(LAYERS)
def test_in_training_a_layer_is_a_function_of_the_key(case):
    layer, params, state = built(case)
    apply = functools.partial(layer.apply, params, state, *case.inputs, training=True)
    same(apply(rng=KEY), apply(rng=KEY))


@over(LAYERS)
def test_samples_do_not_see_each_other_outside_training(case):
    layer, params, state = built(case)

    def one(*sample: Any) -> Any:
        batch = jax.tree.map(lambda x: x[None], sample)
        return jax.tree.map(lambda y: y[0], layer.apply(params, state, *batch)[0])

    close(jax.jit(jax.vmap(one))(*case.inputs), layer.apply(params, state, *case.inputs)[0])


@over([case for case in LAYERS if case.kwargs.get("trainable", True)])
def test_the_gradients_of_samples_add_up_to_that_of_the_batch(case):
    layer, params, state = built(case)

    @jax.jit
    def gradients(inputs: Any) -> Any:
        def loss(params: Any, inputs: Any) -> Any:
            return bumpy(layer.apply(params, state, *inputs)[0])

        alone = jax.tree.map(lambda x: x[:, None], inputs)
        each = jax.vmap(jax.grad(loss), (None, 0))(params, alone)
        return jax.tree.map(lambda g: g.sum(0), each), jax.grad(loss)(params, inputs)

    summed, whole = gradients(case.inputs)
    assert all(jnp.all(jnp.isfinite(g)) and jnp.any(g != 0) for g in jax.tree.leaves(whole))
    close(summed, whole, 1e-4)


@over(LAYERS)
def test_a_layer_is_made_again_from_its_config(case):
    layer, params, state = built(case)
    config = json.loads(json.dumps(layer.get_config()))
    again = again_from_file(layer)
    assert json.loads(json.dumps(again.get_config())) == config
    assert json.loads(json.dumps(type(layer).from_config(config).get_config())) == config
    again._kerasish_ensure_built(*case.inputs)
    again.set_weights(layer.get_weights())
    same((again.params, again.state), (params, state))
    expected = layer.apply(params, state, *case.inputs, training=True, rng=KEY)
    same(again.apply(params, state, *case.inputs, training=True, rng=KEY), expected)


@over(LAYERS)
def test_a_layer_promotes_no_dtypes(case):
    layer, params, state = built(case)
    with jax.numpy_dtype_promotion("strict"):
        apply = functools.partial(layer.apply, training=True, rng=KEY)
        jax.eval_shape(apply, params, state, *case.inputs)


@over(LAYERS)
def test_a_layer_computes_in_the_dtype_of_its_policy(case):
    layer, params, state = built(case, dtype="mixed_bfloat16")
    assert dtypes_of((params, state)) <= {"float32"}
    apply = functools.partial(layer.apply, training=True, rng=KEY)
    output, after = jax.eval_shape(apply, params, state, *case.inputs)
    assert dtypes_of(output) == {"bfloat16"}
    assert dtypes_of(after) == dtypes_of(state)


# Losses


@over(LOSSES + LOSS_FUNCTIONS + METRIC_FUNCTIONS)
def test_a_criterion_compiled_equals_it_run_eagerly(case):
    function = case.make()
    close(jax.jit(function)(*case.inputs), function(*case.inputs))


@over(LOSSES + LOSS_FUNCTIONS + METRIC_FUNCTIONS)
def test_the_shape_of_a_criterion_is_known_before_it_computes(case):
    function = case.make()
    found, expected = jax.eval_shape(function, *case.inputs), function(*case.inputs)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)


@over(LOSS_FUNCTIONS + METRIC_FUNCTIONS)
def test_a_criterion_gives_a_value_for_each_sample(case):
    values = case.make()(*case.inputs)
    each = [case.make()(*(part[i : i + 1] for part in case.inputs)) for i in range(6)]
    close(values, jnp.concatenate(each))


# A loss that ignores a class counts fewer samples than there are.
COUNTING = [case for case in LOSSES if "ignore_class" not in case.kwargs]


@over(COUNTING)
def test_a_loss_is_the_mean_of_its_values(case):
    loss, values = case.make(), case.make(reduction="none")(*case.inputs)
    assert values.shape[0] == 6
    close(loss(*case.inputs), jnp.mean(values))
    close(case.make(reduction="sum")(*case.inputs), jnp.sum(values))


@over(LOSSES)
def test_samples_of_weight_zero_change_no_loss(case):
    weight = np.array([1, 1, 1, 1, 0, 0], "float32")
    kept = [part[:4] for part in case.inputs]
    for reduction in ("sum", "mean_with_sample_weight"):
        loss = case.make(reduction=reduction)
        close(loss(*case.inputs, sample_weight=weight), loss(*kept, sample_weight=weight[:4]))
    y, y_pred = case.inputs
    slope = jax.jit(jax.grad(lambda y_pred: case.make()(y, y_pred, weight)))(y_pred)
    assert not np.any(slope[4:])
    assert np.all(np.isfinite(slope)) and np.any(slope[:4])


@over(LOSSES)
def test_a_loss_is_made_again_from_its_config(case):
    loss = case.make()
    again = again_from_file(loss)
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    same(again(*case.inputs), loss(*case.inputs))


# Metrics


def updates(case: Case, *cuts: int) -> tuple[Any, list[Any]]:
    """Return a metric, and its state after each of the parts that its samples are cut into."""
    metric = case.make()
    pieces = zip(*(np.split(part, cuts) for part in case.inputs), strict=True)
    return metric, [metric.update(metric.init(), *piece) for piece in pieces]


@over(METRICS)
def test_a_metric_compiled_equals_it_run_eagerly(case):
    metric, (state,) = updates(case)
    compiled = jax.jit(metric.update)(metric.init(), *case.inputs)
    close(compiled, state)
    close(jax.jit(metric.compute)(compiled), metric.compute(state))
    assert jnp.shape(metric.compute(state)) == metric.compute(metric.init()).shape


@over(METRICS)
def test_a_metric_does_not_depend_on_how_samples_are_batched(case):
    metric, (whole,) = updates(case)
    for order in itertools.permutations([slice(0, 1), slice(1, 4), slice(4, 6)]):
        state = metric.init()
        for rows in order:
            state = metric.update(state, *(part[rows] for part in case.inputs))
        close(metric.compute(state), metric.compute(whole))


@over(METRICS)
def test_the_states_of_a_metric_are_a_monoid(case):
    metric, (a, b, c) = updates(case, 1, 4)
    close(metric.merge(metric.merge(a, b), c), metric.merge(a, metric.merge(b, c)))
    same(metric.merge(metric.init(), a), a)
    same(metric.merge(a, metric.init()), a)
    _, (whole,) = updates(case)
    close(metric.compute(metric.merge(metric.merge(a, b), c)), metric.compute(whole))


@over(METRICS)
def test_samples_of_weight_zero_change_no_metric(case):
    metric, (kept, _) = updates(case, 4)
    weight = np.array([1, 1, 1, 1, 0, 0], "float32")
    found = metric.update(metric.init(), *case.inputs, sample_weight=weight)
    close(metric.compute(found), metric.compute(kept))
    nothing = metric.update(kept, *case.inputs, sample_weight=0 * weight)
    same(metric.compute(nothing), metric.compute(kept))


@over(METRICS)
def test_a_metric_as_an_object_equals_its_pure_view(case):
    metric, (state,) = updates(case)
    empty = metric.result() + 0
    metric.update_state(*case.inputs)
    close(metric.result() + 0, metric.compute(state))
    metric.reset_state()
    same(metric.result() + 0, empty)


@over(METRICS)
def test_a_metric_is_made_again_from_its_config(case):
    metric, (state,) = updates(case)
    again = again_from_file(metric)
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    same(again.update(again.init(), *case.inputs), state)


# Optimizers

WEIGHTS = {"a": {"w": jnp.array([[1.0, -2.0], [3.0, 4.0]])}, "b": jnp.array([5.0])}


def height(weights: Any) -> Any:
    """Return how far up the sides of a bowl the weights are."""
    return sum(jnp.sum(w**2) for w in jax.tree.leaves(weights))


def gradients(weights: Any) -> Any:
    """Return the way up."""
    return jax.grad(height)(weights)


def descend(transformation: Any, steps: int = 3) -> tuple[Any, Any]:
    """Return the weights and the state after some steps, as one makes them with optax."""
    weights, state = WEIGHTS, transformation.init(WEIGHTS)
    for _ in range(steps):
        found, state = transformation.update(gradients(weights), state, weights)
        weights = optax.apply_updates(weights, found)
    return weights, state


@over(OPTIMIZERS)
def test_an_optimizer_compiled_equals_it_run_eagerly(case):
    transformation = case.make().transformation
    run = jax.jit(lambda: descend(transformation))
    close(run(), descend(transformation), 1e-4)


@over(OPTIMIZERS)
def test_an_optimizer_goes_down(case):
    weights, _ = descend(case.make(), 10)
    assert height(weights) < 0.9 * height(WEIGHTS)
    assert shape_of(weights) == shape_of(WEIGHTS)


@over(OPTIMIZERS)
def test_an_optimizer_is_an_optax_transformation(case):
    optimizer = case.make()
    assert isinstance(optimizer.transformation, optax.GradientTransformation)
    chained = optax.chain(optax.scale(1.0), optimizer.transformation)
    close(descend(chained)[0], descend(optimizer)[0])


@over(OPTIMIZERS)
def test_numbers_of_an_optimizer_change_without_a_compilation(case):
    optimizer = case.make()
    update = jax.jit(optimizer.update)
    state = optimizer.init(WEIGHTS)
    first, _ = update(gradients(WEIGHTS), state, WEIGHTS)
    for name in state.hyperparams:
        changed = state._replace(hyperparams=state.hyperparams | {name: jnp.float32(0.2)})
        update(gradients(WEIGHTS), changed, WEIGHTS)
    assert update._cache_size() == 1
    if "learning_rate" in state.hyperparams and optimizer._kerasish_schedule is None:
        halved = {"learning_rate": state.hyperparams["learning_rate"] / 2}
        changed = state._replace(hyperparams=state.hyperparams | halved)
        second, _ = update(gradients(WEIGHTS), changed, WEIGHTS)
        close(jax.tree.map(lambda u: u / 2, first), second, 1e-4)


@over([case for case in OPTIMIZERS if case.thing is not optimizers.OptaxOptimizer])
def test_an_optimizer_is_made_again_from_its_config(case):
    optimizer = case.make()
    again = again_from_file(optimizer)
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()
    close(descend(again), descend(optimizer))


@over(SCHEDULES)
def test_a_schedule_is_a_pure_function_of_the_step(case):
    schedule = case.make()
    close(jax.jit(schedule)(*case.inputs), schedule(*case.inputs))
    each = jnp.stack([schedule(step) for step in case.inputs[0]])
    close(schedule(*case.inputs), each)
    again = again_from_file(schedule)
    same(again(*case.inputs), schedule(*case.inputs))


# What weights are made of


@over(INITIALIZERS)
def test_an_initializer_gives_the_shape_and_dtype_asked_for(case):
    (shape,) = case.inputs
    for dtype in ("float32", "float16"):
        value = case.make()(shape, dtype)
        assert (value.shape, value.dtype) == (shape, dtype)
        assert np.all(np.isfinite(value))


@over(INITIALIZERS)
def test_an_initializer_with_a_seed_gives_the_same_each_time(case):
    initializer, (shape,) = case.make(), case.inputs
    again = again_from_file(initializer)
    assert again.get_config() == initializer.get_config()
    draws = "seed" in initializer.get_config()
    if draws and initializer.seed is None:
        assert not np.array_equal(initializer(shape), initializer(shape))
        kerasish.utils.set_random_seed(1)
        first = initializer(shape)
        kerasish.utils.set_random_seed(1)
        same(again(shape), first)
    else:
        same(again(shape), initializer(shape))


@over(REGULARIZERS)
def test_a_regularizer_is_a_penalty(case):
    penalty, x = case.make(), jnp.asarray(case.inputs[0])
    assert penalty(x).shape == () and penalty(x) > 0 and penalty(0 * x) == 0
    close(jax.jit(penalty)(x), penalty(x))
    again = again_from_file(penalty)
    same(again(x), penalty(x))


@over(CONSTRAINTS)
def test_a_constraint_is_a_projection(case):
    project, x = case.make(), jnp.asarray(case.inputs[0])
    close(jax.jit(project)(x), project(x))
    close(project(project(x)), project(x))
    again = again_from_file(project)
    same(again(x), project(x))


@over(ACTIVATIONS)
def test_an_activation_is_a_pure_function(case):
    function, x = case.make(), jnp.asarray(case.inputs[0])
    close(jax.jit(function)(x), function(x))
    slope = jax.jit(jax.grad(lambda x: bumpy(function(x))))(jnp.concatenate([x, 8 * x, 0 * x]))
    assert np.all(np.isfinite(slope))
    assert kerasish.activations.get(registry.serialize(case.thing)) is case.thing


# Models


def tower(*units: int, extra: bool = False) -> Sequential:
    """Return a stack of Dense layers, with one more in the middle where wanted."""
    stack = [layers.Dense(n, "relu", name=f"d{i}") for i, n in enumerate(units)]
    if extra:
        stack.insert(1, layers.Dense(units[0], name="extra"))
    return Sequential([Input((4,)), *stack])


def names(tree: Any) -> list[str]:
    return [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(tree)]


def mixed() -> Sequential:
    """Return a model with parameters and state, names not given."""
    return Sequential(
        [
            Input((4,)),
            layers.Dense(5, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(3),
        ]
    )


def test_names_are_local_to_the_model():
    first, second = mixed(), mixed()
    assert names((first.params, first.state)) == names((second.params, second.state))
    assert sorted(second.params) == ["batch_normalization", "dense", "dense_1"]
    assert list(second.state) == ["batch_normalization"]


def test_one_seed_gives_the_same_weights():
    kerasish.utils.set_random_seed(3)
    first = mixed()
    kerasish.utils.set_random_seed(3)
    second = mixed()
    other = mixed()
    same(first.params, second.params)
    assert not np.array_equal(first.params["dense"]["kernel"], other.params["dense"]["kernel"])


def test_weights_do_not_depend_on_when_they_are_looked_at():
    kerasish.utils.set_random_seed(3)
    first = mixed()
    _ = first.params
    kerasish.utils.set_random_seed(3)
    second = Sequential(mixed().layers)  # its weights are first read below
    np.random.default_rng(0).random(5)
    second(np.ones((2, 4), "float32"))
    assert names(first.params) == names(second.params)


def test_another_layer_does_not_reshuffle_the_weights():
    kerasish.utils.set_random_seed(3)
    first = tower(4, 4, 4)
    kerasish.utils.set_random_seed(3)
    second = tower(4, 4, 4, extra=True)
    for name in ("d0", "d1", "d2"):
        same(first.params[name], second.params[name])


def test_params_and_state_go_through_apply_and_back():
    model = mixed()
    x = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    y, state = model.apply(model.params, model.state, x, training=True, rng=KEY)
    assert y.shape == (8, 3)
    assert shape_of(state) == shape_of(model.state)
    moved = state["batch_normalization"]["moving_mean"]
    assert np.any(moved != model.state["batch_normalization"]["moving_mean"])
    same(model.apply(model.params, state, x)[1], state)
    scan = jax.lax.scan(
        lambda state, key: (model.apply(model.params, state, x, training=True, rng=key)[1], None),
        model.state,
        jax.random.split(KEY, 3),
    )
    assert shape_of(scan[0]) == shape_of(state)


def test_a_model_is_made_again_from_its_config():
    model = mixed()
    config = json.loads(json.dumps(model.get_config()))
    again = Sequential.from_config(config)
    assert json.loads(json.dumps(again.get_config())) == config
    again.set_weights(model.get_weights())
    x = np.ones((2, 4), "float32")
    same(again(x), model(x))


# Training

X = np.random.default_rng(1).normal(size=(20, 4)).astype("float32")
Y = X[:, :3] - 1


def trained(model: Any, **settings: Any) -> Any:
    model.fit(X, Y, **({"batch_size": 5, "epochs": 2, "verbose": 0} | settings))
    return model.get_weights()


def test_a_second_fit_compiles_nothing(compiled):
    model = mixed()
    model.compile("adam", "mse", metrics=["mae"])

    def everything() -> None:
        trained(model, validation_data=(X[:10], Y[:10]))
        model.evaluate(X, Y, verbose=0)
        model.predict(X, verbose=0)
        model.train_on_batch(X[:5], Y[:5])

    everything()
    assert "jit(train_many)" in compiled
    compiled.clear()
    everything()
    model.optimizer.learning_rate = 0.5
    everything()
    assert compiled == []


@over(OPTIMIZERS)
def test_a_new_learning_rate_compiles_nothing_in_fit(case, compiled):
    model = tower(3)
    model.compile(case.make(), "mse")
    trained(model, epochs=1)
    compiled.clear()
    if (
        "learning_rate" in model.optimizer.hyperparams
        and model.optimizer._kerasish_schedule is None
    ):
        model.optimizer.learning_rate = 0.2
    trained(model, epochs=1)
    assert not [name for name in compiled if "train" in name]


def test_single_steps_equal_fit():
    kerasish.utils.set_random_seed(5)
    model = mixed()
    model.compile("adam", "mse")
    expected = trained(model, shuffle=False)
    kerasish.utils.set_random_seed(5)
    model = mixed()
    model.compile("adam", "mse")
    for _ in range(2):
        for start in range(0, 20, 5):
            model.train_on_batch(X[start : start + 5], Y[start : start + 5])
    same(model.get_weights(), expected)


def test_two_fits_equal_one():
    kerasish.utils.set_random_seed(5)
    model = mixed()
    model.compile("adam", "mse")
    expected = trained(model, epochs=4)
    kerasish.utils.set_random_seed(5)
    model = mixed()
    model.compile("adam", "mse")
    trained(model, epochs=1)
    trained(model, epochs=3, initial_epoch=1)
    same(trained(model, epochs=4, initial_epoch=3), expected)


# Files


def saved(model: Any, path: Any) -> Any:
    model.save(path)
    return kerasish.saving.load_model(path)


@over(LAYERS)
def test_a_layer_saved_and_loaded_predicts_the_same(case, tmp_path):
    inputs = symbols(case.inputs)
    flat = jax.tree.leaves(inputs)
    model = Model(flat, jax.tree.leaves(case.make()(*inputs)))
    again = saved(model, tmp_path / "model.keras")
    x = [jnp.asarray(each) for each in jax.tree.leaves(case.inputs)]
    same(again(x), model(x))
    assert again.get_config() == model.get_config()


@over([case for case in OPTIMIZERS if case.thing is not optimizers.OptaxOptimizer])
def test_training_goes_on_after_a_file_as_if_nothing_had_been(case, tmp_path):
    model = tower(3)
    model.compile(case.make(), "mse")
    trained(model, shuffle=False)
    again = saved(model, tmp_path / "model.keras")
    same(again.get_weights(), model.get_weights())
    same(trained(again, shuffle=False), trained(model, shuffle=False))
