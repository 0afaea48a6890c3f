"""LoRA: frozen weights with low-rank adapters, here and in Keras."""

import numpy as np
import pytest

from tests.parity.tools.oracle import both, check_config, check_layer, close, draw, keras, kerasish

LIBRARIES = (kerasish, keras)
errors = kerasish.errors

LAYERS = [
    ("Dense(3, 'relu', kernel_regularizer='l2', lora_rank=2)", (2, 4, 5)),
    ("EinsumDense('abc,cde->abde', (4, 3, 2), lora_rank=2, lora_alpha=3)", (2, 4, 5)),
    ("EinsumDense('ab,b->ab', 3, bias_axes='b', lora_rank=2)", (2, 3)),
    ("Embedding(5, 3, embeddings_regularizer='l1', mask_zero=True, lora_rank=2)", (2, 4)),
    ("ReversibleEmbedding(5, 3, lora_rank=2)", (2, 4)),
    ("Conv1D(4, 2, groups=2, padding='causal', lora_rank=2, lora_alpha=0.5)", (2, 5, 4)),
    ("Conv2D(3, 2, strides=2, lora_rank=2)", (2, 5, 5, 2)),
]


@pytest.mark.parametrize(("code", "shape"), LAYERS)
def test_layers(code, shape):
    check_layer(code, draw(shape, "int32" if "Embedding" in code else "float32"))


def test_mixed_precision():
    x = draw((2, 5)).astype("float16")
    check_layer("Dense(3, lora_rank=2, dtype='mixed_float16')", x, tolerance=4e-3)


def test_enabled_later():
    for code, shape in (("Dense(3)", (2, 5)), ("Embedding(5, 3)", (2, 4))):
        layers = both(code)
        x = draw(shape, "int32" if "Embedding" in code else "float32")
        outputs = []
        for layer in layers:
            layer.build(shape)
            layer.enable_lora(2, lora_alpha=5, b_initializer="ones")
            layer.set_weights([draw(w.shape, seed=i) for i, w in enumerate(layer.weights)])
            outputs.append([layer(x), layer.kernel if "Dense" in code else layer.embeddings])
            assert layer.lora_enabled and (layer.lora_rank, layer.lora_alpha) == (2, 5)
        names, trained = (
            [[w.name for w in getattr(each, kind)] for each in layers]
            for kind in ("weights", "trainable_weights")
        )
        assert names[0] == names[1] and trained[0] == trained[1]
        close(*outputs)
        check_config(*layers)


def test_first_adapters():
    layer = kerasish.layers.Dense(3)
    x = draw((2, 500))
    before = layer(x)
    layer.enable_lora(4)
    np.testing.assert_array_equal(layer(x), before)
    a, b = layer.lora_kernel_a.numpy(), layer.lora_kernel_b.numpy()
    assert 0.8 < a.max() / np.sqrt(6 / 500) <= 1 and not b.any()


def twin_models(**settings):
    """Return a model of each library with a layer of each kind, all with the same weights."""
    models = []
    for library in LIBRARIES:
        layers = library.layers
        models.append(
            library.Sequential(
                [
                    library.Input((4,), dtype="int32"),
                    layers.Embedding(5, 3, **settings),
                    layers.Conv1D(4, 2, **settings),
                    layers.EinsumDense("abc,cd->abd", (3, 3), bias_axes="d", **settings),
                    layers.Flatten(),
                    layers.Dense(2, **settings),
                ]
            )
        )
    values = [draw(w.shape, seed=i) for i, w in enumerate(models[1].weights)]
    for model in models:
        model.set_weights(values)
    return models


X, Y = draw((8, 4), "int32"), draw((8, 2))


def test_files(tmp_path):
    adapted, plain = twin_models(lora_rank=2), twin_models()
    expected = adapted[0].predict(X, verbose=0)
    close(expected, adapted[1].predict(X, verbose=0))
    for i, writer in enumerate(adapted):
        weights, whole = tmp_path / f"{i}.weights.h5", tmp_path / f"{i}.keras"
        writer.save_weights(weights)
        writer.save(whole)
        readers = [*adapted, *plain, *twin_models(lora_rank=1)]
        for reader in readers:
            reader.load_weights(weights)
            close(reader.predict(X, verbose=0), expected)
        for library in LIBRARIES:
            again = library.models.load_model(whole)
            close(again.predict(X, verbose=0), expected)
            assert [layer.lora_rank for layer in again.layers if hasattr(layer, "lora_rank")] == (
                [2] * 4
            )
        # What was loaded can be trained; in Keras both adapters are 0, and stay so.
        dense = readers[4].layers[-1]
        assert dense.lora_kernel_a.numpy().any() and not dense.lora_kernel_b.numpy().any()


