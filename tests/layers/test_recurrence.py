"""The loop over time: its own gradient is that of the plain form, whatever surrounds it."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish
from kerasish import Input, Layer, Model, Sequential, layers
from kerasish.errors import ArgumentError, KerasishError, ShapeError
from kerasish.kernels import recurrence

T, B, N, M = 6, 3, 4, 2
RNG = np.random.default_rng(0)
MASK = RNG.random((T, B)) < 0.6
MASK[:, 2] = False


def normal(*shape: int, dtype: Any = "float32") -> jax.Array:
    return jnp.asarray(RNG.normal(size=shape), dtype)


def simple(gates, carry):
    return (jnp.tanh(gates),)


def lstm(gates, carry):
    i, f, g, o = jnp.split(gates, 4, -1)
    c = jax.nn.sigmoid(f) * carry[1] + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def gru(gates, carry):
    z, r, of_input, of_state = jnp.split(gates, 4, -1)
    z = jax.nn.sigmoid(z)
    return (z * carry[0] + (1 - z) * jnp.tanh(of_input + jax.nn.sigmoid(r) * of_state),)


def apart(inputs, state):
    n = 2 * N
    return jnp.concatenate([inputs[..., :n] + state[..., :n], inputs[..., n:], state[..., n:]], -1)


def with_extra(gates, carry, kernel, factor):
    return (jnp.tanh(gates + jnp.sin(carry[0]) @ kernel) * factor,)


# The step, how many carries, the width of the gates, arrays for the step, how gates are joined.
STEPS = {
    "simple": (simple, 1, 1, (), jnp.add),
    "lstm": (lstm, 2, 4, (), jnp.add),
    "gru": (gru, 1, 3, (), apart),
    "extra": (with_extra, 1, 1, ((N, N), (B, N)), jnp.add),
}
WAYS = {
    "": {},
    "mask": {"mask": MASK},
    "reverse": {"reverse": True},
    "reverse, mask": {"reverse": True, "mask": MASK},
    "dropout": {"kept": 2.0 * (RNG.random((B, N)) < 0.5).astype("float32")},
    "no bias": {"bias": None},
    "unroll": {"unroll": True},
    "by twos": {"unroll": 2, "mask": MASK},
}


def arrays(kind: str, dtype: Any = "float32") -> list[Any]:
    _, carries, width, extra, _ = STEPS[kind]
    initial = tuple(normal(B, N, dtype=dtype) for _ in range(carries))
    others = tuple(normal(*shape, dtype=dtype) for shape in extra)
    projected, kernel = normal(T, B, width * N, dtype=dtype), normal(N, width * N, dtype=dtype)
    return [projected, initial, kernel / 2, normal(width * N, dtype=dtype), others]


def by_hand(kind, projected, initial, kernel, bias, extra, **way):
    """Return the same as `recurrence`, written as anyone would."""
    step, *_, join = STEPS[kind]

    def body(carry, now):
        inputs, counts = now
        product = carry[0] * way.get("kept", 1.0) @ kernel
        if bias is not None:
            product = product + bias[None]
        new = step(join(inputs, product), carry, *extra)
        new = tuple(jnp.where(counts[:, None], a, b) for a, b in zip(new, carry, strict=True))
        return new, new[0]

    mask = jnp.asarray(way.get("mask", np.ones((T, B), bool)))
    reverse = way.get("reverse", False)
    last, outputs = jax.lax.scan(body, initial, (projected, mask), reverse=reverse)
    return outputs, last


def ours(kind, *given, **way):
    step, *_, join = STEPS[kind]
    return recurrence(step, *given, join=join, **way)


def bumpy(function):
    """Return a scalar that depends on every output of a function, in its own way."""

    def scalar(*given):
        leaves = jax.tree.leaves(function(*given))
        return sum(jnp.sum(jnp.sin(y + i) * (i + 1)) for i, y in enumerate(leaves))

    return scalar


def close(ours, theirs, tolerance=1e-5):
    for a, b in zip(*map(jax.tree.leaves, (ours, theirs)), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        wide = (np.asarray(each, "float64") for each in (a, b))
        np.testing.assert_allclose(*wide, rtol=tolerance, atol=tolerance)


def forms(kind, way):
    """Return the two forms, and what to call them with."""
    given, way = arrays(kind), dict(way)
    if "bias" in way:
        given[3] = way.pop("bias")
    fast, plain = (functools.partial(form, kind, **way) for form in (ours, by_hand))
    return fast, plain, given


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", STEPS)
def test_values_and_gradients(kind, way):
    fast, plain, given = forms(kind, WAYS[way])
    automatic = functools.partial(fast, own_gradient=False)

    @jax.jit
    def everything(*given):
        slopes = [jax.grad(bumpy(f), tuple(range(5)))(*given) for f in (fast, plain, automatic)]
        return (fast(*given), plain(*given)), slopes

    values, (found, expected, also) = everything(*given)
    close(*values)
    close(found, expected, 1e-4)
    close(also, expected, 1e-4)


def test_the_rule_is_used():
    fast, _, given = forms("lstm", {})
    assert "custom_vjp" in str(jax.make_jaxpr(fast)(*given))
    automatic = functools.partial(fast, own_gradient=False)
    assert "custom_vjp" not in str(jax.make_jaxpr(automatic)(*given))


def loops(program):
    """Return the loops in a program, those of compiled functions within it included."""
    for equation in program.eqns:
        if equation.primitive.name == "scan":
            yield equation
        elif "jaxpr" in equation.params:
            yield from loops(equation.params["jaxpr"].jaxpr)


def test_the_kernel_has_its_gradient_of_one_product():
    """No product of the size of the kernel is in a loop."""
    fast, _, given = forms("lstm", {})
    automatic = functools.partial(fast, own_gradient=False)
    found = []
    for form in (automatic, fast):
        program = jax.make_jaxpr(jax.grad(bumpy(form), 2))(*given).jaxpr
        found.append([str(e.params["jaxpr"]) for e in loops(program)])
    shapes = f"f32[{N},{4 * N}] = dot_general", f"f32[{4 * N},{N}] = dot_general"
    there = [any(shape in body for shape in shapes for body in bodies) for bodies in found]
    assert there == [True, False]
    assert len(found[1]) == 2


@pytest.mark.parametrize("kind", ["lstm", "extra"])
def test_in_a_loop_of_steps(kind):
    fast, plain, given = forms(kind, {"mask": MASK})

    def train(form, given):
        def step(_, given):
            slopes = jax.grad(bumpy(form), tuple(range(5)))(*given)
            return jax.tree.map(lambda w, g: w - 0.01 * g, given, tuple(slopes))

        return jax.lax.fori_loop(0, 3, step, tuple(given))

    compiled = jax.jit(train, static_argnums=0)
    close(compiled(fast, tuple(given)), compiled(plain, tuple(given)), 1e-4)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_mapped(kind):
    fast, plain, given = forms(kind, {})
    many = jax.tree.map(lambda a: jnp.stack([a, a / 2, -a]), given)
    slopes = [jax.jit(jax.vmap(jax.grad(bumpy(form), (0, 2, 3)))) for form in (fast, plain)]
    close(slopes[0](*many), slopes[1](*many), 1e-4)
    some = [jax.vmap(jax.grad(bumpy(f), 2), (0, *[None] * 4)) for f in (fast, plain)]
    close(some[0](many[0], *given[1:]), some[1](many[0], *given[1:]), 1e-4)


@pytest.mark.parametrize("kind", STEPS)
def test_double_precision(kind):
    with jax.enable_x64(True):
        given = arrays(kind, "float64")
        fast, plain = (functools.partial(form, kind, mask=MASK) for form in (ours, by_hand))
        slopes = [jax.grad(bumpy(form), tuple(range(5)))(*given) for form in (fast, plain)]
        close(*slopes, 1e-12)


def test_sixteen_bits():
    given = arrays("lstm", "bfloat16")
    fast, plain = (functools.partial(form, "lstm") for form in (ours, by_hand))
    close(fast(*given), plain(*given), 5e-2)
    close(*(jax.grad(bumpy(f), (0, 2))(*given) for f in (fast, plain)), 0.3)


@pytest.mark.parametrize("kind", ["simple", "lstm", "extra"])
def test_second_derivatives(kind):
    fast, plain, given = forms(kind, {"mask": MASK})
    along = jax.tree.map(jnp.cos, tuple(given))

    def slope(form, *given):
        found = jax.grad(bumpy(form), tuple(range(5)))(*given)
        pairs = zip(jax.tree.leaves(found), jax.tree.leaves(along), strict=True)
        return sum(jnp.vdot(a, b) for a, b in pairs)

    both = [jax.grad(functools.partial(slope, f), (0, 1, 2, 3, 4))(*given) for f in (fast, plain)]
    close(*both, 1e-3)
    hessians = [
        jax.hessian(lambda b, f=f: bumpy(f)(*given[:3], b, given[4]))(given[3])
        for f in (fast, plain)
    ]
    close(*hessians, 1e-3)


def test_forward_mode_alone_is_refused_and_not_wrong():
    fast, plain, given = forms("simple", {})
    with pytest.raises(TypeError, match="custom_vjp"):
        jax.jvp(lambda k: fast(given[0], given[1], k), (given[2],), (given[2],))
    automatic = functools.partial(fast, own_gradient=False)
    args = (lambda k: automatic(given[0], given[1], k, None, ())), (given[2],), (given[2],)
    other = (lambda k: plain(given[0], given[1], k, None, ())), *args[1:]
    close(jax.jvp(*args), jax.jvp(*other))


def test_sizes_that_are_not_known():
    t, b = jax.export.symbolic_shape("t, b")
    fast, _, given = forms("lstm", {})
    shapes = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype), given)
    shapes[0] = jax.ShapeDtypeStruct((t, b, 4 * N), "float32")
    shapes[1] = tuple(jax.ShapeDtypeStruct((b, N), "float32") for _ in range(2))
    exported = jax.export.export(jax.jit(fast))(*shapes)
    close(exported.call(*given), fast(*given))


# Layers

X = RNG.normal(size=(3, 5, 4)).astype("float32")


def test_an_activation_of_the_users_may_hold_what_changes():
    class Slope(Layer):
        def build(self, input_shape):
            self.slope = self.add_weight((), "ones", name="slope")

        def call(self, x):
            return jnp.tanh(x) * self.slope.value

    layer = layers.GRU(3, activation=Slope())
    first = layer(X)
    assert [v.name for v in layer.weights][-1] == "slope"
    slopes = jax.grad(lambda p: layer.apply(p, {}, X)[0].sum())(layer.params)
    assert all(np.any(leaf != 0) for leaf in jax.tree.leaves(slopes))
    layer.set_weights([*layer.get_weights()[:-1], np.float32(0.5)])
    assert not np.allclose(first, layer(X))


class Noisy(Layer):
    """A cell that draws at each step."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.state_size = units
        self.drop = layers.Dropout(0.5)

    def call(self, inputs, states, training=False):
        return self.drop(jnp.ones_like(states[0]), training=training), states


