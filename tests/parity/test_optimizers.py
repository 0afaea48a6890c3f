"""Optimizers: ten steps end where Keras's end, whatever they are told."""

from __future__ import annotations

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from .oracle import both, check_config, close, draw, keras, kerasish, said

SHAPES = {"wide": (2, 3), "conv": (2, 3, 2), "bias": (2,), "scale": ()}
START = {name: draw(shape, seed=1) for name, shape in SHAPES.items()}
STEPS = 10
NOISE = {name: draw((STEPS, *shape), seed=2) for name, shape in SHAPES.items()}

MAP = """k.optimizers.OptimizerMap(k.optimizers.Adam(0.1), {
    '.*s': k.optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=2)}), 4.0"""

CODES = [
    "SGD(learning_rate=0.1, momentum=0.9)",
    "SGD(0.1, momentum=0.9, nesterov=True)",
    "SGD(0.1, weight_decay=0.1)",
    "SGD(0.1, clipnorm=0.5)",
    "SGD(0.1, clipvalue=0.3)",
    "SGD(0.1, global_clipnorm=0.8)",
    "Adam(0.1, epsilon=0.1)",
    "Adam(0.1, amsgrad=True, weight_decay=0.05, global_clipnorm=1.0)",
    "AdamW(0.1, 0.2)",
    "AdamW(learning_rate=0.1, weight_decay=0.01, beta_1=0.8, amsgrad=True)",
    "RMSprop(0.1, momentum=0.5, centered=True, epsilon=1e-2)",
    "RMSprop(0.1, weight_decay=0.1, clipnorm=1.0)",
    "SGD(0.1, 0.9, True, 0.01, None, None, 0.8, True, 0.5, 2, 4.0, 2)",
    "SGD(k.optimizers.schedules.CosineDecay(0.5, 8), gradient_accumulation_steps=2)",
    "Adam(0.1, gradient_accumulation_steps=2, clipvalue=0.3, loss_scale_factor=8.0)",
    "Adam(0.1, amsgrad=True, use_ema=True, ema_overwrite_frequency=1)",
    "Adadelta(1.0, rho=0.8, epsilon=1e-3, weight_decay=0.01)",
    "Adafactor(0.3, relative_step=False, clip_threshold=0.5)",
    "Adagrad(0.5, 0.0, 1e-3, clipnorm=0.5)",
    "Adamax(0.1, 0.5, 0.9, 1e-3, weight_decay=0.1)",
    "Nadam(0.1, 0.5, 0.9, 1e-3, weight_decay=0.1)",
    "Nadam(0.1, gradient_accumulation_steps=2)",
    "Ftrl(0.5, -0.3, 0.0, 0.1, 0.2, 0.3, 0.4)",
    "Ftrl(0.5, l2_regularization_strength=0.1, weight_decay=0.1)",
    "Ftrl(0.5, 0.0, 0.2)",
    "Lion(0.1, 0.5, 0.7, weight_decay=0.1)",
    "Lamb(0.1, 0.5, 0.9, 1e-3, weight_decay=0.1)",
    "Muon(0.1, rms_rate=None, nesterov=False, ns_steps=2)",
    "Muon(0.1, adam_weight_decay=None, muon_a=2.0, muon_b=-1.5, muon_c=0.5, epsilon=1e-3)",
    "ScheduleFreeAdamW(0.1, warmup_steps=4)",
    "ScheduleFreeAdamW(k.optimizers.schedules.CosineDecay(0.5, 8), weight_decay=0.1)",
    "Adafactor(0.3, -0.5, 1e-10, 0.3, weight_decay=0.1, gradient_accumulation_steps=2)",
    "Muon(0.1, adam_lr_ratio=0.5, adam_weight_decay=0.1, weight_decay=0.2, momentum=0.5)",
    "Muon(0.1, adam_beta_1=0.5, weight_decay=None, adam_weight_decay=0.3, clipnorm=0.5)",
    "Muon(0.1, exclude_layers=['id'])",
    "LossScaleOptimizer(k.optimizers.Adam(0.1), 8.0, 3)",
    f"MultiOptimizer({MAP})",
    "MultiOptimizer(lambda v: k.optimizers.SGD(0.1) if 'a' in v.path else k.optimizers.Lion(0.1))",
    "Adam(k.optimizers.schedules.CosineDecay(0.0, 6, warmup_target=0.2, warmup_steps=3))",
    "AdamW(k.optimizers.schedules.CosineDecay(0.3, 5, alpha=0.1), weight_decay=0.3)",
]