def test_a_store_of_a_layers_own():
    stores = []
    for layer in both("Dense(3, lora_rank=2)"):
        layer.build((None, 4))
        layer.set_weights([draw(w.shape, seed=i) for i, w in enumerate(layer.weights)])
        store = {}
        layer.save_own_variables(store)
        stores.append(store)
        expected = np.array(layer.kernel)
        layer.load_own_variables(store)
        np.testing.assert_array_equal(layer.kernel, expected)
    close(*stores)


def test_fit_changes_only_the_adapters_and_biases():
    models = twin_models(lora_rank=2)
    before = models[0].get_weights()
    for model in models:
        model.compile("adam", "mse")
        model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    ours, theirs = models
    for variable, old, new in zip(ours.weights, before, ours.get_weights(), strict=True):
        frozen = variable.name in ("kernel", "embeddings")
        assert np.array_equal(old, new) == frozen, variable.path
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        close(mine, other, 1e-4)


def test_enabled_after_a_fit():
    model = twin_models()[0]
    model.compile("adam", "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    dense = model.layers[-1]
    momenta = lambda: {
        str(v): v.numpy().tolist() for v in model.optimizer.variables if "bias" in str(v)
    }
    before, outputs, kept = model.get_weights(), model.predict(X, verbose=0), momenta()
    dense.enable_lora(2)
    np.testing.assert_array_equal(model.predict(X, verbose=0), outputs)
    assert len(kept) == 6 and momenta() == kept
    assert int(model.optimizer.iterations.numpy()) == 2
    model.fit(X, Y, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 3
    after = model.get_weights()
    changed = [not np.array_equal(a, b) for a, b in zip(before, after, strict=False)]
    assert changed == [True] * 5 + [False, True] and after[-1].any()  # all but the last kernel


def test_trainable_goes_off_and_on():
    model = twin_models(lora_rank=2)[0]
    names = [v.path for v in model.trainable_weights]
    model.trainable = False
    assert not model.trainable_weights
    model.trainable = True
    assert [v.path for v in model.trainable_weights] == names
    copy = kerasish.models.clone_model(model)
    assert [v.path for v in copy.trainable_weights] == names


BAD = [
    ("Dense(3, lora_rank=0)", "lora_rank must be a positive whole number; got 0"),
    ("Conv2D(3, 2, lora_rank=1.5)", "lora_rank must be a positive whole number; got 1.5"),
    ("Dense(3, lora_rank=2, lora_alpha='much')", "lora_alpha must be a number; got 'much'"),
    ("Dense(3, lora_rank=2, kernel_constraint='non_neg')", "LoRA and kernel_constraint"),
    ("Conv1D(3, 2, lora_rank=2, kernel_constraint='non_neg')", "LoRA and kernel_constraint"),
    ("Embedding(3, 2, lora_rank=2, embeddings_constraint='non_neg')", "and embeddings_constraint"),
    ("Conv1DTranspose(3, 2, lora_rank=2)", "no argument of Conv1DTranspose called 'lora_rank'"),
    ("Dense(3, quantization_config='int8')", "Dense cannot be quantized"),
]


@pytest.mark.parametrize(("code", "said"), BAD)
def test_settings_that_cannot_be(code, said):
    with pytest.raises(errors.KerasishError, match=said):
        eval(code, vars(kerasish.layers))


def test_when_it_cannot_be_enabled():
    layer = kerasish.layers.Dense(3, name="d")
    with pytest.raises(errors.NotBuiltError, match="'d' has no kernel for LoRA yet"):
        layer.enable_lora(2)
    layer.build((None, 4))
    with pytest.raises(errors.ArgumentError, match="lora_rank must be"):
        layer.enable_lora(-1)
    assert not layer.lora_enabled and len(layer.trainable_weights) == 2
    layer.enable_lora(2)
    with pytest.raises(errors.ArgumentError, match="has LoRA of rank 2 already"):
        layer.enable_lora(2)
    wrapped = kerasish.layers.SpectralNormalization(layer)
    with pytest.raises(errors.ArgumentError, match="cannot wrap 'd'"):
        wrapped(draw((2, 4)))
