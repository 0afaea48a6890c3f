"""The algebra of matrices."""

from typing import TYPE_CHECKING, Any

from kerasish.ops._define import functions

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


__all__: list[str] = sorted(functions("linalg"))
globals().update(functions("linalg"))
