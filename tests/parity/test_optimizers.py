"""Optimizers: ten steps end where Keras's end, whatever they are told."""

from __future__ import annotations

import inspect
import io
import zipfile

import h5py
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from .tools.oracle import both, check_config, close, draw, keras, kerasish, said

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
    mine, other = (
        {key: p.default for key, p in inspect.signature(each).parameters.items() if key != "kwargs"}
        for each in (ours, theirs)
    )
    assert mine == other
    assert list(mine) == list(other)


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


def heavy(k):
    """Return an optimizer with momentum, and a number of all weights together."""

    @k.saving.register_keras_serializable("parity")
    class Heavy(k.optimizers.Optimizer):
        def __init__(self, learning_rate=0.01, momentum=0.9, name="heavy", **kwargs):
            super().__init__(learning_rate=learning_rate, name=name, **kwargs)
            self.momentum = momentum
            self.seen = []

        def build(self, variables):
            if self.built:
                return
            super().build(variables)
            self.norm = self.add_variable((), "ones", name="norm")
            for v in variables:
                self.seen.append(
                    self.add_variable_from_reference(reference_variable=v, name="momentum")
                )

        def update_step(self, gradient, variable, learning_rate):
            lr = k.ops.cast(learning_rate, variable.dtype)
            gradient = k.ops.cast(gradient, variable.dtype)
            m = self.seen[self._get_variable_index(variable)]
            self.assign(m, m * self.momentum - lr * gradient)
            self.assign_add(self.norm, k.ops.sum(k.ops.square(gradient)))
            self.assign_add(variable, m / k.ops.log(1 + self.norm))

        def get_config(self):
            return {**super().get_config(), "momentum": self.momentum}

    return Heavy


def ahead(k):
    """Return Adam with slow weights, which now and then take the place of its own."""

    @k.saving.register_keras_serializable("parity")
    class Ahead(k.optimizers.Adam):
        def build(self, variables):
            if self.built:
                return
            super().build(variables)
            self.slow, self.count = self.add_optimizer_variables(
                variables, ["slow", "count"], ["zeros", "ones"]
            )
            for slow, v in zip(self.slow, variables, strict=True):
                slow.assign(v * 1)  # Keras would give one array away twice

        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient, variable, learning_rate)
            i = self._get_variable_index(variable)
            t = k.ops.cast(self.iterations + 1, variable.dtype)
            half = k.ops.cast(k.ops.equal(t % 3, 0), variable.dtype) / 2
            apart = variable - self.slow[i]
            self.assign_add(self.slow[i], half * apart)
            self.assign_sub(variable, half * apart)
            self.assign_sub(self.count[i], gradient)

    return Ahead


OWN = {make.__name__: [make(kerasish), make(keras)] for make in (heavy, ahead)}
X = draw((20, 4))
Y = X[:, :1] * 2 + 1


def net(k, optimizer, dtype="float32", **settings):
    hidden = k.layers.Dense(3, "tanh", name="in", dtype=dtype)
    model = k.Sequential([k.Input((4,)), hidden, k.layers.Dense(1, dtype=dtype)])
    model.set_weights([draw(w.shape, seed=i) for i, w in enumerate(model.weights)])
    model.compile(optimizer, "mse", **settings)
    return model


def fitted(model, epochs=1, y=Y):
    history = model.fit(X, y, 4, epochs, shuffle=False, verbose=0).history
    state = [np.asarray(v.value) for v in model.optimizer.variables]
    return {"logs": np.float32(history["loss"]), "weights": model.get_weights(), "state": state}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize(
    "settings",
    [
        {"weight_decay": 0.1, "clipnorm": 0.5, "use_ema": True},
        {"gradient_accumulation_steps": 2, "loss_scale_factor": 4.0},
    ],
    ids=["decay", "sums"],
)
def test_an_optimizer_of_ones_own_in_fit(name, settings):
    found = [
        fitted(net(k, cls(0.05, **settings)), 2)
        for k, cls in zip((kerasish, keras), OWN[name], strict=True)
    ]
    close(*found)


@pytest.mark.parametrize("name", OWN)
def test_an_optimizer_of_ones_own_step_by_step(name):
    """Ten steps by `apply_gradients`, with a weight left out at one; then by `stateless_apply`."""
    found = []
    for k, cls in zip((kerasish, keras), OWN[name], strict=True):
        optimizer = cls(0.1)
        weights = [k.Variable(value, name=name) for name, value in START.items()]
        optimizer.build(weights)
        for i in range(STEPS):
            pairs = [(noise[i], w) for noise, w in zip(NOISE.values(), weights, strict=True)]
            optimizer.apply_gradients(pairs if i != 5 or name == "heavy" else pairs[1:])
        now = [[np.asarray(v.value) for v in each] for each in (weights, optimizer.variables)]
        names = [v.name for v in optimizer.variables]
        grads = [noise[0] for noise in NOISE.values()]
        pure = jax.jit(optimizer.stateless_apply)
        found.append((names, now, pure(now[1], grads, now[0])))
    assert found[0][0] == found[1][0]
    close(found[0][1:], found[1][1:], 1e-4)


