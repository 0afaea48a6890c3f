"""get_source_inputs: the inputs that a symbolic tensor depends on."""

from __future__ import annotations

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import Node, SymbolicTensor

__all__ = ["get_source_inputs"]


def get_source_inputs(tensor: SymbolicTensor) -> list[SymbolicTensor]:
    """Return the `Input` tensors that a symbolic tensor is computed from, each once.

    Args:
        tensor: a symbolic tensor.

    Raises:
        ArgumentError: if the argument is not a symbolic tensor.

    Examples:
        >>> from kerasish import Input, layers
        >>> a, b = Input((2,)), Input((2,))
        >>> get_source_inputs(layers.Add()([a, layers.ReLU()(b)])) == [a, b]
        True
    """
    if not isinstance(tensor, SymbolicTensor):
        raise ArgumentError(f"get_source_inputs expects a symbolic tensor; got {tensor!r}.")
    if tensor.node is None:
        return [tensor]
    found: dict[int, SymbolicTensor] = {}
    seen: set[int] = set()
    stack: list[tuple[Node, SymbolicTensor]] = [(tensor.node, tensor)]
    while stack:
        node, current = stack.pop()
        if not node.inputs:
            found.setdefault(id(current), current)
        if id(node) not in seen:
            seen.add(id(node))
            stack += [(t.node, t) for t in reversed(node.inputs) if t.node is not None]
    return list(found.values())
