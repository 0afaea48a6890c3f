"""Models as estimators of scikit-learn, as `keras.wrappers` has them."""

from kerasish.wrappers.estimators import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
