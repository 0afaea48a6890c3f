"""What a tensor of a graph comes from."""

from __future__ import annotations

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import Node, SymbolicTensor

__all__ = ["get_source_inputs"]


def get_source_inputs(tensor: SymbolicTensor) -> list[SymbolicTensor]:
    """Return the tensors from `Input` that a tensor is computed from, each once.

    Args:
        tensor: a tensor of a graph.

    Raises:
        ArgumentError: if it is of no graph.

    Examples:
        >>> from kerasish import Input, layers
        >>> a, b = Input((2,)), Input((2,))
        >>> get_source_inputs(layers.Add()([a, layers.ReLU()(b)])) == [a, b]
        True
    """
    if not isinstance(tensor, SymbolicTensor):
        raise ArgumentError(f"get_source_inputs takes a tensor of a graph; got {tensor!r}.")
    if tensor.node is None:
        return [tensor]
    found: dict[int, SymbolicTensor] = {}
    seen: set[int] = set()
    waiting: list[tuple[Node, SymbolicTensor]] = [(tensor.node, tensor)]
    while waiting:
        node, made = waiting.pop()
        if not node.inputs:
            found.setdefault(id(made), made)
        if id(node) not in seen:
            seen.add(id(node))
            waiting += [(t.node, t) for t in reversed(node.inputs) if t.node is not None]
    return list(found.values())
