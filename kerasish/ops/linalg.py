"""Linear algebra: det, inv, norm, svd, solve, ..."""

from kerasish.ops._define import functions

__all__: list[str] = sorted(functions("linalg"))
globals().update(functions("linalg"))