FILED = ["Lion(0.01)", "Adagrad(0.1)", "Nadam(0.05)", "Muon(0.05)"]
FILED += ["LossScaleOptimizer(k.optimizers.Adam(0.05), 8.0, 3)"]
FILED += [
    """MultiOptimizer(k.optimizers.OptimizerMap(k.optimizers.Adam(0.05),
    {'.*bias': k.optimizers.SGD(0.1, 0.5), '.*in/kernel': k.optimizers.SGD(0.01)}))"""
]


@pytest.mark.parametrize("code", [*FILED, "heavy"])
def test_training_goes_on_from_a_file(code, tmp_path):
    """From ours in Keras, from Keras's here, and the same groups and arrays are in both."""
    ours = OWN[code][0](0.05) if code in OWN else both(f"k.optimizers.{code}")[0]
    model = net(kerasish, ours)
    fitted(model)
    model.save(tmp_path / "ours.keras")
    theirs = keras.saving.load_model(tmp_path / "ours.keras")
    close(fitted(model), fitted(theirs), 1e-4)
    theirs.save(tmp_path / "theirs.keras")
    again = kerasish.saving.load_model(tmp_path / "theirs.keras")
    assert again._kerasish_engine.steps_made() == 10
    close(fitted(again), fitted(theirs), 1e-4)
    assert kept_in(tmp_path / "ours.keras") == kept_in(tmp_path / "theirs.keras")


def kept_in(path):
    """Return the shapes of the arrays of an optimizer, by where in a file they are."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        h5 = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    note = lambda name, what: found.update({name: getattr(what, "shape", None)})
    h5["optimizer"].visititems(note)
    return found


@pytest.fixture
def half():
    for k in (kerasish, keras):
        k.config.set_dtype_policy("mixed_float16")
    yield
    for k in (kerasish, keras):
        k.config.set_dtype_policy("float32")


def stepping(k):
    """Return a model whose step is its own, and which leaves the scale of the loss to Keras."""

    class Stepping(k.Sequential):
        def train_step(self, state, data):
            weights, rest, slots, sums = state
            x, y = data
            slope = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
            (_, found), grads = slope(
                weights, rest, sums, x, y, None, training=True, optimizer_variables=slots
            )
            loss, _, rest, sums = found
            weights, slots = self.optimizer.stateless_apply(slots, grads, weights)
            return {"loss": loss}, (weights, rest, slots, sums)

    return Stepping


@pytest.mark.parametrize("own", [False, True], ids=["built in", "own step"])
def test_the_loss_is_scaled_in_float16(half, own):
    """The third step overflows: it is left out, and the scale halved."""
    y = np.where(np.arange(20)[:, None] // 4 == 2, np.float32(1e7), Y)
    found = []
    for k in (kerasish, keras):
        cls = stepping(k) if own else k.Sequential
        model = cls([k.Input((4,)), k.layers.Dense(3, "tanh"), k.layers.Dense(1)])
        model.set_weights([draw(w.shape, seed=i) for i, w in enumerate(model.weights)])
        model.compile(k.optimizers.SGD(0.01, 0.9), "mse")
        optimizer = model.optimizer
        assert type(optimizer).__name__ == "LossScaleOptimizer"
        model.fit(X, y, 4, 1, shuffle=False, verbose=0)
        rest = int(optimizer.inner_optimizer.iterations), float(optimizer.dynamic_scale)
        found.append((model.get_weights(), rest))
    assert found[0][1] == found[1][1]
    assert found[0][1][0] < 5
    close(found[0][0], found[1][0], 5e-3)


def test_what_is_not_put_behind_a_scale(half, tmp_path):
    layers = [kerasish.Input((4,)), kerasish.layers.Dense(1)]
    model = kerasish.Sequential(layers)
    for optimizer in (kerasish.optimizers.SGD(loss_scale_factor=8.0), optax.sgd(0.1)):
        model.compile(optimizer, "mse")
        assert not isinstance(model.optimizer, kerasish.optimizers.LossScaleOptimizer)
    model.compile("sgd", "mse", auto_scale_loss=False)
    model.save(tmp_path / "m.keras")
    for k in (kerasish, keras):
        loaded = k.saving.load_model(tmp_path / "m.keras")
        assert type(loaded.optimizer).__name__ == "SGD"


def test_a_file_that_has_a_scale_which_its_optimizer_has_not(half, tmp_path):
    theirs = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    theirs.compile("adam", "mse")
    theirs.fit(X, Y, verbose=0)
    theirs.save(tmp_path / "m.keras")
    ours = kerasish.saving.load_model(tmp_path / "m.keras")
    mine, other = ([v.numpy() for v in m.optimizer.variables] for m in (ours, theirs))
    close(mine, other)
    kerasish.config.set_dtype_policy("float32")
    with pytest.warns(UserWarning, match="set that dtype policy"):
        kerasish.saving.load_model(tmp_path / "m.keras")
