"""Estimators of scikit-learn around models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerasish.callbacks import History
from kerasish.core.errors import ArgumentError, DataError, NotCompiledError
from kerasish.core.serialization import registry
from kerasish.models import Model, clone_model
from kerasish.wrappers._bases import (
    BaseEstimator,
    ClassifierMixin,
    RegressorMixin,
    TransformerMixin,
)

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]

Array = NDArray[Any]


class _Estimator(BaseEstimator):
    """What the three estimators share: `fit` trains a model of their own, `predict` runs it."""

    model_: Model
    history_: History

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
        fit_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def fit(self, X: ArrayLike, y: ArrayLike, **kwargs: Any) -> Self:
        """Train the model.

        Args:
            X: `(samples, features)`; further axes are taken, too.
            y: the targets, `(samples,)`; `(samples, outputs)` where there are no classes.
            **kwargs: further arguments of the model's `fit`, which go before `fit_kwargs`.

        Returns:
            This estimator.

        Raises:
            ValueError: if the data do not fit together, or are not finite.
            NotCompiledError: if the model is not compiled.
        """
        from sklearn.utils.validation import validate_data

        x, targets = validate_data(self, X, y, **self._checks())
        encoded = self._encode(np.asarray(targets))
        if not (self.warm_start and hasattr(self, "model_")):
            self.model_ = self._make_model(x, encoded)
        arguments = {**(self.fit_kwargs or {}), **kwargs}
        self.history_ = self.model_.fit(x, encoded, **arguments)
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Return what the model predicts, in the form of the `y` that `fit` was given.

        Args:
            X: `(samples, features)`.

        Raises:
            NotFittedError: before `fit`; it is scikit-learn's.
        """
        return self._decode(self._outputs(X))

    @property
    def epoch_(self) -> int:
        """How many epochs the last `fit` trained."""
        return len(self.history_.epoch)

    def set_fit_request(self, **kwargs: bool | str | None) -> Self:
        """Have meta-estimators pass arguments on to `fit`; needs metadata routing.

        Args:
            **kwargs: arguments of `fit`, such as `sample_weight=True`: whether to pass it on, or
                the name that it has there.

        Raises:
            RuntimeError: if `sklearn.set_config(enable_metadata_routing=True)` was not called.
        """
        import sklearn
        from sklearn.utils.metadata_routing import get_routing_for_object

        if not sklearn.get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                "set_fit_request needs `sklearn.set_config(enable_metadata_routing=True)`."
            )
        request = get_routing_for_object(self)
        for name, alias in kwargs.items():
            request.fit.add_request(param=name, alias=alias)
        self._metadata_request = request
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        tags.target_tags.required = True
        return tags

    def _checks(self) -> dict[str, Any]:
        """Return what scikit-learn's check of the data takes."""
        return {"allow_nd": True, "multi_output": True, "y_numeric": True}

    def _encode(self, y: Array) -> Array:
        """Return targets as the model is trained on them."""
        self._is_vector = y.ndim == 1
        return y[:, None] if self._is_vector else y

    def _decode(self, outputs: Array) -> Array:
        """Return outputs of the model in the form of the targets."""
        single = self._is_vector and outputs.shape[1:] == (1,)
        return outputs[:, 0] if single else outputs

    def _outputs(self, X: ArrayLike) -> Array:
        from sklearn.utils.validation import check_is_fitted, validate_data

        check_is_fitted(self, "model_")
        x = validate_data(self, X, reset=False, allow_nd=True)
        return np.asarray(self.model_.predict(x, verbose=0))

    def _make_model(self, x: Array, y: Array) -> Model:
        """Return the model to train."""
        given = self.model
        if isinstance(given, Model):
            _check_compiled(given)
            return given if self.warm_start else _compiled_clone(given)
        if not callable(given):
            raise ArgumentError(
                f"model must be a compiled model or a function that returns one; got {given!r}."
            )
        made = given(X=x, y=y, **(self.model_kwargs or {}))
        if not isinstance(made, Model):
            raise ArgumentError(f"model must return a compiled model; it returned {made!r}.")
        _check_compiled(made)
        return made


def _check_compiled(model: Model) -> None:
    if not model.compiled:
        raise NotCompiledError(
            f"{model.name!r} is not compiled; call `compile(optimizer, loss)` before it is wrapped."
        )


def _compiled_clone(model: Model) -> Model:
    """Return a model of the same layers with weights of its own, compiled as the original is."""
    with registry.within_process():
        clone = clone_model(model)
        clone.compile_from_config(model.get_compile_config())
    return clone


