"""Models as estimators of scikit-learn."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import kerasish as k
from kerasish import Input, Sequential, layers
from kerasish.errors import ArgumentError, DataError, NotCompiledError
from kerasish.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

sklearn = pytest.importorskip("sklearn", reason="wrappers are of scikit-learn: not installed")

from sklearn.base import clone, is_classifier, is_regressor  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

X = np.random.default_rng(0).normal(size=(60, 2))
TEXTS = np.array(["left", "right"])[(X[:, 0] > 0).astype(int)]
QUIET = {"verbose": 0, "batch_size": 60}


def network(X, y, loss="categorical_crossentropy", rate=1.0):
    activation = "softmax" if loss == "categorical_crossentropy" else None
    model = Sequential([Input(X.shape[1:]), layers.Dense(y.shape[1], activation=activation)])
    model.compile(k.optimizers.SGD(rate), loss)
    return model


def regression(X, y):
    return network(X, y, "mse", 0.1)


@pytest.fixture(scope="module")
def classifier():
    return SKLearnClassifier(network, fit_kwargs={**QUIET, "epochs": 20}).fit(X, TEXTS)


@pytest.fixture(scope="module")
def regressor():
    return SKLearnRegressor(regression, fit_kwargs=QUIET).fit(X, X @ [1, 2], epochs=60)


def test_a_classifier_takes_and_gives_texts(classifier):
    assert is_classifier(classifier) and not is_regressor(classifier)
    predicted = classifier.predict(X)
    assert predicted.dtype == TEXTS.dtype and classifier.classes_.tolist() == ["left", "right"]
    assert classifier.score(X, TEXTS) == (predicted == TEXTS).mean() > 0.95
    outputs = classifier.decision_function(X)
    np.testing.assert_array_equal(outputs, classifier.model_.predict(X, verbose=0))
    np.testing.assert_allclose(outputs.sum(1), 1, rtol=1e-5)
    assert classifier.n_features_in_ == 2 and classifier.epoch_ == 20
    assert len(classifier.history_.history["loss"]) == 20


def test_a_regressor_predicts_in_the_shape_of_its_targets(regressor):
    assert is_regressor(regressor)
    assert regressor.predict(X).shape == (60,) and regressor.score(X, X @ [1, 2]) > 0.99
    assert regressor.epoch_ == 60
    both = clone(regressor).fit(X, X[:, ::-1], epochs=60)
    assert both.predict(X).shape == (60, 2) and both.score(X, X[:, ::-1]) > 0.99


def test_a_transformer_returns_outputs():
    transformer = SKLearnTransformer(regression, fit_kwargs=QUIET)
    outputs = transformer.fit_transform(X, X[:, ::-1])
    np.testing.assert_array_equal(outputs, transformer.model_.predict(X, verbose=0))
    pipeline = make_pipeline(StandardScaler(), clone(transformer), StandardScaler())
    np.testing.assert_allclose(pipeline.fit_transform(X, X[:, 0]).std(0), 1, rtol=1e-4)


def test_parameters_and_clones(classifier):
    parameters = classifier.get_params()
    assert list(parameters) == ["fit_kwargs", "model", "model_kwargs", "warm_start"]
    copy = clone(classifier)
    assert copy.get_params() == parameters and not hasattr(copy, "model_")
    assert copy.set_params(warm_start=True).warm_start and not classifier.warm_start
    again = pickle.loads(pickle.dumps(classifier))
    assert (again.predict(X) == classifier.predict(X)).all()


def test_searches_and_cross_validation():
    pipeline = make_pipeline(StandardScaler(), SKLearnClassifier(network, fit_kwargs=QUIET))
    scores = cross_val_score(pipeline, X, TEXTS, cv=2, error_score="raise")
    assert scores.shape == (2,)
    grid = {"sklearnclassifier__model_kwargs": [{"rate": 1e-9}, {"rate": 5.0}]}
    fit = {"sklearnclassifier__epochs": 10}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, TEXTS, **fit)
    assert search.best_params_ == {"sklearnclassifier__model_kwargs": {"rate": 5.0}}
    assert search.best_score_ > 0.85


def test_a_model_is_cloned_and_stays_as_it_was():
    model = network(X, np.zeros((60, 2)))
    before = model.get_weights()
    estimator = SKLearnClassifier(model, fit_kwargs=QUIET).fit(X, TEXTS)
    assert estimator.model is model and estimator.model_ is not model
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert estimator.model_.optimizer is not model.optimizer
    assert float(estimator.model_.optimizer.learning_rate) == 1.0
    assert estimator.fit(X, TEXTS).model_ is not model
    copy = clone(estimator).fit(X, TEXTS)
    assert copy.predict(X).shape == (60,)


def mean_absolute(y_true, y_pred):
    return k.ops.mean(k.ops.abs(y_true - y_pred), -1)


def test_a_clone_is_compiled_with_functions_that_no_file_could_name():
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", mean_absolute, metrics=[lambda t, p: mean_absolute(t, p)])
    estimator = SKLearnRegressor(model, fit_kwargs=QUIET).fit(X, X[:, 0])
    assert len(estimator.history_.history) == 2


def test_warm_starts_go_on():
    model = network(X, np.zeros((60, 2)))
    estimator = SKLearnClassifier(model, warm_start=True, fit_kwargs=QUIET).fit(X, TEXTS)
    assert estimator.model_ is model
    first = estimator.history_.history["loss"][-1]
    estimator.fit(X, TEXTS)
    assert estimator.model_ is model and estimator.history_.history["loss"][0] < first
    made = SKLearnClassifier(network, warm_start=True, fit_kwargs=QUIET).fit(X, TEXTS)
    kept = made.model_
    assert made.fit(X, TEXTS).model_ is kept


def test_arguments_of_fit_go_before_those_of_the_constructor(classifier):
    weights = np.where(X[:, 1] > 0, 1.0, 0.0)
    estimator = clone(classifier).fit(X, TEXTS, epochs=2, sample_weight=weights)
    assert estimator.epoch_ == 2
    with pytest.raises(RuntimeError, match="enable_metadata_routing"):
        estimator.set_fit_request(sample_weight=True)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = clone(classifier).set_fit_request(sample_weight=True)
        requests = clone(asked).get_metadata_routing().fit.requests
        assert requests == {"sample_weight": True}


def test_bad_input_is_explained(classifier, regressor):
    with pytest.raises(NotFittedError):
        SKLearnClassifier(network).predict(X)
    for estimator, x, y, error, said in (
        (SKLearnClassifier(network), X, X[:, 0], ValueError, "continuous"),
        (SKLearnClassifier(network), X, ["a"] * 60, DataError, "one class"),
        (SKLearnClassifier(network), X, TEXTS[:5], ValueError, "inconsistent"),
        (SKLearnClassifier(network), X * np.nan, TEXTS, ValueError, "NaN"),
        (SKLearnClassifier(3), X, TEXTS, ArgumentError, "a function that returns one"),
        (SKLearnClassifier(lambda X, y: 3), X, TEXTS, ArgumentError, "it returned 3"),
        (SKLearnRegressor(Sequential([Input((2,))])), X, X[:, 0], NotCompiledError, "compile"),
    ):
        with pytest.raises(error, match=said):
            estimator.fit(x, y)
    with pytest.raises(ValueError, match="expecting 2 features"):
        classifier.predict(X[:, :1])
    assert classifier.predict(X).shape == regressor.predict(X).shape


# What does not hold of a model: it starts with other weights each time, and has an output a class.
DIFFERENT = dict.fromkeys(
    [
        "check_classifier_data_not_an_array",
        "check_classifiers_one_label_sample_weights",
        "check_fit_idempotent",
        "check_regressor_data_not_an_array",
        "check_regressors_int",
        "check_supervised_y_2d",
    ],
    "first weights are drawn",
) | {
    "check_classifiers_classes": "decision_function has two columns for two classes",
    "check_classifiers_train": "decision_function has two columns for two classes",
    "check_regressor_multioutput": "outputs are of 32 bits",
}


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("kind", [SKLearnClassifier, SKLearnRegressor, SKLearnTransformer])
def test_checks_of_scikit_learn(kind):
    from sklearn.utils.estimator_checks import check_estimator

    model = network if kind is SKLearnClassifier else regression
    estimator = kind(model, fit_kwargs={"verbose": 0})
    found = check_estimator(estimator, expected_failed_checks=DIFFERENT, on_skip=None)
    assert sum(each["status"] == "passed" for each in found) > 35
