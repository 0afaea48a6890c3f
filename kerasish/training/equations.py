"""What a program (a jaxpr) is made of: equations, and the programs within them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jax.extend.core import ClosedJaxpr, Jaxpr, jaxpr_as_fun

__all__ = ["evaluated", "inner_program", "is_var", "needed", "rounds"]

# Operations that stand for the program within them.
_CALLS = {
    *("jit", "pjit", "closed_call", "core_call", "checkpoint", "remat", "remat2"),
    *("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"),
}


def is_var(atom: Any) -> bool:
    """Return whether something in an equation is a variable, and not a number."""
    return not hasattr(atom, "val")


def needed(jaxpr: Any, ends: Sequence[Any]) -> list[Any]:
    """Return the equations that some variables depend on, in order."""
    wanted = {var for var in ends if is_var(var)}
    found = []
    for equation in reversed(jaxpr.eqns):
        if wanted.intersection(equation.outvars):
            wanted.update(var for var in equation.invars if is_var(var))
            found.append(equation)
    return found[::-1]


def inner_program(
    equation: Any, given: list[tuple[Any, Any]]
) -> tuple[ClosedJaxpr, list[tuple[Any, Any]]] | None:
    """Return the program that an operation stands for, with its arguments, if it does.

    Args:
        equation: the operation.
        given: the values that it gets, each with something beside it.
    """
    name, params = equation.primitive.name, equation.params
    if name == "cond":
        return params["branches"][int(given[0][0])], given[1:]
    if name not in _CALLS:
        return None
    for program in params.values():
        if isinstance(program, Jaxpr) and not program.constvars:
            program = ClosedJaxpr(program, ())
        if isinstance(program, ClosedJaxpr) and len(program.jaxpr.invars) == len(given):
            return program, given
    return None


def evaluated(jaxpr: Any, equation: Any, values: list[Any]) -> list[Any]:
    """Return what an operation of a program makes of values, by a program of its own."""
    pairs = [(v, x) for v, x in zip(equation.invars, values, strict=True) if is_var(v)]
    unique = dict(pairs)
    alone = jaxpr.replace(
        constvars=[], invars=[*unique], outvars=[*equation.outvars], eqns=[equation]
    )
    found: list[Any] = jaxpr_as_fun(ClosedJaxpr(alone, ()))(*unique.values())
    return found


def rounds(equation: Any, values: list[Any]) -> Iterator[tuple[ClosedJaxpr, list[Any]]]:
    """Yield the program of each round of a loop, with its arguments; nothing if it is none."""
    if equation.primitive.name == "scan":
        yield from _scanned(equation, values)
    elif equation.primitive.name == "while":
        yield from _repeated(equation, values)


def _scanned(equation: Any, values: list[Any]) -> Iterator[tuple[ClosedJaxpr, list[Any]]]:
    params, program = equation.params, equation.params["jaxpr"]
    consts, carried = params["num_consts"], params["num_carry"]
    fixed, carry, rows = values[:consts], values[consts:][:carried], values[consts + carried :]
    numbers = range(params["length"])
    for number in reversed(numbers) if params["reverse"] else numbers:
        args = [*fixed, *carry, *(each[number] for each in rows)]
        yield program, args
        carry = jaxpr_as_fun(program)(*args)[:carried]


def _repeated(equation: Any, values: list[Any]) -> Iterator[tuple[ClosedJaxpr, list[Any]]]:
    params = equation.params
    asked, made = params["cond_nconsts"], params["body_nconsts"]
    conditions, fixed = values[:asked], values[asked:][:made]
    carry = values[asked + made :]
    going, body = jaxpr_as_fun(params["cond_jaxpr"]), jaxpr_as_fun(params["body_jaxpr"])
    while bool(going(*conditions, *carry)[0]):
        yield params["body_jaxpr"], [*fixed, *carry]
        carry = body(*fixed, *carry)