def slope(params, noise):
    """Return the gradients of a quadratic whose middle moves about."""
    return {name: params[name] + noise[name] for name in SHAPES}


def ours_from(optimizer, start, change=None):
    """Return the weights after each step, and the learning rate at the end."""

    def step(carry, noise):
        params, state = carry
        updates, state = optimizer.update(slope(params, noise), state, params)
        params = optax.apply_updates(params, updates)
        return (params, state), params

    carry, paths = (start, optimizer.init(start)), []
    for i, part in enumerate(halves()):
        if i and change:
            params, state = carry
            rate = jnp.float32(change)
            carry = params, state._replace(hyperparams=state.hyperparams | {"learning_rate": rate})
        carry, path = jax.jit(jax.lax.scan, static_argnums=0)(step, carry, part)
        paths.append(path)
    return paths


def theirs_from(optimizer, start, change=None):
    """Return the same of an optimizer of Keras's."""
    variables = [keras.Variable(value, name=name) for name, value in start.items()]
    optimizer.build(variables)

    def step(carry, noise):
        values, state = carry
        params = dict(zip(SHAPES, values, strict=True))
        grads = list(slope(params, noise).values())
        values, state = optimizer.stateless_apply(state, grads, values)
        return (values, state), dict(zip(SHAPES, values, strict=True))

    carry, paths = (list(start.values()), [v.value for v in optimizer.variables]), []
    for i, part in enumerate(halves()):
        if i and change:
            values, state = carry
            paths_of = [v.path for v in optimizer.variables]
            place = next(n for n, path in enumerate(paths_of) if path.endswith("learning_rate"))
            state[place] = jnp.float32(change)
            carry = values, state
        carry, path = jax.jit(jax.lax.scan, static_argnums=0)(step, carry, part)
        paths.append(path)
    return paths


def halves():
    for part in (slice(None, STEPS // 2), slice(STEPS // 2, None)):
        yield {name: noise[part] for name, noise in NOISE.items()}


@pytest.mark.parametrize("code", CODES)
def test_ten_steps(code):
    ours, theirs = both(f"k.optimizers.{code}")
    close(ours_from(ours, START), theirs_from(theirs, START))


@pytest.mark.parametrize("code", ["SGD(0.1, 0.9)", "AdamW(0.1, 0.2)", "Nadam(0.1)"])
def test_another_learning_rate_half_way(code):
    ours, theirs = both(f"k.optimizers.{code}")
    close(ours_from(ours, START, 0.01), theirs_from(theirs, START, 0.01))


@pytest.mark.parametrize("code", ["SGD(0.1, weight_decay=0.5)", "AdamW(0.1, 0.5)"])
def test_weights_left_out_of_the_decay(code):
    ours, theirs = both(f"k.optimizers.{code}")
    for optimizer in (ours, theirs):
        optimizer.exclude_from_weight_decay(var_names=["bias", "sca"])
    close(ours_from(ours, START), theirs_from(theirs, START))


NAMES = ["SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adafactor", "Adagrad", "Adamax", "Nadam"]
NAMES += ["Ftrl", "Lion", "Lamb", "Muon", "ScheduleFreeAdamW"]
CONFIGS = [f"{name}()" for name in NAMES] + [code for code in CODES if "lambda" not in code]


@pytest.mark.parametrize("code", [*CONFIGS, "SGD(0.2, name='mine')"])
def test_optimizer_config(code):
    ours, theirs = both(f"k.optimizers.{code}")
    check_config(ours, theirs)
    described = keras.optimizers.serialize(theirs)
    assert said(kerasish.optimizers.get(described).get_config()) == said(ours.get_config())
    assert set(ours.get_config()) == set(theirs.get_config())


@pytest.mark.parametrize("name", [*NAMES, "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"])
def test_arguments(name):
    ours, theirs = (getattr(library.optimizers, name) for library in (kerasish, keras))
    mine, other = (inspect.signature(each).parameters for each in (ours, theirs))
    expected = {key: p.default for key, p in other.items() if key != "kwargs"}
    assert {key: p.default for key, p in mine.items()} == expected
    assert list(mine) == list(expected)


KEPT = [f"{name}(0.1, use_ema=True, gradient_accumulation_steps=2)" for name in NAMES]
KEPT += ["Adam(0.1, amsgrad=True)", "RMSprop(0.1, momentum=0.9, centered=True)"]


def test_the_variables():
    weights = {"embeddings": np.ones((2, 2), "float32")} | START
    for code in KEPT:
        forms = []
        made = both(f"k.optimizers.{code}")
        for library, optimizer in zip((kerasish, keras), made, strict=True):
            optimizer.build([library.Variable(v, name=name) for name, v in weights.items()])
            forms.append([(v.shape, str(v.dtype)) for v in optimizer.variables])
        assert forms[0] == forms[1], code
        if not code.startswith(("Adafactor", "Nadam")):  # some have no names in Keras
            names = [v.path.rpartition("/")[2] for v in made[1].variables]
            assert [v.name for v in made[0].variables] == names, code


STATES = [code for code in KEPT if code.startswith(("SGD", "Adafactor", "Nadam", "Muon"))]
STATES += ["LossScaleOptimizer(k.optimizers.SGD(0.1, 0.9))", f"MultiOptimizer({MAP})"]
STATES += ["SGD(k.optimizers.schedules.CosineDecay(0.5, 8), 0.9)"]


@pytest.mark.parametrize("code", STATES)
def test_the_state_as_lists(code):
    """A loop of one's own, as one writes it for Keras on JAX; then a file, in either direction."""
    made = []
    for library, optimizer in zip((kerasish, keras), both(f"k.optimizers.{code}"), strict=True):
        optimizer.build([library.Variable(value, name=name) for name, value in START.items()])
        state = [jnp.asarray(v.value) for v in optimizer.variables]
        grads = [noise[0] for noise in NOISE.values()]

        def run(weights, state, optimizer=optimizer, grads=grads):
            for _ in range(2):
                weights, state = optimizer.stateless_apply(state, grads, weights)
            return weights, state

        made.append(jax.jit(run)(list(START.values()), state))
    close(*made, 1e-4)
    ours, theirs = both(f"k.optimizers.{code}")
    for optimizer, (_, state), library in ((ours, made[1], kerasish), (theirs, made[0], keras)):
        optimizer.build([library.Variable(value, name=name) for name, value in START.items()])
        optimizer.load_own_variables({str(i): np.asarray(each) for i, each in enumerate(state)})
    close([v.value for v in ours.variables], [v.value for v in theirs.variables], 1e-4)
    assert int(ours.iterations) == int(theirs.iterations)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "Lamb"] + ["adam", "schedulefreeadamw"])
