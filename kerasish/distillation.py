"""Knowledge distillation: training a student by the outputs of a teacher."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish import losses
from kerasish.core.errors import ArgumentError
from kerasish.core.serialization import registry
from kerasish.core.serialization.registry import Registry
from kerasish.core.types import Array, Config, PyTree
from kerasish.metrics import Mean
from kerasish.models import Model

__all__ = ["DistillationLoss", "Distiller", "FeatureDistillation", "LogitsDistillation"]

distillation = Registry("distillation loss", "distillation")


class DistillationLoss:
    """The base of losses between outputs of teacher and student.

    Examples:
        >>> class Largest(DistillationLoss):
        ...     def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        ...         return jnp.max(jnp.abs(teacher_outputs - student_outputs))
        >>> float(Largest().compute_loss(jnp.ones(2), jnp.zeros(2)))
        1.0
    """

    def compute_loss(
        self, teacher_outputs: PyTree, student_outputs: PyTree, **kwargs: Any
    ) -> Array:
        """Return a scalar; a subclass writes this.

        Args:
            teacher_outputs: of the teacher.
            student_outputs: of the student, in the same structure.
            **kwargs: further arguments.
        """
        raise NotImplementedError(f"{type(self).__name__} has no `compute_loss`.")

    def features(self, teacher: Model, student: Model) -> tuple[Model, Model]:
        """Return the models whose outputs are compared."""
        return teacher, student

    def validate_outputs(self, teacher_outputs: PyTree, student_outputs: PyTree) -> None:
        """Raise an error unless the outputs have one structure.

        Raises:
            ArgumentError: if they differ.
        """
        ours: Any = jax.tree.structure(teacher_outputs)
        if ours != jax.tree.structure(student_outputs):
            raise ArgumentError(
                f"The teacher gives {ours}, the student {jax.tree.structure(student_outputs)}."
            )

    def validate_model_compatibility(self, teacher: Model, student: Model) -> None:
        """Raise an error unless the models fit to this loss; here every two do."""


class _Compared(DistillationLoss):
    """A loss, or a structure of them, of the outputs."""

    def __init__(self, loss: PyTree) -> None:
        self.loss = jax.tree.map(losses.get, loss, is_leaf=lambda x: x is None)
        if not jax.tree.leaves(self.loss):
            raise ArgumentError("Give at least one loss that is not None.")

    def _mean(self, teacher_outputs: PyTree, student_outputs: PyTree) -> Array:
        self.validate_outputs(teacher_outputs, student_outputs)
        is_leaf = lambda x: x is None
        given = jax.tree.leaves(self.loss, is_leaf=is_leaf)
        teacher, student = (jax.tree.leaves(x) for x in (teacher_outputs, student_outputs))
        if len(given) != len(teacher):
            raise ArgumentError(f"There are {len(given)} losses for {len(teacher)} outputs.")
        pairs = zip(given, teacher, student, strict=True)
        means = [jnp.mean(loss(t, s)) for loss, t, s in pairs if loss is not None]
        return functools.reduce(operator.add, means)


@distillation.register()
class LogitsDistillation(_Compared):
    """The loss between outputs divided by a temperature (Hinton et al., 2015).

    As in Keras, the loss is given the scaled outputs as they are; for logits take one that knows
    of them, such as `CategoricalCrossentropy(from_logits=True)`.

    Args:
        temperature: what outputs are divided by.
        loss: a loss, or a structure of them for several outputs; None leaves one out.

    Raises:
        ArgumentError: if the temperature is not above 0, or there is no loss.

    Examples:
        >>> loss = LogitsDistillation(2.0, "mse")
        >>> float(loss.compute_loss(jnp.full((1, 2), 4.0), jnp.zeros((1, 2))))
        4.0
    """

    def __init__(self, temperature: float = 3.0, loss: PyTree = "kl_divergence") -> None:
        if not isinstance(temperature, (int, float)) or temperature <= 0:
            raise ArgumentError(f"temperature must be a number above 0; got {temperature!r}.")
        super().__init__(loss)
        self.temperature = temperature

    def compute_loss(
        self, teacher_outputs: PyTree, student_outputs: PyTree, **kwargs: Any
    ) -> Array:
        """Return the mean loss of the scaled outputs.

        Args:
            teacher_outputs: of the teacher.
            student_outputs: of the student, in the same structure.
            **kwargs: without effect.
        """
        scaled = lambda x: jnp.asarray(x) / self.temperature
        return self._mean(
            jax.tree.map(scaled, teacher_outputs), jax.tree.map(scaled, student_outputs)
        )

    def get_config(self) -> Config:
        """Return the arguments that make an equal loss."""
        return {"temperature": self.temperature, "loss": registry.serialize(self.loss)}

    @classmethod
    def from_config(cls, config: Config) -> LogitsDistillation:
        """Make a loss from what `get_config` returned."""
        return cls(**{**config, "loss": registry.deserialize(config["loss"])})


@distillation.register()
class FeatureDistillation(_Compared):
    """The loss between the outputs of two layers.

    Args:
        loss: a loss, or a structure of them; None leaves an output out.
        teacher_layer_name: the layer of the teacher; None for its outputs.
        student_layer_name: the layer of the student; None for its outputs.

    Raises:
        ArgumentError: if there is no loss, or a model has no such layer.

    Examples:
        >>> float(FeatureDistillation("mae").compute_loss(jnp.ones((1, 2)), jnp.zeros((1, 2))))
        1.0
    """

    def __init__(
        self,
        loss: PyTree = "mse",
        teacher_layer_name: str | None = None,
        student_layer_name: str | None = None,
    ) -> None:
        super().__init__(loss)
        self.teacher_layer_name = teacher_layer_name
        self.student_layer_name = student_layer_name

    def features(self, teacher: Model, student: Model) -> tuple[Model, Model]:
        """Return the models that end with the layers."""
        return (
            _up_to(teacher, self.teacher_layer_name),
            _up_to(student, self.student_layer_name),
        )

    def validate_model_compatibility(self, teacher: Model, student: Model) -> None:
        """Raise an error unless both models have their layer."""
        self.features(teacher, student)

    def compute_loss(
        self, teacher_outputs: PyTree, student_outputs: PyTree, **kwargs: Any
    ) -> Array:
        """Return the mean loss of the outputs of the layers.

        Args:
            teacher_outputs: of the teacher's layer.
            student_outputs: of the student's, in the same structure.
            **kwargs: without effect.
        """
        return self._mean(teacher_outputs, student_outputs)

    def get_config(self) -> Config:
        """Return the arguments that make an equal loss."""
        return {
            "loss": registry.serialize(self.loss),
            "teacher_layer_name": self.teacher_layer_name,
            "student_layer_name": self.student_layer_name,
        }

    @classmethod
    def from_config(cls, config: Config) -> FeatureDistillation:
        """Make a loss from what `get_config` returned."""
        return cls(**{**config, "loss": registry.deserialize(config["loss"])})


def _up_to(model: Model, name: str | None) -> Model:
    return model if name is None else Model(model.inputs, model.get_layer(name).output)


@distillation.register()
class Distiller(Model):
    """Trains a student by targets and by the outputs of a teacher, which is frozen.

    Args:
        teacher: a trained model.
        student: the model to train; called, a Distiller gives its outputs.
        distillation_losses: a loss or a list of them.
        distillation_loss_weights: a factor for each; 1 by default.
        student_loss_weight: fraction of the loss that `compile` is given, from 0 to 1; the rest is
            that of the distillation losses.
        name: name of the layer.
        **kwargs: arguments of `Model`.

    Raises:
        ArgumentError: if an argument cannot be.

    Examples:
        >>> import numpy as np
        >>> from kerasish import Input, Sequential, layers
        >>> teacher = Sequential([Input((4,)), layers.Dense(8), layers.Dense(2)])
        >>> student = Sequential([Input((4,)), layers.Dense(2)])
        >>> distiller = Distiller(teacher, student, LogitsDistillation(2.0, "mse"))
        >>> distiller.compile("sgd", "mse")
        >>> history = distiller.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
        >>> sorted(history.history)
        ['distillation_loss', 'loss', 'student_loss', 'total_loss']
    """

    def __init__(
        self,
        teacher: Model,
        student: Model,
        distillation_losses: DistillationLoss | Sequence[DistillationLoss],
        distillation_loss_weights: Sequence[float] | None = None,
        student_loss_weight: float = 0.5,
        name: str = "distiller",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        for role, model in (("teacher", teacher), ("student", student)):
            if not isinstance(model, Model):
                raise ArgumentError(f"The {role} must be a model; got {model!r}.")
        if isinstance(distillation_losses, DistillationLoss):
            distillation_losses = [distillation_losses]
        found = list(distillation_losses)
        weights = (
            [1.0] * len(found)
            if distillation_loss_weights is None
            else (list(distillation_loss_weights))
        )
        if len(weights) != len(found):
            raise ArgumentError(f"There are {len(weights)} weights for {len(found)} losses.")
        if not 0 <= student_loss_weight <= 1:
            raise ArgumentError(
                f"student_loss_weight must be from 0 to 1; got {student_loss_weight!r}."
            )
        self.teacher = teacher
        self.student = student
        teacher.trainable = False
        self.distillation_losses = found
        self.distillation_loss_weights = weights
        self.student_loss_weight = student_loss_weight
        for loss in found:
            loss.validate_model_compatibility(teacher, student)
        self.student_loss_tracker = Mean(name="student_loss")
        self.distillation_loss_tracker = Mean(name="distillation_loss")
        self.total_loss_tracker = Mean(name="total_loss")

    def compile(  # type: ignore[override]
        self,
        optimizer: Any = "adam",
        loss: PyTree | None = None,
        metrics: PyTree | None = None,
        **kwargs: Any,
    ) -> None:
        """Set the optimizer, the loss and the metrics of the student.

        Args:
            optimizer: of the student.
            loss: of the student, between targets and what it gives.
            metrics: of the student.
            **kwargs: further arguments of `Model.compile`.
        """
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def call(
        self, inputs: PyTree, training: bool | None = None, mask: PyTree | None = None
    ) -> PyTree:
        """Return the outputs of the student."""
        return self.student(inputs, training=training, mask=mask)

    def compute_loss(
        self,
        x: PyTree | None = None,
        y: PyTree | None = None,
        y_pred: PyTree | None = None,
        sample_weight: PyTree | None = None,
        training: bool = True,
    ) -> Array:
        """Return the loss of the student and of the distillation, in their shares.

        Args:
            x: the inputs.
            y: the targets.
            y_pred: what the student gives.
            sample_weight: for the loss of the student.
            training: whether it is a step of training.
        """
        own = super().compute_loss(x, y, y_pred, sample_weight, training)
        distilled = jnp.zeros((), own.dtype)
        pairs = zip(self.distillation_losses, self.distillation_loss_weights, strict=True)
        for loss, weight in pairs:
            teacher, student = loss.features(self.teacher, self.student)
            target = jax.lax.stop_gradient(teacher(x, training=False))
            given = y_pred if student is self.student else student(x, training=training)
            distilled += weight * loss.compute_loss(target, given)
        total = self.student_loss_weight * own + (1 - self.student_loss_weight) * distilled
        self.student_loss_tracker.update_state(own)
        self.distillation_loss_tracker.update_state(distilled)
        self.total_loss_tracker.update_state(total)
        return total

    def get_config(self) -> Config:
        """Return the arguments that make an equal model."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": registry.serialize(self.dtype_policy),
            "teacher": registry.serialize(self.teacher),
            "student": registry.serialize(self.student),
            "distillation_losses": [registry.serialize(x) for x in self.distillation_losses],
            "distillation_loss_weights": self.distillation_loss_weights,
            "student_loss_weight": self.student_loss_weight,
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Distiller:
        """Make a model from what `get_config` returned.

        Args:
            config: what it returned, here or in Keras.
            custom_objects: names, besides registered ones, that it may hold.
        """
        described = ("teacher", "student", "distillation_losses")
        with registry.custom_objects(custom_objects):
            made = {name: registry.deserialize(config[name]) for name in described}
        return cls(**config | made)
