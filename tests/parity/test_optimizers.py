"""Optimizers: ten steps end where Keras's end, whatever they are told."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from .oracle import both, check_config, close, draw, keras, kerasish, said

SHAPES = {"kernel": (3, 2), "bias": (2,), "scale": ()}
START = {name: draw(shape, seed=1) for name, shape in SHAPES.items()}
STEPS = 10
NOISE = {name: draw((STEPS, *shape), seed=2) for name, shape in SHAPES.items()}

CODES = [
    "SGD()",
    "SGD(0.1)",
    "SGD(learning_rate=0.1, momentum=0.9)",
    "SGD(0.1, momentum=0.9, nesterov=True)",
    "SGD(0.1, nesterov=True)",
    "SGD(0.1, weight_decay=0.1)",
    "SGD(0.1, momentum=0.5, weight_decay=0.01, clipvalue=0.5)",
    "SGD(0.1, clipnorm=0.5)",
    "SGD(0.1, clipvalue=0.3)",
    "SGD(0.1, global_clipnorm=0.8)",
    "SGD(0.1, clipnorm=100.0, weight_decay=0.0)",
    "Adam()",
    "Adam(0.1)",
    "Adam(learning_rate=0.1, beta_1=0.5, beta_2=0.9)",
    "Adam(0.1, epsilon=0.1)",
    "Adam(0.1, amsgrad=True)",
    "Adam(0.1, weight_decay=0.1)",
    "Adam(0.1, amsgrad=True, weight_decay=0.05, global_clipnorm=1.0)",
    "Adam(0.1, clipnorm=0.5)",
    "Adam(0.1, clipvalue=0.2)",
    "AdamW()",
    "AdamW(0.1, 0.2)",
    "AdamW(learning_rate=0.1, weight_decay=0.01, beta_1=0.8, amsgrad=True)",
    "AdamW(0.1, global_clipnorm=0.5, epsilon=1e-3)",
    "RMSprop()",
    "RMSprop(0.1)",
    "RMSprop(0.1, rho=0.5)",
    "RMSprop(0.1, momentum=0.9)",
    "RMSprop(0.1, centered=True)",
    "RMSprop(0.1, momentum=0.5, centered=True, epsilon=1e-2)",
    "RMSprop(0.1, weight_decay=0.1, clipnorm=1.0)",
    "SGD(k.optimizers.schedules.CosineDecay(0.5, 8))",
    "Adam(k.optimizers.schedules.CosineDecay(0.0, 6, warmup_target=0.2, warmup_steps=3))",
    "AdamW(k.optimizers.schedules.CosineDecay(0.3, 5, alpha=0.1), weight_decay=0.3)",
    "RMSprop(k.optimizers.schedules.CosineDecay(0.1, 20), momentum=0.3)",
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


@pytest.mark.parametrize("code", [c for c in CODES if "(0.1, momentum" in c or "W(0.1" in c])
def test_another_learning_rate_half_way(code):
    ours, theirs = both(f"k.optimizers.{code}")
    close(ours_from(ours, START, 0.01), theirs_from(theirs, START, 0.01))


@pytest.mark.parametrize("code", ["SGD(0.1, weight_decay=0.5)", "AdamW(0.1, 0.5)"])
def test_weights_left_out_of_the_decay(code):
    ours, theirs = both(f"k.optimizers.{code}")
    for optimizer in (ours, theirs):
        optimizer.exclude_from_weight_decay(var_names=["bias", "sca"])
    close(ours_from(ours, START), theirs_from(theirs, START))


EXTRA = ("ema_momentum", "ema_overwrite_frequency", "use_ema", "loss_scale_factor")
EXTRA += ("gradient_accumulation_steps",)


@pytest.mark.parametrize("code", [*CODES, "SGD(0.2, name='mine')"])
def test_optimizer_config(code):
    ours, theirs = both(f"k.optimizers.{code}")
    check_config(ours, theirs, unknown=EXTRA)
    described = keras.optimizers.serialize(theirs)
    assert said(kerasish.optimizers.get(described).get_config()) == said(ours.get_config())


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "rmsprop", "SGD", "Adam", "RMSprop"])
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
]


@pytest.mark.parametrize("code", SCHEDULES)
def test_schedule(code):
    ours, theirs = both(f"k.optimizers.schedules.{code}")
    for step in range(16):
        np.testing.assert_allclose(ours(step), theirs(step), rtol=1e-5, atol=1e-7)
    check_config(ours, theirs)
