"""Reading jaxprs: the one place that knows how JAX's versions differ.

Since 0.11 a `scan` describes its operands by a flat tree in place of two counts, and since 0.12
`ClosedJaxpr` and `Jaxpr` are one class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, jaxpr_as_fun

__all__ = [
    "called_program",
    "chosen_branch",
    "eval_eqn",
    "is_var",
    "iter_eqns",
    "loop_iterations",
    "prune_eqns",
    "scan_arity",
    "subprograms",
]

# Primitives that stand for the program within them.
_CALLS = {
    *("jit", "pjit", "closed_call", "core_call", "checkpoint", "remat", "remat2"),
    *("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"),
}


def is_var(atom: Any) -> bool:
    """Return whether an operand of an equation is a variable, and not a literal."""
    return not hasattr(atom, "val")


# Programs within programs.


def subprograms(equation: JaxprEqn) -> list[Any]:
    """Return the programs that an equation runs; those of Pallas kernels are left out."""
    if equation.primitive.name == "pallas_call":
        return []
    found = []
    for value in equation.params.values():
        for inner in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(inner, (ClosedJaxpr, Jaxpr)):
                found.append(inner)
    return found


def iter_eqns(program: Any) -> Iterator[JaxprEqn]:
    """Yield the equations of a jaxpr, closed or not, and of all jaxprs within it."""
    for equation in program.eqns:
        yield equation
        for inner in subprograms(equation):
            yield from iter_eqns(inner)


def called_program(equation: JaxprEqn) -> ClosedJaxpr | None:
    """Return the program that a call (`jit`, `checkpoint`, `custom_jvp_call`, ...) stands for.

    It takes the operands of the equation as they are; None if the equation is another primitive.
    """
    if equation.primitive.name not in _CALLS:
        return None
    for program in map(_closed, subprograms(equation)):
        if len(program.in_avals) == len(equation.invars):
            return program
    return None


def chosen_branch(equation: JaxprEqn, index: int) -> ClosedJaxpr:
    """Return the branch that a `cond` takes; it gets the operands after the index."""
    return _closed(equation.params["branches"][index])


def _closed(program: Any) -> ClosedJaxpr:
    return program if isinstance(program, ClosedJaxpr) else ClosedJaxpr(program, ())


# Loops.


def scan_arity(equation: JaxprEqn) -> tuple[int, int]:
    """Return how many operands of a `scan` are constants, and how many are carried."""
    params = equation.params
    if "ft_in" in params:
        consts, carried, _ = params["ft_in"].unpack()
        return len(consts), len(carried)
    return params["num_consts"], params["num_carry"]


def loop_iterations(
    equation: JaxprEqn, values: Sequence[Any]
) -> Iterator[tuple[ClosedJaxpr, list[Any]]]:
    """Yield the body and its arguments for each iteration of a `scan` or `while`.

    Args:
        equation: any equation; nothing is yielded for other primitives.
        values: the values of its operands.
    """
    if equation.primitive.name == "scan":
        yield from _scan_iterations(equation, values)
    elif equation.primitive.name == "while":
        yield from _while_iterations(equation, values)


def _scan_iterations(
    equation: JaxprEqn, values: Sequence[Any]
) -> Iterator[tuple[ClosedJaxpr, list[Any]]]:
    params, body = equation.params, _closed(equation.params["jaxpr"])
    consts, carried = scan_arity(equation)
    fixed, carry, xs = values[:consts], values[consts:][:carried], values[consts + carried :]
    steps = range(params["length"])
    for step in reversed(steps) if params["reverse"] else steps:
        args = [*fixed, *carry, *(x[step] for x in xs)]
        yield body, args
        carry = jaxpr_as_fun(body)(*args)[:carried]


def _while_iterations(
    equation: JaxprEqn, values: Sequence[Any]
) -> Iterator[tuple[ClosedJaxpr, list[Any]]]:
    params = equation.params
    asked, made = params["cond_nconsts"], params["body_nconsts"]
    conditions, fixed = values[:asked], values[asked:][:made]
    carry = values[asked + made :]
    condition, body = _closed(params["cond_jaxpr"]), _closed(params["body_jaxpr"])
    while bool(jaxpr_as_fun(condition)(*conditions, *carry)[0]):
        yield body, [*fixed, *carry]
        carry = jaxpr_as_fun(body)(*fixed, *carry)


# Running a part.


def prune_eqns(jaxpr: Jaxpr, ends: Sequence[Any]) -> list[Any]:
    """Return the equations that some variables depend on, in order."""
    wanted = {var for var in ends if is_var(var)}
    found = []
    for equation in reversed(jaxpr.eqns):
        if wanted.intersection(equation.outvars):
            wanted.update(var for var in equation.invars if is_var(var))
            found.append(equation)
    return found[::-1]


def eval_eqn(jaxpr: Jaxpr, equation: JaxprEqn, values: Sequence[Any]) -> list[Any]:
    """Return the results of one equation of a jaxpr for the values of its operands."""
    pairs = [(v, x) for v, x in zip(equation.invars, values, strict=True) if is_var(v)]
    unique = dict(pairs)
    alone = jaxpr.replace(
        constvars=[], invars=[*unique], outvars=[*equation.outvars], eqns=[equation]
    )
    found: list[Any] = jaxpr_as_fun(_closed(alone))(*unique.values())
    return found
