"""Muon."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from kerasish.optimizers.adam import moments
from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["Muon"]


@optimizers.register()
class Muon(Optimizer):
    """Orthogonalized momentum for matrices, AdamW for the rest (Jordan et al., 2024).

    The momentum of a matrix is brought near to one with the same singular vectors and singular
    values of 1, by Newton's and Schulz's iteration; with `rms_rate` a step is then as long as one
    of Adam would be (Liu et al., 2025). The last layer of a model belongs into `exclude_layers`.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        adam_beta_1: how much of the first moment stays at each step of Adam.
        adam_beta_2: how much of the second moment stays at each step of Adam.
        adam_weight_decay: the weight decay where Adam steps.
        epsilon: added to the root of the second moment, by Adam.
        weight_decay: the weight decay of matrices.
        clipnorm: see `Optimizer`, as the arguments up to `name`.
        clipvalue: see there.
        global_clipnorm: see there.
        use_ema: see there.
        ema_momentum: see there.
        ema_overwrite_frequency: see there.
        loss_scale_factor: see there.
        gradient_accumulation_steps: see there.
        name: a name.
        exclude_layers: patterns (regular expressions) of paths where Adam steps, too.
        exclude_embeddings: whether it does where a path has "embedding" in it.
        muon_a: the factor of the first power in the iteration.
        muon_b: that of the third.
        muon_c: that of the fifth.
        adam_lr_ratio: what the learning rate is multiplied by where Adam steps.
        momentum: how much of the last step is taken again.
        ns_steps: how often to iterate.
        nesterov: whether to look ahead by the momentum.
        rms_rate: how long steps are, or None to leave them as they are.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Muon(0.01, exclude_layers=["output"]).name
        'muon'
    """

    slot_groups = (("momentum", "velocity"),)
    optional = ("weight_decay", "adam_weight_decay", "rms_rate")
    signed = ("muon_a", "muon_b", "muon_c")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
    ) -> None:
        numbers: dict[str, Any] = {
            "adam_beta_1": adam_beta_1,
            "adam_beta_2": adam_beta_2,
            "epsilon": epsilon,
        }
        numbers |= {"muon_a": muon_a, "muon_b": muon_b, "muon_c": muon_c, "momentum": momentum}
        numbers |= {"epsilon": epsilon, "adam_lr_ratio": adam_lr_ratio}
        optional = {"adam_weight_decay": adam_weight_decay, "rms_rate": rms_rate}
        numbers |= {key: value for key, value in optional.items() if value is not None}
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **numbers,
        )
        self.exclude_layers = list(exclude_layers or ())
        self.exclude_embeddings = exclude_embeddings
        self.ns_steps, self.nesterov = ns_steps, nesterov

    def _is_left_to_adam(self, path: str, w: Any) -> bool:
        embeds = self.exclude_embeddings and "embedding" in path.lower()
        excluded = any(re.search(pattern, path) for pattern in self.exclude_layers)
        return len(w.shape) != 2 or embeds or excluded

    def first(self, path: str, w: Any) -> Slots:
        zeros = super().first(path, w)
        return zeros if self._is_left_to_adam(path, w) else {"momentum": zeros["momentum"]}

    def decay_of(self, path: str, w: Any, n: Any) -> Any:
        adam = self._is_left_to_adam(path, w)
        return getattr(n, "adam_weight_decay" if adam else "weight_decay", None)

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        if "velocity" in slots:
            return self._adam(g, slots, n)
        m = n.momentum * slots["momentum"] + g
        step = self._orthogonal(n.momentum * m + g if self.nesterov else m, n)
        if "rms_rate" in self.numbers:
            step = step * n.rms_rate * max(w.shape) ** 0.5
        return -n.learning_rate * step, {"momentum": m}

    def _adam(self, g: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        rate = n.adam_lr_ratio * n.learning_rate
        rate = rate * jnp.sqrt(1 - n.adam_beta_2**n.t) / (1 - n.adam_beta_1**n.t)
        m, v = moments(g, slots, n.adam_beta_1, n.adam_beta_2)
        return -rate * m / (jnp.sqrt(v) + n.epsilon), {"momentum": m, "velocity": v}

    def _orthogonal(self, x: Any, n: Any) -> Any:
        """Return a matrix with the singular vectors of `x` and singular values near 1."""
        tall = x.shape[0] > x.shape[1]
        x = x.T if tall else x
        x = x / (jnp.linalg.norm(x) + 1e-7)
        for _ in range(self.ns_steps):
            square = x @ x.T
            x = n.muon_a * x + (n.muon_b * square + n.muon_c * square @ square) @ x
        return x.T if tall else x

    def get_config(self) -> dict[str, Any]:
        optional = dict.fromkeys(("adam_weight_decay", "rms_rate"))
        names = ("exclude_layers", "exclude_embeddings", "ns_steps", "nesterov")
        return optional | super().get_config() | {name: getattr(self, name) for name in names}