class SKLearnClassifier(ClassifierMixin, _Estimator):
    """A model as a classifier of scikit-learn.

    Needs scikit-learn, `pip install kerasish[sklearn]`. The model is trained on targets of shape
    `(samples, classes)` with a 1 for the class (categorical cross-entropy), and has an output for
    each class, whatever the classes are: numbers or texts.

    Args:
        model: a compiled model, which is cloned before it is trained; or a function of `X`, `y`
            (as the model is trained on them) and `model_kwargs` that returns a compiled one.
        warm_start: whether each `fit` goes on with the weights of the one before; then a model is
            trained itself and not cloned.
        model_kwargs: further arguments of `model`, if it is a function.
        fit_kwargs: arguments of the model's `fit`, such as `epochs`.

    Attributes:
        model_: the model that was trained.
        history_: what its `fit` returned.
        classes_: the classes, sorted, in the order of the model's outputs.

    Examples:
        >>> from kerasish import Input, Sequential, layers, optimizers
        >>> model = Sequential([Input((2,)), layers.Dense(2, activation="softmax")])
        >>> model.compile(optimizers.SGD(1.0), "categorical_crossentropy")
        >>> x, y = [[0.0, 1.0], [1.0, 0.0]] * 8, ["no", "yes"] * 8
        >>> classifier = SKLearnClassifier(model, fit_kwargs={"epochs": 20, "verbose": 0})
        >>> classifier.fit(x, y).predict(x[:2]).tolist()
        ['no', 'yes']
    """

    classes_: Array

    def decision_function(self, X: ArrayLike) -> Array:
        """Return the outputs of the model, `(samples, classes)`.

        Args:
            X: `(samples, features)`.
        """
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # which depends on the model
        return tags

    def _checks(self) -> dict[str, Any]:
        return {"allow_nd": True}

    def _encode(self, y: Array) -> Array:
        from sklearn.utils.multiclass import check_classification_targets, type_of_target

        check_classification_targets(y)
        kind = type_of_target(y)
        if kind not in ("binary", "multiclass"):
            raise DataError(
                f"Only binary and multiclass targets are classified; got {kind!r} targets."
            )
        self.classes_, found = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(
                f"A classifier cannot be trained with one class, {self.classes_[0]!r}, alone."
            )
        return np.eye(len(self.classes_), dtype="float32")[found]

    def _decode(self, outputs: Array) -> Array:
        if outputs.shape[1:] != self.classes_.shape:
            raise DataError(
                f"There are {len(self.classes_)} classes; the model's outputs are of shape "
                f"{outputs.shape}."
            )
        return np.asarray(self.classes_[outputs.argmax(-1)])


class SKLearnRegressor(RegressorMixin, _Estimator):
    """A model as a regressor of scikit-learn.

    Needs scikit-learn, `pip install kerasish[sklearn]`. Targets of shape `(samples,)` become
    `(samples, 1)` for the model.

    Args:
        model: a compiled model, which is cloned before it is trained; or a function of `X`, `y`
            (as the model is trained on them) and `model_kwargs` that returns a compiled one.
        warm_start: whether each `fit` goes on with the weights of the one before; then a model is
            trained itself and not cloned.
        model_kwargs: further arguments of `model`, if it is a function.
        fit_kwargs: arguments of the model's `fit`, such as `epochs`.

    Attributes:
        model_: the model that was trained.
        history_: what its `fit` returned.

    Examples:
        >>> from kerasish import Input, Sequential, layers
        >>> model = Sequential([Input((1,)), layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> regressor = SKLearnRegressor(model, fit_kwargs={"verbose": 0})
        >>> regressor.fit([[1.0], [2.0]], [2.0, 4.0]).predict([[3.0]]).shape
        (1,)
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # which depends on the model
        tags.target_tags.multi_output = True
        return tags


class SKLearnTransformer(TransformerMixin, _Estimator):
    """A model as a transformer of scikit-learn: `transform` returns its outputs.

    Needs scikit-learn, `pip install kerasish[sklearn]`. In a pipeline,
    `sklearn.frozen.FrozenEstimator` keeps a trained one as it is.

    Args:
        model: a compiled model, which is cloned before it is trained; or a function of `X`, `y`
            (as the model is trained on them) and `model_kwargs` that returns a compiled one.
        warm_start: whether each `fit` goes on with the weights of the one before; then a model is
            trained itself and not cloned.
        model_kwargs: further arguments of `model`, if it is a function.
        fit_kwargs: arguments of the model's `fit`, such as `epochs`.

    Attributes:
        model_: the model that was trained.
        history_: what its `fit` returned.

    Examples:
        >>> from kerasish import Input, Sequential, layers
        >>> model = Sequential([Input((3,)), layers.Dense(2)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((4, 3))
        >>> SKLearnTransformer(model).fit(x, x[:, :2], verbose=0).transform(x).shape
        (4, 2)
    """

    def transform(self, X: ArrayLike) -> Array:
        """Return the outputs of the model.

        Args:
            X: `(samples, features)`.
        """
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.transformer_tags.preserves_dtype = []  # outputs have the model's
        return tags
