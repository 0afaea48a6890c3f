"""The algebra of matrices."""

from kerasish.ops._define import functions

__all__: list[str] = sorted(functions("linalg"))
globals().update(functions("linalg"))