def test_optimizer_by_name(name):
    ours, theirs = (library.optimizers.get(name) for library in (kerasish, keras))
    assert type(ours).__name__ == type(theirs).__name__
    assert ours.name == theirs.name.rstrip("_0123456789")
    assert float(ours.learning_rate) == pytest.approx(float(theirs.learning_rate))


SCHEDULES = [
    "CosineDecay(0.1, 10)",
    "CosineDecay(0.1, 10, alpha=0.2)",
    "CosineDecay(initial_learning_rate=0.0, decay_steps=7, warmup_target=0.5, warmup_steps=4)",
    "CosineDecay(0.1, 7, 0.1, warmup_target=0.5, warmup_steps=1)",
    "CosineDecay(0.1, 7, warmup_target=0.5)",
    "CosineDecay(0.3, 1, name='mine')",
    "CosineDecay(0.5, 6, warmup_target=0.1, warmup_steps=6)",
    "CosineDecayRestarts(0.1, 3)",
    "CosineDecayRestarts(0.1, 3, 1.0, 0.5)",
    "CosineDecayRestarts(0.1, 3, 1.5, 0.5, 0.1)",
    "ExponentialDecay(0.1, 4, 0.5)",
    "ExponentialDecay(0.1, 4, 0.5, True)",
    "InverseTimeDecay(0.1, 4, 0.5)",
    "InverseTimeDecay(0.1, 4, 0.5, staircase=True)",
    "PiecewiseConstantDecay([2, 5], [0.1, 0.2, 0.3])",
    "PiecewiseConstantDecay([2.5], [1, 0.2])",
    "PolynomialDecay(0.1, 4)",
    "PolynomialDecay(0.1, 4, 0.01, 2.0)",
    "PolynomialDecay(0.1, 4, 0.01, 0.5, cycle=True)",
]


@pytest.mark.parametrize("code", SCHEDULES)
def test_schedule(code):
    ours, theirs = both(f"k.optimizers.schedules.{code}")
    for step in (0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 15):
        np.testing.assert_allclose(ours(step), theirs(step), rtol=1e-5, atol=1e-7)
    check_config(ours, theirs)
