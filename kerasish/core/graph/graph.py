"""From output tensors back to input tensors: which calls to make, in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.operation import Operation
from kerasish.core.graph.symbolic import Node, SymbolicTensor
from kerasish.core.names import unique_name
from kerasish.core.tree import check_names
from kerasish.core.variable import Variable

if TYPE_CHECKING:
    from kerasish.core.layer import Layer

__all__ = ["Graph"]


class Graph:
    """The calls between some input tensors and some output tensors.

    Args:
        inputs: a structure of SymbolicTensors.
        outputs: a structure of SymbolicTensors that depend on those alone.

    Attributes:
        nodes: the calls, each after those it depends on.
        operations: what is called, in Keras's order: the farthest from the
            outputs first, then as they are met going back from the outputs.
        layers: those of them that are layers and not functions.

    Raises:
        ArgumentError: if the outputs need a tensor that is not among the inputs.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs = inputs
        self.outputs = outputs
        for tensor in jax.tree.leaves((inputs, outputs)):
            if not isinstance(tensor, SymbolicTensor):
                raise ArgumentError(
                    "Model(inputs, outputs) takes tensors that start at `kerasish.Input(...)`; "
                    f"got {type(tensor).__name__}."
                )
        self._given = {id(t) for t in jax.tree.leaves(inputs)}
        postorder, met = self._visit()
        for tensor in jax.tree.leaves(inputs):
            # An input that nothing needs is still one of the model's.
            if tensor.node is not None and tensor.node not in postorder:
                postorder.append(tensor.node)
                met.insert(0, tensor.node.layer)
        depth = _depths(postorder, self._parents)
        self.nodes = sorted(postorder, key=lambda node: -depth[id(node)])
        reach: dict[int, int] = {}
        for node in postorder:
            reach[id(node.layer)] = max(reach.get(id(node.layer), 0), depth[id(node)])
        self.operations = sorted(met, key=lambda called: -reach[id(called)])
        self.layers: list[Layer] = [x for x in self.operations if not isinstance(x, Operation)]
        check_names(self.layers)

    def name_operations(self) -> None:
        """Give each operation a name of its own, once the layers have theirs."""
        taken = {layer.name for layer in self.layers}
        for called in self.operations:
            if isinstance(called, Operation):
                called.name = unique_name(called.name, taken)
                taken.add(called.name)

    # Copies, and pickles: the calls in a list, so that a deep graph is no deep structure.

    def __getstate__(self) -> dict[str, Any]:
        places: dict[int, int] = {}
        tensors: list[SymbolicTensor] = []

        def refer(leaf: Any) -> Any:
            if not isinstance(leaf, SymbolicTensor):
                return leaf
            if id(leaf) not in places:
                places[id(leaf)] = len(tensors)
                tensors.append(leaf)
            return _Place(places[id(leaf)])

        calls = [
            (node.layer, *_mapped(refer, (node.args, node.kwargs, node.outputs)))
            for node in self.nodes
        ]
        ends = _mapped(refer, (self.inputs, self.outputs))
        return {
            "calls": calls,
            "ends": ends,
            "operations": self.operations,
            "tensors": tensors,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        tensors = list(state["tensors"])

        def fill(leaf: Any) -> Any:
            return tensors[leaf.index] if isinstance(leaf, _Place) else leaf

        self.nodes = []
        for layer, args, kwargs, outputs in state["calls"]:
            made = next((node for node in layer._kerasish_nodes if not node.inputs), None)
            if isinstance(outputs, _Place) and made is not None:  # an input layer has its tensor
                tensors[outputs.index] = made.outputs
                self.nodes.append(made)
            else:
                self.nodes.append(Node(layer, *_mapped(fill, (args, kwargs, outputs))))
        self.inputs, self.outputs = _mapped(fill, state["ends"])
        self.operations = state["operations"]
        self.layers = [x for x in self.operations if not isinstance(x, Operation)]
        self._given = {id(t) for t in jax.tree.leaves(self.inputs)}

    def _parents(self, node: Node) -> list[Node]:
        """Return the calls that a call depends on, as far as the inputs."""
        # A tensor that is given as an input ends the search, wherever it comes from.
        if any(id(t) in self._given for t in jax.tree.leaves(node.outputs)):
            return []
        return node.parents

    def _visit(self) -> tuple[list[Node], list[Layer | Operation]]:
        """Walk back from the outputs: calls after their parents, what is called as it is met."""
        order: list[Node] = []
        met: dict[int, Layer | Operation] = {}
        seen: set[int] = set()
        stack = [(t.node, False) for t in reversed(jax.tree.leaves(self.outputs))]
        while stack:
            node, done = stack.pop()
            if node is None:
                continue
            if done:
                order.append(node)
                continue
            if id(node) in seen:
                continue
            seen.add(id(node))
            met.setdefault(id(node.layer), node.layer)
            parents = self._parents(node)
            if not parents and not any(id(t) in self._given for t in jax.tree.leaves(node.outputs)):
                raise ArgumentError(
                    f"The outputs depend on {node.layer.name!r}, which is not among the inputs of "
                    "the model. Add its tensor to `inputs`."
                )
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(parents))
        return order, list(met.values())

    def run(self, values: Any) -> Any:
        """Return the outputs for a structure of input values."""
        # None is a value here: of an input that is optional.
        given = jax.tree.leaves(values, is_leaf=lambda value: value is None)
        known = dict(zip(map(id, jax.tree.leaves(self.inputs)), given, strict=True))

        def fill(leaf: Any) -> Any:
            return known[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        for node in self.nodes:
            tensors = jax.tree.leaves(node.outputs)
            if id(tensors[0]) not in known:
                args, kwargs = jax.tree.map(fill, (node.args, node.kwargs))
                results = jax.tree.leaves(node.layer(*args, **kwargs))
                known.update(zip(map(id, tensors), results, strict=True))
        return jax.tree.map(fill, self.outputs)


class _Place:
    """Stands for a tensor in a copy of a graph.

    Args:
        index: which one it is.
    """

    def __init__(self, index: int) -> None:
        self.index = index


def _mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    return jax.tree.map(function, structure, is_leaf=lambda leaf: isinstance(leaf, Variable))


def _depths(postorder: list[Node], parents: Any) -> dict[int, int]:
    """Return how far each call is from the outputs, by the longest way."""
    depth: dict[int, int] = {}
    for node in reversed(postorder):
        own = depth.setdefault(id(node), 0)
        for parent in parents(node):
            depth[id(parent)] = max(depth.get(id(parent), 0), own + 1)
    return depth