def test_a_cell_of_the_users_draws_new_numbers_at_each_step():
    layer = layers.RNN(Noisy(50), return_sequences=True)
    y = np.asarray(layer(X, training=True))
    assert set(np.unique(y)) == {0.0, 2.0}
    assert (y[:, 0] != y[:, 1]).any()
    assert (np.asarray(layer(X)) == 1).all()
    y, _ = jax.jit(functools.partial(layer.apply, {}, {}, training=True))(X, rng=jax.random.key(0))
    assert (y[:, 0] != y[:, 1]).any()


class Counting(Layer):
    """A cell whose output is not its state."""

    state_size = 1

    def call(self, inputs, states):
        n = states[0] + 1
        return jnp.concatenate([n, 10 * n], -1), [n]


def test_where_the_mask_is_false_the_last_output_of_a_cell_is_repeated():
    mask = np.array([[0, 1, 0, 1, 1], [1, 0, 0, 0, 1], [0, 0, 0, 0, 0]], bool)
    layer = layers.RNN(Counting(), return_sequences=True, return_state=True)
    y, n = layer(X, mask=mask)
    assert y[..., 1].tolist() == [[0, 10, 10, 20, 30], [10, 10, 10, 10, 20], [0] * 5]
    assert n.ravel().tolist() == [3, 2, 0]


