"""What a program costs, by the compiler's own count, and loops by how often they go round."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from kerasish.core.jaxprs import iter_eqns, subprograms

__all__ = ["Cost", "cost", "peak"]


class Cost(NamedTuple):
    """What one run of a program costs.

    Attributes:
        flops: floating-point operations: a multiplication and an addition are two, and
            what is no such operation (`exp`, `tanh`) is none.
        moved: bytes that its operations read and write, as the compiler fused them.
        unbounded_loops: loops that go round as often as the data say; each is counted as one round.
    """

    flops: float
    moved: float
    unbounded_loops: int


def cost(traced: Any) -> Cost:
    """Return what a traced program costs.

    The compiler counts the body of a loop once. The further rounds are added
    here where their number is in the program, as in `jax.lax.scan`.

    Operations are counted before the compiler works on the program: it may
    put calls of a vendor's library in their place, which it cannot look into.
    """
    flops, moved = _counted(traced) + _further(traced.jaxpr, {})
    loops = sum(equation.primitive.name == "while" for equation in iter_eqns(traced.jaxpr))
    return Cost(float(flops), float(moved), loops)


def peak(compiled: Any) -> int:
    """Return how many bytes a compiled program takes: what it is given, makes, and needs for it."""
    sizes = compiled.memory_analysis()
    kept = sizes.argument_size_in_bytes + sizes.output_size_in_bytes - sizes.alias_size_in_bytes
    return int(kept + sizes.temp_size_in_bytes)


def _counted(traced: Any) -> np.ndarray:
    """Return operations and bytes, with one round of each loop."""
    lowered = traced.lower()
    told, fused = lowered.cost_analysis() or {}, lowered.compile().cost_analysis() or {}
    return np.array([told.get("flops", 0.0), fused.get("bytes accessed", 0.0)])


def _further(program: Any, known: dict[int, np.ndarray]) -> np.ndarray:
    """Return what the rounds after the first cost, of all loops whose number of rounds is known.

    Args:
        program: a jaxpr.
        known: what one round costs, by the identity of the body.
    """
    total = np.zeros(2)
    for equation in program.eqns:
        inner = [_further(body, known) for body in subprograms(equation)]
        if equation.primitive.name == "cond" and inner:
            total += np.max(inner, axis=0)  # the dearest branch, as the compiler does
        elif equation.primitive.name == "scan":
            body, rounds = equation.params["jaxpr"], equation.params["length"]
            if rounds > 1:
                if id(body) not in known:
                    known[id(body)] = _counted(_as_program(body))
                total += (rounds - 1) * known[id(body)]
            total += rounds * inner[0]
        else:
            total += np.sum(inner, axis=0) if inner else 0
    return total


def _as_program(body: ClosedJaxpr) -> Any:
    shapes = [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in body.in_avals]
    return jax.jit(jaxpr_as_fun(body)).trace(*shapes)
