"""Whether a program would run slower in a loop than step by step.

XLA's CPU compiler brings a convolution into its fast form only in the entry
computation of a program, and only if it is in the plain layout already when it
is in a loop (jax issue 12868). `kerasish.kernels.convolution` brings those of our
layers and operations to that layout, with channels first and with groups too.
Others, such as a Flax module's or one's own, may have another layout; their
automatic gradients always do.
"""

from __future__ import annotations

from typing import Any

import jax

from kerasish.core.jaxprs import iter_eqns

__all__ = ["prefers_single_steps"]


def prefers_single_steps(program: Any) -> bool:
    """Return whether a traced program (a jaxpr) should not be the body of a loop here."""
    return jax.default_backend() == "cpu" and any(
        equation.primitive.name == "conv_general_dilated" and not _is_plain(equation.params)
        for equation in iter_eqns(program)
    )


def _is_plain(parameters: dict[str, Any]) -> bool:
    """Return whether a convolution has channels last, `HWIO` kernels, and no groups."""
    numbers = parameters["dimension_numbers"]
    rank = len(numbers.lhs_spec)
    space = range(1, rank - 1)
    last = (0, rank - 1, *space)
    kernel = (rank - 1, rank - 2, *range(rank - 2))
    return bool(
        numbers.lhs_spec == last
        and numbers.out_spec == last
        and numbers.rhs_spec == kernel
        and parameters["feature_group_count"] == parameters["batch_group_count"] == 1
    )