def test_a_stateful_layer_goes_on_from_batch_to_batch_of_a_fit():
    model = Sequential([Input((1, 1), batch_size=2), layers.RNN(Counting(), stateful=True)])
    model.compile("sgd", "mse")
    assert model.weights == [] and model.count_params() == 0
    x = np.zeros((6, 1, 1), "float32")
    assert model.predict(x, batch_size=2, verbose=0)[:, 0].tolist() == [1, 1, 2, 2, 3, 3]


def test_the_state_of_a_stateful_layer_is_carried_by_the_steps():
    model = Sequential(
        [Input((2, 4), batch_size=3), layers.LSTM(3, stateful=True), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    x, y = np.tile(X[:, :2], (3, 1, 1)), np.zeros((9, 1), "float32")
    model.fit(x, y, batch_size=3, shuffle=False, verbose=0)
    h = model.layers[0].states[0].numpy()
    assert np.any(h != 0)
    before = [w.copy() for w in model.get_weights()]
    model.layers[0].reset_state()
    assert not np.any(model.layers[0].states[0].numpy())
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    model.fit(x[:3], y[:3], batch_size=3, shuffle=False, verbose=0)
    assert not np.allclose(h, model.layers[0].states[0].numpy())


def test_masks_go_on_beside_sequences_and_not_beside_states():
    words = Input((None,), dtype="int32")
    x = layers.Embedding(4, 3, mask_zero=True)(words)
    y, h = layers.GRU(3, return_sequences=True, return_state=True)(x)
    model = Model(words, [layers.GRU(2)(y), layers.Dense(2)(h)])
    padded, short = np.array([[1, 2, 3, 0, 0]]), np.array([[1, 2, 3]])
    for one, other in zip(model(padded), model(short), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_the_steps_of_time_distributed_are_one_batch():
    layer = layers.TimeDistributed(layers.BatchNormalization())
    y = np.asarray(layer(3 + 2 * X, training=True))
    np.testing.assert_allclose(y.mean((0, 1)), 0, atol=1e-5)


class NoSize(Layer):
    def call(self, inputs, states):
        return inputs, states


class Fewer(Layer):
    state_size = (2, 2)

    def call(self, inputs, states):
        return states[0], states[:1]


LSTM, GRU = layers.LSTM, layers.GRU
BAD = {
    "units": (lambda: LSTM(0), ArgumentError, "units", "0"),
    "units-float": (lambda: GRU(2.5), ArgumentError, "units", "2.5"),
    "activation": (lambda: LSTM(2, "tahn"), KerasishError, "tanh"),
    "dropout": (lambda: GRU(2, dropout=1.5), ArgumentError, "dropout", "1.5"),
    "unknown": (lambda: LSTM(2, time_major=True), KerasishError, "time_major"),
    "no-cell": (lambda: layers.RNN(3), ArgumentError, "state_size", "3"),
    "no-state-size": (lambda: layers.RNN(NoSize()), ArgumentError, "no_size", "state_size"),
    "cells": (lambda: layers.RNN([]), ArgumentError, "list of cells"),
    "a-bad-cell": (lambda: layers.StackedRNNCells([layers.Dense(2)]), ArgumentError, "'dense'"),
    "fewer-states": (lambda: layers.RNN(Fewer())(X), ShapeError, "[(3, 2), (3, 2)]", "[(3, 2)]"),
    "rank": (lambda: LSTM(2)(X[0]), ShapeError, "3 dimensions", "(5, 4)"),
    "rank-graph": (lambda: LSTM(2)(Input((4,))), ShapeError, "3 dimensions", "(None, 4)"),
    "features": (lambda: LSTM(2)(Input((5, None))), ShapeError, "unknown"),
    "stateful": (lambda: GRU(2, stateful=True)(Input((5, 4))), ShapeError, "batch_size"),
    "few-states": (lambda: LSTM(2)(X, initial_state=[X[:, 0, :2]]), ShapeError, "2 states", "1"),
    "state": (lambda: GRU(2)(X, initial_state=X[:, 0]), ShapeError, "(3, 2)", "(3, 4)"),
    "mask": (lambda: GRU(2)(X, mask=np.ones((3, 4), bool)), ShapeError, "(3, 5)", "(3, 4)"),
    "merge": (lambda: layers.Bidirectional(LSTM(2), "add"), ArgumentError, "'sum'", "'add'"),
    "bidirectional": (lambda: layers.Bidirectional(layers.Dense(2)), ArgumentError, "Dense"),
    "bidirectional-3": (lambda: layers.Bidirectional(3), ArgumentError, "3"),
    "same-way": (
        lambda: layers.Bidirectional(GRU(2), backward_layer=GRU(2)),
        ArgumentError,
        "go_backwards",
    ),
    "unlike": (
        lambda: layers.Bidirectional(
            GRU(2), backward_layer=GRU(2, go_backwards=True, return_sequences=True)
        ),
        ArgumentError,
        "return_sequences",
    ),
    "odd-states": (
        lambda: layers.Bidirectional(GRU(2))(X, initial_state=[X[:, 0, :2]]),
        ShapeError,
        "as many",
        "1",
    ),
    "distributed": (lambda: layers.TimeDistributed(3), ArgumentError, "3"),
    "no-steps": (lambda: layers.TimeDistributed(layers.Dense(2))(X[0]), ShapeError, "(5, 4)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case, compiled):
    block, error, *parts = BAD[case]
    compiled.clear()
    with pytest.raises(error) as caught:
        block()
    message = str(caught.value)
    assert isinstance(caught.value, kerasish.errors.KerasishError)
    assert message[-1] in ".?" and "\n" not in message and len(message) < 400, message
    for part in parts:
        assert part in message, message
    assert not [name for name in compiled if "recurrence" in name or "with_rule" in name]


def test_another_batch_than_that_of_a_stateful_layer():
    layer = layers.GRU(2, stateful=True)
    layer(X)
    with pytest.raises(ShapeError, match="for each of 3 samples, and this batch has 2"):
        layer(X[:2])
