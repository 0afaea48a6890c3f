"""The classes of scikit-learn that estimators derive from, or, without it, a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["BaseEstimator", "ClassifierMixin", "RegressorMixin", "TransformerMixin"]

if TYPE_CHECKING:

    class BaseEstimator:
        """What is used of scikit-learn's class."""

        def __sklearn_tags__(self) -> Any: ...

    class ClassifierMixin:
        """Adds `score`, the accuracy."""

    class RegressorMixin:
        """Adds `score`, the coefficient of determination."""

    class TransformerMixin:
        """Adds `fit_transform`."""

else:
    try:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
    except ImportError as _error:
        _cause = _error

        class BaseEstimator:
            """Raises when an estimator is made."""

            def __new__(cls, *args: Any, **kwargs: Any) -> Any:
                raise ImportError(
                    f"{cls.__name__} needs scikit-learn 1.6 or newer: "
                    "`pip install kerasish[sklearn]`."
                ) from _cause

        class ClassifierMixin:
            """Has nothing."""

        class RegressorMixin:
            """Has nothing."""

        class TransformerMixin:
            """Has nothing."""
