"""Layer: declared weights and a `call`, with a pure function underneath."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, cast

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core import config, registry
from kerasish.core.dtypes import DTypePolicy, cast_floats
from kerasish.core.errors import (
    ArgumentError,
    NotBuiltError,
    PurityError,
    ShapeError,
    UnknownNameError,
)
from kerasish.core.input_spec import InputSpec
from kerasish.core.names import snake_case
from kerasish.core.scope import Scope, current_scope
from kerasish.core.symbolic import Node, has_symbolic, infer, shape_of, symbolic_call, to_aval
from kerasish.core.tree import (
    Tree,
    bind,
    map_tree,
    parts,
    variable_tree,
    variables,
)
from kerasish.core.variable import Variable

__all__ = ["Layer"]


class Layer:
    """The base of everything that has weights.

    A subclass declares its weights in `build(input_shape)` with `add_weight`
    and computes in `call(x)`. `call` may also take `training=None` and
    `mask=None`; both are filled in where the caller gives none.

    Two views of the same thing: `layer(x)` uses and updates the weights that
    the layer holds; `layer.apply(params, state, x)` is a pure function.

    Args:
        name: a name, unique within the parent; made from the class otherwise.
        trainable: whether optimizers change the weights.
        dtype: a dtype or a policy such as `"mixed_bfloat16"`.
        activity_regularizer: a penalty on the output, averaged over the batch.
        **unknown: whatever else; it is refused.

    Raises:
        UnknownNameError: if there is an argument that no class knows.

    Example:
        >>> class Linear(Layer):
        ...     def build(self, input_shape):
        ...         self.kernel = self.add_weight((input_shape[-1], 4), name="kernel")
        ...     def call(self, x):
        ...         return x @ self.kernel
        >>> layer = Linear()
        >>> layer(np.ones((2, 3), "float32")).shape
        (2, 4)
        >>> y, state = layer.apply({"kernel": np.zeros((3, 4))}, {}, np.ones((2, 3)))
        >>> float(y.sum())
        0.0
    """

    # Keys of Keras's config that there is no argument for; see `registry.known_config`.
    foreign_config: ClassVar[dict[str, tuple[Any, ...] | None]] = {}

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        activity_regularizer: Any = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            known = ("name", "trainable", "dtype", *_constructor_arguments(cast(Any, type(self))))
            raise UnknownNameError(f"argument of {type(self).__name__}", next(iter(unknown)), known)
        self._name = name
        self._named = self.is_named = name is not None
        self._trainable = trainable
        self.dtype_policy = DTypePolicy.get(dtype)
        self.activity_regularizer = registry.resolve("regularizers", activity_regularizer)
        self.built = False
        self.supports_masking = False
        self.input_spec: InputSpec | None = None
        self.build_shape: Any = None
        self._output_shape: Any = None
        self.nodes: list[Node] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _marking_built(cls.__dict__["build"])  # type: ignore[method-assign]

    # What a subclass writes.

    def build(self, input_shape: Any) -> None:
        """Declare the weights. Called once, before the first `call`.

        Args:
            input_shape: the shape of the first argument, batch first, None
                where unknown; a list or dict of shapes if it is a structure.
                A `build` with several arguments named `<argument>_shape` gets
                the shapes of those arguments of `call`.
        """
        self.built = True
        self.build_shape = input_shape

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output from the inputs and the weights, in `jax.numpy`."""
        raise NotImplementedError(f"{type(self).__name__} has no `call` method.")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Return the mask of the output: the input's, if the layer supports masking."""
        return previous_mask if self.supports_masking else None

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal layer.

        Every argument of `__init__` that is also an attribute is included.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": registry.serialize(self.dtype_policy),
        }
        for argument in _constructor_arguments(cast(Any, type(self))):
            if argument in config or argument in self.foreign_config:
                continue
            if hasattr(self, argument):
                config[argument] = registry.serialize(getattr(self, argument))
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = registry.serialize(self.activity_regularizer)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from what `get_config` returned."""
        config = registry.known_config(cls, config)
        return cls(**{k: v if k == "dtype" else registry.deserialize(v) for k, v in config.items()})

    # What it is made of.

    @property
    def name(self) -> str:
        """The name, unique within the parent."""
        return self._name or snake_case(type(self).__name__)

    def settle_name(self, name: str) -> None:
        """Take the name that the first parent gives, unless there is one already."""
        if not self._named:
            self._name, self._named = name, True

    def sublayers(self) -> list[Layer]:
        """Return the direct sublayers, in the order of the attributes that hold them."""
        return parts(self, Layer)

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Declare a weight. Keep what is returned in an attribute.

        Args:
            shape: its shape.
            initializer: a name, an initializer, or `(shape, dtype) -> array`;
                `"glorot_uniform"` for floats and `"zeros"` for integers
                unless given.
            dtype: its dtype; the layer's by default.
            trainable: whether it is a parameter (else it is state).
            autocast: whether a mixed dtype policy applies to it.
            regularizer: a penalty on its value, added to the loss.
            constraint: a projection applied after each update.
            name: its name within the layer.

        Returns:
            The variable. Its value is drawn when first needed.
        """
        dtype = np.dtype(dtype or self.variable_dtype)
        if initializer is None:
            floating = jnp.issubdtype(dtype, jnp.floating)
            initializer = "glorot_uniform" if floating else "zeros"
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        if not all(isinstance(n, (int, np.integer)) for n in shape):
            raise ShapeError(
                f"Layer {self.name!r} cannot make a weight {name!r} of shape {shape}: a size is "
                "unknown. Give that size in `Input(shape=...)`."
            )
        return Variable(
            registry.resolve("initializers", initializer),
            shape,
            dtype,
            trainable=trainable,
            autocast=autocast,
            name=name or "variable",
            regularizer=registry.resolve("regularizers", regularizer),
            constraint=registry.resolve("constraints", constraint),
        )

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to the loss of the application that is under way."""
        scope = current_scope()
        if scope is not None:
            scope.losses.append(jnp.sum(jnp.asarray(loss)))

    # The pure view.

    @property
    def params(self) -> Tree:
        """The trainable weights: a nested dict of arrays, by name."""
        self._require_built()
        return map_tree(lambda v: v.value, variable_tree(self, trainable=True))

    @property
    def state(self) -> Tree:
        """The other weights (moving averages, ...): a nested dict of arrays, by name."""
        self._require_built()
        return map_tree(lambda v: v.value, variable_tree(self, trainable=False))

    def apply(
        self,
        params: Tree,
        state: Tree,
        *args: Any,
        training: bool = False,
        rng: jax.Array | None = None,
        **kwargs: Any,
    ) -> tuple[Any, Tree]:
        """Apply the layer to inputs as a pure function.

        Args:
            params: what `layer.params` gives, or anything of that structure.
            state: what `layer.state` gives.
            *args: the inputs.
            training: whether dropout drops and batch statistics are taken.
            rng: a key, needed where something is drawn.
            **kwargs: further arguments of `call`.

        Returns:
            The output and the new state. Nothing else is changed: `jit`,
            `grad`, `vmap` and `scan` it as you like.

        Raises:
            ShapeError: if `params` or `state` do not fit the layer.
        """
        args, kwargs = jax.tree.map(_as_array, (args, kwargs))
        with self.bound(params, state, training=training, rng=rng) as scope:
            return self(*args, **kwargs), self.new_state(scope)

    @contextmanager
    def bound(
        self, params: Tree, state: Tree, *, training: bool = False, rng: jax.Array | None = None
    ) -> Iterator[Scope]:
        """Open a scope in which the weights are the given values."""
        self._require_built()
        with Scope(training=training, rng=rng) as scope:
            bind(scope, variable_tree(self, trainable=True), params, "params")
            bind(scope, variable_tree(self, trainable=False), state, "state")
            yield scope

    def new_state(self, scope: Scope) -> Tree:
        """Return the state as the application in `scope` left it.

        Raises:
            PurityError: if the application assigned to a trainable weight.
        """
        declared = variable_tree(self, trainable=False)
        kept = {id(v) for _, v in variables(self, trainable=False)}
        for variable, _ in scope.updates:
            if id(variable) not in kept:
                raise PurityError(
                    f"`call` assigned to {'/'.join(variable.path)!r}, which is trainable. Declare "
                    "it with `add_weight(..., trainable=False)` so that it is state."
                )
        return map_tree(scope.read, declared)

    # The shell.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer with the weights it holds, or record the call in a graph."""
        if has_symbolic(args, kwargs):
            return symbolic_call(self, args, kwargs)
        scope = current_scope()
        if scope is not None:
            return self._call_in(scope, args, kwargs)
        args, kwargs = jax.tree.map(_as_array, (args, kwargs))
        self.ensure_built(*args, **kwargs)
        with Scope(rng=functools.partial(jax.random.key, config.next_seed())) as scope:
            outputs = self._call_in(scope, args, kwargs)
        for variable, value in scope.updates:
            variable.assign(value)
        return outputs

    def ensure_built(self, *args: Any, **kwargs: Any) -> None:
        """Declare all weights, given arrays or abstract arrays to call the layer on."""
        if not self.built:
            infer(self, args, kwargs)
            self.settle_weights()

    def settle_weights(self) -> None:
        """Make this layer the root that its weights' paths and first values go by."""
        seed = config.next_seed()
        for path, variable in variables(self):
            variable.path = path
            if not variable.has_value:
                variable.seed = seed

    def _call_in(self, scope: Scope, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the layer within an application: flags, masks and dtypes filled in."""
        mask = kwargs.pop("mask", None)
        if mask is None:
            mask = _masks(scope, args[0] if args else kwargs)
        kwargs |= _masks_by_argument(scope, _call_arguments(cast(Any, type(self))), args, kwargs)
        args, kwargs = jax.tree.map(lambda x: cast_floats(x, self.compute_dtype), (args, kwargs))
        first: Any = args[0] if args else next(iter(kwargs.values()), None)
        if not self.built:
            if not scope.building:
                raise NotBuiltError(
                    f"Layer {'/'.join((*scope.path, self.name))!r} was never built. It is called "
                    "here for the first time; call the model once on data as here, and then again."
                )
            self._check_input(first)
            self._build_for(args, kwargs)
        self._check_input(first)
        accepted = _call_arguments(cast(Any, type(self)))
        training = kwargs.pop("training", None)
        training = scope.training if training is None else bool(training)
        if "training" in accepted:
            kwargs["training"] = training
        if "mask" in accepted:
            kwargs["mask"] = mask
        with scope.entered(self.name, training=training, compute_dtype=self.compute_dtype):
            outputs = self._explained(args, kwargs)
            if self.activity_regularizer is not None:
                for output in jax.tree.leaves(outputs):
                    penalty = self.activity_regularizer(output)
                    self.add_loss(penalty / jnp.asarray(output.shape[0], penalty.dtype))
            if scope.building:
                self._output_shape = shape_of(outputs)
            # Asked without a mask too: an Embedding makes one.
            if (new_mask := self.compute_mask(first, mask)) is not None:
                _annotate_masks(scope, outputs, new_mask)
        return outputs

    def _check_input(self, x: Any) -> None:
        # Asked before `build`, which relies on the rank, and after it, when the sizes are known.
        if self.input_spec is not None:
            self.input_spec.check(x.shape, self.name)

    def _explained(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return self.call(*args, **kwargs)
        except Exception as error:
            shapes = jax.tree.map(lambda x: getattr(x, "shape", x), args)
            error.add_note(f"in layer {self.name!r} ({type(self).__name__}), called on {shapes}")
            raise

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Call `build` with the shapes of the arguments it asks for."""
        wanted = [p for p in inspect.signature(self.build).parameters if p.endswith("_shape")]
        given = inspect.signature(self.call).bind(*args, **kwargs).arguments
        named = [name for name in wanted if name.removesuffix("_shape") in given]
        if len(wanted) > 1 and named:
            self.build(**{name: shape_of(given[name.removesuffix("_shape")]) for name in named})
        else:
            self.build(shape_of(next(iter(given.values()))))

    def _require_built(self) -> None:
        if not self.built:
            raise NotBuiltError(
                f"{self.name!r} has no weights yet, because its input shape is not known. Begin "
                "with `kerasish.Input(shape=...)`, call it on data once, or call `fit`."
            )

    @property
    def trainable(self) -> bool:
        """Whether optimizers change the weights; setting it also sets all sublayers."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in self.sublayers():
            layer.trainable = value

    @property
    def compute_dtype(self) -> str:
        """The dtype in which the layer computes."""
        return self.dtype_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype in which the layer keeps its weights."""
        return self.dtype_policy.variable_dtype

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.variable_dtype

    @property
    def weights(self) -> list[Variable]:
        """All weights, in Keras's order."""
        return [variable for _, variable in variables(self) if variable.saved]

    variables = weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change."""
        return [variable for _, variable in variables(self, trainable=True)]

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that optimizers leave alone."""
        return [variable for _, variable in variables(self, trainable=False) if variable.saved]

    non_trainable_variables = non_trainable_weights

    @property
    def losses(self) -> list[jax.Array]:
        """The penalties of the regularizers on the trainable weights."""
        return [v.regularizer(v.value) for v in self.trainable_weights if v.regularizer is not None]

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all weights as NumPy arrays, in the order of `weights`."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Assign all weights, in the order of `weights`.

        Args:
            weights: as many arrays as there are weights, of the same shapes.

        Raises:
            ShapeError: if they do not fit; then nothing is changed.
        """
        own = self.weights
        if len(own) != len(weights):
            raise ShapeError(
                f"{self.name!r} has {len(own)} weights; {len(weights)} arrays were given."
            )
        for variable, value in zip(own, weights, strict=True):
            if np.shape(value) != variable.shape:
                raise ShapeError(
                    f"The weight {'/'.join(variable.path)!r} has shape {variable.shape}; the "
                    f"array given for it has shape {np.shape(value)}."
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """Return the number of single numbers in all weights."""
        self._require_built()
        return sum(variable.size for variable in self.weights)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the output shape for an input shape (or several), None where unknown."""
        avals = jax.tree.map(
            lambda shape: to_aval(shape, self.compute_dtype),
            (*args, *kwargs.values()),
            is_leaf=_is_shape,
        )
        return shape_of(infer(self, avals, {}))

    @property
    def input(self) -> Any:
        """The tensors that the layer was first called on in a graph."""
        args = self._first_node().args
        return args[0] if len(args) == 1 else list(args)

    @property
    def output_shape(self) -> Any:
        """The shape of the output as last traced, None where a size is unknown; None before."""
        return self._output_shape

    @property
    def output(self) -> Any:
        """The tensors that the first call in a graph returned."""
        return self._first_node().outputs

    def _first_node(self) -> Node:
        if not self.nodes:
            raise NotBuiltError(f"Layer {self.name!r} was never called on an `Input`.")
        return self.nodes[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """Make a `build` note that it was called, with what, and that once is enough."""

    @functools.wraps(build)
    def marked(self: Layer, *args: Any, **kwargs: Any) -> None:
        shapes = inspect.signature(build).bind(self, *args, **kwargs).arguments
        shapes.pop(next(iter(shapes)))
        self.build_shape = next(iter(shapes.values())) if len(shapes) == 1 else dict(shapes)
        build(self, *args, **kwargs)
        self.built = True

    return marked


@functools.cache
def _call_arguments(cls: Any) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(cls.call).parameters


@functools.cache
def _constructor_arguments(cls: Any) -> tuple[str, ...]:
    """The named arguments of the constructor, the inherited ones included."""
    names: list[str] = []
    for base in cls.__mro__:
        if base is Layer:
            break
        parameters = inspect.signature(base.__init__).parameters.values()
        names += [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return tuple(dict.fromkeys(name for name in names if name != "self"))


def _as_array(x: Any) -> Any:
    """Turn NumPy arrays and lists of numbers into what a layer computes with."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        raise ArgumentError("A layer cannot take an array of dtype object; give it numbers.")
    return jnp.asarray(x) if isinstance(x, np.ndarray) else x


def _is_shape(x: Any) -> bool:
    return isinstance(x, (tuple, list)) and all(n is None or isinstance(n, int) for n in x)


def _annotate_masks(scope: Scope, outputs: Any, masks: Any) -> None:
    """Put masks beside the outputs, in order; a single one belongs to the first."""
    masks = masks if isinstance(masks, (list, tuple)) else [masks]
    for output, mask in zip(jax.tree.leaves(outputs), masks, strict=False):
        if mask is not None:
            scope.annotate(output, mask=mask)


def _masks_by_argument(
    scope: Scope, accepted: Mapping[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Return the masks beside arguments whose masks `call` takes as `<argument>_mask`."""
    found = {}
    # The first parameter is `self`.
    for i, name in enumerate(accepted, -1):
        argument = name.removesuffix("_mask")
        if argument == name or argument not in accepted or i < len(args):
            continue
        if kwargs.get(name) is None:
            given = dict(zip(list(accepted)[1:], args, strict=False)) | kwargs
            mask = scope.annotation(given.get(argument), "mask")
            if mask is not None:
                found[name] = mask
    return found


def _masks(scope: Scope, inputs: Any) -> Any:
    """Return the masks beside the inputs in their structure, or None if there are none."""
    masks = [scope.annotation(x, "mask") for x in jax.tree.leaves(inputs)]
    if all(mask is None for mask in masks):
        return None
    return masks[0] if len(masks) == 1 else masks
