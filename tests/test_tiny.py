"""A tiny model from the first line to the last: read this page first."""

import jax
import numpy as np
import optax

import kerasish
from kerasish import Sequential, layers


def test_a_tiny_model(tmp_path):
    kerasish.utils.set_random_seed(1)

    # Points in the plane; the question is whether they lie inside of a circle.
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (1000, 2)).astype("float32")
    y = (np.hypot(*x.T) < 0.75).astype("int32")

    # A model is a stack of layers, and knows its shapes and weights at once.
    model = Sequential(
        [
            kerasish.Input((2,)),
            layers.Dense(16, activation="tanh"),
            layers.Dense(16, activation="tanh"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    assert model.count_params() == 2 * 16 + 16 + 16 * 16 + 16 + 16 + 1

    # Say how to train, and train. A fifth of the samples is kept for validation.
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.02
    history = model.fit(x, y, batch_size=50, epochs=20, validation_split=0.2, verbose=0)
    assert history.history["val_accuracy"][-1] > 0.95
    assert history.history["loss"][-1] < history.history["loss"][0]

    # Evaluate and predict.
    loss, accuracy = model.evaluate(x, y, verbose=0)
    inside = model.predict(np.array([[0.0, 0.0], [0.9, 0.9]]), verbose=0)[:, 0]
    assert loss < 0.2 and accuracy > 0.95
    assert inside[0] > 0.9 and inside[1] < 0.1

    # A file holds all of it: what is loaded predicts the same and goes on training.
    model.save(tmp_path / "circle.keras")
    again = kerasish.saving.load_model(tmp_path / "circle.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.fit(x, y, verbose=0).history["accuracy"][-1] > 0.95

    # Beneath the shell the model is a pure function of nested dicts of arrays,
    # so that everything JAX has works on it: here a training loop by hand.
    params, state = model.params, model.state
    optimizer = optax.sgd(0.1)

    def error(params, x, y):
        p, _ = model.apply(params, state, x)
        return optax.squared_error(p[:, 0], y.astype("float32")).mean()

    @jax.jit
    def step(params, opt_state):
        slope = jax.grad(error)(params, x, y)
        updates, opt_state = optimizer.update(slope, opt_state)
        return optax.apply_updates(params, updates), opt_state

    before = error(params, x, y)
    opt_state = optimizer.init(params)
    for _ in range(10):
        params, opt_state = step(params, opt_state)
    assert error(params, x, y) < before

    # Single samples, by vmap; and the trained weights back into the model.
    alone = jax.vmap(lambda point: model.apply(params, state, point[None])[0][0, 0])(x)
    model.layers[0].kernel.assign(params["dense"]["kernel"])
    model.layers[1].set_weights([params["dense_1"]["kernel"], params["dense_1"]["bias"]])
    assert alone.shape == (1000,)
