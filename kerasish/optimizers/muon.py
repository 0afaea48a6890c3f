"""Muon."""

from __future__ import annotations

import re
from collections.abc import Sequence

import jax.numpy as jnp

from kerasish.core.types import Array, Config
from kerasish.optimizers.adam import moments
from kerasish.optimizers.base import (
    Hyperparams,
    Optimizer,
    Slots,
    optimizers,
)
from kerasish.optimizers.schedules.base import LearningRate

__all__ = ["Muon"]


@optimizers.register()
class Muon(Optimizer):
    """Orthogonalized momentum for matrices, AdamW for the rest (Jordan et al., 2024).

    The momentum of a matrix is replaced by a matrix with the same singular vectors and singular
    values near 1, by Newton-Schulz iterations; with `rms_rate` a step then has the size of a step
    of Adam (Liu et al., 2025). The last layer of a model belongs in `exclude_layers`.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        adam_beta_1: the share of the first moment that stays at each step of Adam.
        adam_beta_2: the share of the second moment that stays at each step of Adam.
        adam_weight_decay: the weight decay of weights that Adam updates.
        epsilon: added to the root of the second moment, by Adam.
        weight_decay: the weight decay of matrices.
        clipnorm: see `Optimizer`.
        clipvalue: see `Optimizer`.
        global_clipnorm: see `Optimizer`.
        use_ema: see `Optimizer`.
        ema_momentum: see `Optimizer`.
        ema_overwrite_frequency: see `Optimizer`.
        loss_scale_factor: see `Optimizer`.
        gradient_accumulation_steps: see `Optimizer`.
        name: a name.
        exclude_layers: patterns (regular expressions) of paths of weights that Adam updates, too.
        exclude_embeddings: whether Adam updates weights with "embedding" in their path.
        muon_a: the factor of the first power in the iteration.
        muon_b: the factor of the third power.
        muon_c: the factor of the fifth power.
        adam_lr_ratio: the factor of the learning rate for weights that Adam updates.
        momentum: the share of the last step that is added to the next.
        ns_steps: the number of iterations.
        nesterov: whether to use Nesterov's momentum.
        rms_rate: the root mean square of steps; None leaves them as they are.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Muon(0.01, exclude_layers=["output"]).name
        'muon'
    """

    slot_groups = (("momentum", "velocity"),)
    optional_hyperparams = ("weight_decay", "adam_weight_decay", "rms_rate")
    signed_hyperparams = ("muon_a", "muon_b", "muon_c")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
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
        numbers: dict[str, float] = {
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

    def init_slots(self, path: str, w: Array) -> Slots:
        zeros = super().init_slots(path, w)
        return zeros if _is_left_to_adam(self, path, w) else {"momentum": zeros["momentum"]}

    def weight_decay_for(self, path: str, w: Array, hp: Hyperparams) -> float | Array | None:
        adam = _is_left_to_adam(self, path, w)
        return getattr(hp, "adam_weight_decay" if adam else "weight_decay", None)

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        if "velocity" in slots:
            return _adam_step(g, slots, hp)
        m = hp.momentum * slots["momentum"] + g
        step = _orthogonal(hp.momentum * m + g if self.nesterov else m, hp, self.ns_steps)
        if hasattr(hp, "rms_rate"):
            step = step * hp.rms_rate * max(w.shape) ** 0.5
        return -hp.learning_rate * step, {"momentum": m}

    def get_config(self) -> Config:
        optional = dict.fromkeys(("adam_weight_decay", "rms_rate"))
        names = ("exclude_layers", "exclude_embeddings", "ns_steps", "nesterov")
        return optional | super().get_config() | {name: getattr(self, name) for name in names}


def _is_left_to_adam(muon: Muon, path: str, w: Array) -> bool:
    embeds = muon.exclude_embeddings and "embedding" in path.lower()
    excluded = any(re.search(pattern, path) for pattern in muon.exclude_layers)
    return len(w.shape) != 2 or embeds or excluded


def _adam_step(g: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
    rate = hp.adam_lr_ratio * hp.learning_rate
    rate = rate * jnp.sqrt(1 - hp.adam_beta_2**hp.t) / (1 - hp.adam_beta_1**hp.t)
    m, v = moments(g, slots, hp.adam_beta_1, hp.adam_beta_2)
    return -rate * m / (jnp.sqrt(v) + hp.epsilon), {"momentum": m, "velocity": v}


def _orthogonal(x: Array, hp: Hyperparams, steps: int) -> Array:
    """Return a matrix with the singular vectors of `x` and singular values near 1."""
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (jnp.linalg.norm(x) + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = hp.muon_a * x + (hp.muon_b * square + hp.muon_c * square @ square) @ x
    return x.T if tall else x
