"""Where a number that is not finite came from: a program run operation by operation.

A program is a jaxpr. Each value that is not finite is followed back to the operation that made
it of finite ones, or to the argument that brought it. An infinity that is written in the program
itself, such as that of a mask, is meant; only what is made of it may be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr

from kerasish.core.jaxprs import (
    called_program,
    chosen_branch,
    eval_eqn,
    is_var,
    loop_iterations,
    prune_eqns,
)
from kerasish.core.types import PyTree

__all__ = ["NonFiniteInterpreter", "Origin", "is_finite"]

_MOST_ARGUMENTS = 2**31


@dataclass(eq=False)
class Origin:
    """An operation that made what is not finite of finite values, or an argument that was not.

    Attributes:
        order: when it was met.
        argument: which argument of the program; None if it is an operation.
        operation: the name of the operation, in JAX's words.
        operands: the values that it got.
        result: what it made of them.
        scope: the names of the scopes and transformations that it stands in, outermost first.
        traceback: from where in the source it was called.
        parameters: what else the operation was told.
    """

    order: int
    argument: int | None = None
    operation: str = ""
    operands: list[Any] = field(default_factory=list)
    result: Any = None
    scope: str = ""
    traceback: Any = None
    parameters: Any = None


@dataclass(eq=False)
class _Trail:
    """What is known of a value: whether it is wrong, and what made it so."""

    wrong: bool = False
    meant: bool = False
    origin: Origin | None = None
    before: tuple[_Trail, ...] = ()
    order: int = 0


_FINE = _Trail()

# A value of a program, and its trail.
_Known = tuple[Any, _Trail]


class NonFiniteInterpreter:
    """Runs a program operation by operation and remembers how it came to what is not finite.

    Args:
        program: the program.
        args: its arguments, flat.
        wanted: the numbers of the outputs to compute; what these do not need is left out.

    Attributes:
        outputs: these outputs, by number.
        marks: what `jax.ad_checkpoint.checkpoint_name` named, in order: the name, the value, and
            for a wrong value when it was made, counted in operations.
    """

    def __init__(self, program: ClosedJaxpr, args: Sequence[Any], wanted: Sequence[int]) -> None:
        self.marks: list[tuple[str, Any, int]] = []
        self._count = 0
        known = [(arg, self._argument(i, arg)) for i, arg in enumerate(args)]
        found = self._run(program, known, "", list(wanted))
        self.outputs = {number: value for number, (value, _) in found.items()}
        self._trails = [trail for _, trail in found.values()]

    def origin(self) -> Origin | None:
        """Return the first of what made outputs wrong; None if they are finite."""
        return _first(self._trails)

    def _argument(self, number: int, value: PyTree) -> _Trail:
        if is_finite(value):
            return _FINE
        # Before all operations; what comes first in the arguments, first.
        return _Trail(wrong=True, origin=Origin(number - _MOST_ARGUMENTS, argument=number))

    def _run(
        self, program: Any, args: Sequence[_Known], scope: str, wanted: list[int] | None = None
    ) -> dict[int, _Known]:
        """Run a program, or the part of it that some outputs need, and return these."""
        jaxpr, consts = program.jaxpr, program.consts
        wanted = list(range(len(jaxpr.outvars))) if wanted is None else wanted
        ends = [jaxpr.outvars[number] for number in wanted]
        values: dict[Any, _Known] = dict(zip(jaxpr.invars, args, strict=True))
        values |= {var: (const, _FINE) for var, const in zip(jaxpr.constvars, consts, strict=True)}
        equations = prune_eqns(jaxpr, ends)
        last = {var: i for i, each in enumerate(equations) for var in each.invars if is_var(var)}
        last |= {var: len(equations) for var in ends if is_var(var)}
        for i, equation in enumerate(equations):
            given = [values[v] if is_var(v) else (v.val, _written(v.val)) for v in equation.invars]
            made = self._made(jaxpr, equation, given, scope)
            values |= zip(equation.outvars, made, strict=True)
            for var in (*equation.invars, *equation.outvars):
                if is_var(var) and last.get(var, -1) <= i:
                    values.pop(var, None)
        found = [values[v] if is_var(v) else (v.val, _FINE) for v in ends]
        return dict(zip(wanted, found, strict=True))

    def _made(self, jaxpr: Any, equation: Any, given: list[_Known], scope: str) -> list[_Known]:
        """Return the values that an operation makes."""
        name, scope = equation.primitive.name, f"{scope}/{equation.source_info.name_stack}"
        if name == "cond":
            branch = chosen_branch(equation, int(given[0][0]))
            return list(self._run(branch, given[1:], scope).values())
        if (inner := called_program(equation)) is not None:
            return list(self._run(inner, given, scope).values())
        self._count += 1
        order = self._count
        values = eval_eqn(jaxpr, equation, [value for value, _ in given])
        trails = tuple(trail for _, trail in given)
        made = [(value, self._trail(value, trails)) for value in values]
        fresh = [(value, trail) for value, trail in made if trail.wrong and not trail.before]
        if fresh:
            origin = self._within(equation, given, scope) or Origin(
                order,
                operation=name,
                operands=[value for value, _ in given],
                result=fresh[0][0],
                scope=scope,
                traceback=equation.source_info.traceback,
                parameters=equation.params,
            )
            for _, trail in fresh:
                trail.origin = origin
        if name == "name":
            self.marks.append((equation.params["name"], values[0], given[0][1].order))
        return made

    def _trail(self, value: PyTree, given: tuple[_Trail, ...]) -> _Trail:
        if is_finite(value):
            return _FINE
        before = tuple(trail for trail in given if trail.wrong)
        meant = any(trail.meant for trail in given) and not bool(jnp.isnan(value).any())
        if meant and not before:
            return _Trail(meant=True)
        return _Trail(wrong=True, before=before, order=self._count)

    def _within(self, equation: Any, given: list[_Known], scope: str) -> Origin | None:
        """Return the operation within a loop that made what is not finite."""
        for program, values in loop_iterations(equation, [value for value, _ in given]):
            args = [(value, self._argument(-1, value)) for value in values]
            origin = _first([trail for _, trail in self._run(program, args, scope).values()])
            if origin is not None and origin.argument is None:
                return origin
        return None


def _first(trails: Sequence[_Trail]) -> Origin | None:
    """Return the first origin that trails lead to."""
    found: dict[int, Origin] = {}
    seen: set[int] = set()
    open_ = list(trails)
    while open_:
        trail = open_.pop()
        if trail.wrong and id(trail) not in seen:
            seen.add(id(trail))
            open_ += trail.before
            if trail.origin is not None:
                found[trail.origin.order] = trail.origin
    return found[min(found)] if found else None


def is_finite(value: PyTree) -> bool:
    """Return whether all numbers of an array are; what is no floating-point number is."""
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return not isinstance(value, float) or bool(jnp.isfinite(value))
    return not jnp.issubdtype(dtype, jnp.inexact) or bool(jnp.isfinite(value).all())


def _written(value: PyTree) -> _Trail:
    """Return the trail of a number that is written in the program."""
    return _FINE if is_finite(value) else _Trail(meant=True)
