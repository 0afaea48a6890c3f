"""Layer: declared weights and a `call`, with a pure function underneath."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

import jax
import jax.numpy as jnp

from kerasish.core.calling import call_in, first_by_position
from kerasish.core.errors import ArgumentError, NotBuiltError
from kerasish.core.first_layer import begin_with, first_layer
from kerasish.core.graph.symbolic import (
    Node,
    SymbolicTensor,
    has_symbolic,
    infer,
    shape_of,
    symbolic_call,
    to_aval,
)
from kerasish.core.input_spec import InputSpec
from kerasish.core.pure import Pure, as_arrays
from kerasish.core.rematerialization import current_remat, rematerialized
from kerasish.core.scope import Scope, current_scope
from kerasish.core.serialization import registry
from kerasish.core.settings import config
from kerasish.core.surface.old_names import check_arguments
from kerasish.core.surface.reserved import Shadowable

__all__ = ["Layer"]


class Layer(Pure):
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
        autocast: whether inputs of floats are cast to the dtype of the policy.
        **unknown: what the first layer of a Sequential may have in the place of an `Input`:
            `input_shape` or `input_dim`, with `batch_size`, or `batch_input_shape`; and
            `weights`, arrays to begin with, as `set_weights` takes them. The rest is refused.

    Raises:
        UnknownNameError: if there is an argument that no class knows, or that Keras has no more.
        ArgumentError: if the shape of the input cannot be.

    Examples:
        >>> import numpy as np
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
    _kerasish_foreign_config: ClassVar[dict[str, tuple[Any, ...] | None]] = {}

    # Whether the mask of the input is that of the output, if `compute_mask` says nothing else.
    supports_masking: bool = False
    # Whether an input without a dtype of its own is one of whole numbers.
    _kerasish_takes_integers: ClassVar[bool] = False

    # What the input must be like.
    input_spec: InputSpec | None = None

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        activity_regularizer: Any = None,
        autocast: bool = True,
        **unknown: Any,
    ) -> None:
        self._kerasish_first_input, self._kerasish_first_weights = first_layer(unknown)
        if unknown:
            known = ("name", "trainable", "dtype", *_constructor_arguments(cast(Any, type(self))))
            check_arguments(type(self).__name__, unknown, known)
        super().__init__(name, trainable, dtype)
        self.activity_regularizer = registry.resolve("regularizers", activity_regularizer)
        self.autocast = autocast
        self._kerasish_remat_scope = current_remat()
        self._kerasish_build_shape: Any = None
        self._kerasish_traced_shape: Any = None
        self._kerasish_nodes: list[Node] = []

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
        self._kerasish_build_shape = input_shape
        if type(self).build is Layer.build:
            begin_with(self)

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
            if argument in config or argument in self._kerasish_foreign_config:
                continue
            if _has_own(self, argument):
                config[argument] = registry.serialize(getattr(self, argument))
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = registry.serialize(self.activity_regularizer)
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """Make a layer from what `get_config` returned.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
        """
        config = registry.known_config(cls, config)
        with registry.custom_objects(custom_objects):
            values = {k: v if k == "dtype" else registry.deserialize(v) for k, v in config.items()}
            return registry.ungiven(cls(**values))

    def get_build_config(self) -> dict[str, Any] | None:
        """Return what `build_from_config` makes the weights from: the input shape; None before."""
        if (shape := self._kerasish_build_shape) is None:
            return None
        several = isinstance(shape, dict) and all(name.endswith("_shape") for name in shape)
        return {"shapes_dict" if several else "input_shape": shape}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights as they were where `get_build_config` was called.

        Args:
            config: what that returned.
        """
        if self.built:
            return
        if "shapes_dict" in config:
            self.build(**{name: _shape(shape) for name, shape in config["shapes_dict"].items()})
        elif config.get("input_shape") is not None:
            self.build(_shape(config["input_shape"]))
        self._kerasish_settle_weights()

    def add_loss(self, loss: Any) -> None:
        """Add to the loss of the application that is under way.

        Args:
            loss: a scalar, or a list of them.

        Raises:
            ArgumentError: if there is one without a value.
        """
        if has_symbolic(loss):
            raise ArgumentError(
                f"`add_loss` of {self.name!r} got a tensor without a value. Call it inside the "
                "`call` of a layer: `self.add_loss(...)`."
            )
        if (scope := current_scope()) is not None:
            scope.losses += [jnp.sum(jnp.asarray(value)) for value in jax.tree.leaves(loss)]

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of: all attributes, but not the graphs that it is part of."""
        return vars(self) | {"_kerasish_nodes": [], "_kerasish_added_losses": []}

    # The shell.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer with the weights it holds, or record the call in a graph."""
        if kwargs and not args:
            args, kwargs = first_by_position(self, kwargs)
        if has_symbolic(args, kwargs):
            return symbolic_call(self, args, kwargs)
        scope = current_scope()
        if scope is not None:
            return call_in(self, scope, args, kwargs)
        args, kwargs = as_arrays((args, kwargs))
        self._kerasish_ensure_built(*args, **kwargs)
        with Scope(rng=_fresh_key, direct=True) as scope:
            outputs = call_in(self, scope, args, kwargs)
        for variable, value in scope.updates:
            variable.assign(value)
        self._kerasish_added_losses = [
            x for x in scope.losses if not isinstance(x, jax.core.Tracer)
        ]
        return outputs

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Record a call on tensors that begin at `Input`, and return those it gives."""
        if kwargs and not args:
            args, kwargs = first_by_position(self, kwargs)
        return symbolic_call(self, args, kwargs)

    def rematerialized_call(
        self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Callable[..., Any]:
        """Return a form of a `call` that keeps nothing for the gradient but computes it again.

        What the call assigns to state, and the losses it adds, are as without.

        Args:
            layer_call: the `call` of this layer.
            *args: accepted for Keras's sake.
            **kwargs: accepted for Keras's sake.

        Examples:
            >>> class Saving(Layer):
            ...     def call(self, x):
            ...         return self.rematerialized_call(lambda x: jnp.tanh(jnp.exp(x)))(x)
            >>> Saving()(jnp.zeros((1, 2))).shape
            (1, 2)
        """
        return rematerialized(layer_call)

    def _kerasish_ensure_built(self, *args: Any, **kwargs: Any) -> None:
        """Declare all weights, given arrays or abstract arrays to call the layer on."""
        if not self.built:
            infer(self, args, kwargs)
            self._kerasish_settle_weights()

    # Shapes, and the first call in a graph.

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the output shape for an input shape (or several), None where unknown.

        Args:
            *args: the shapes of the arguments of `call`, in order.
            **kwargs: shapes by the names of those arguments, as `<argument>_shape`, and other
                arguments; `input_shape` is that of the first.
        """
        given = {name.removesuffix("_shape"): each for name, each in kwargs.items()}
        if "input" in given:
            args = (given.pop("input"), *args)

        def as_avals(shapes: Any) -> Any:
            return jax.tree.map(
                lambda x: to_aval(x, self.compute_dtype) if _is_shape(x) else x,
                shapes,
                is_leaf=_is_shape,
            )

        arrays = {name: as_avals(each) for name, each in given.items()}
        return shape_of(infer(self, tuple(map(as_avals, args)), arrays))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return tensors with the shapes and dtypes of the outputs, part of no graph.

        Args:
            *args: inputs: tensors from `Input`, or anything with a shape and a dtype.
            **kwargs: further arguments of `call`.
        """
        return jax.tree.map(SymbolicTensor.of, infer(self, args, kwargs))

    @property
    def input(self) -> Any:
        """The tensors that the layer was first called on in a graph."""
        args = self._kerasish_first_node().args
        return args[0] if len(args) == 1 else list(args)

    def _kerasish_output_shape(self) -> Any:
        """The shape of the output as last traced, None where a size is unknown; None before."""
        return self._kerasish_traced_shape

    output_shape = Shadowable(lambda self: self._kerasish_output_shape())

    @property
    def output(self) -> Any:
        """The tensors that the first call in a graph returned."""
        return self._kerasish_first_node().outputs

    def _kerasish_first_node(self) -> Node:
        if not self._kerasish_nodes:
            raise NotBuiltError(f"Layer {self.name!r} was never called on an `Input`.")
        return self._kerasish_nodes[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """Make a `build` note that it was called, with what, and that once is enough."""

    @functools.wraps(build)
    def marked(self: Layer, *args: Any, **kwargs: Any) -> None:
        shapes = inspect.signature(build).bind(self, *args, **kwargs).arguments
        shapes.pop(next(iter(shapes)))
        self._kerasish_build_shape = (
            next(iter(shapes.values())) if len(shapes) == 1 else dict(shapes)
        )
        build(self, *args, **kwargs)
        self.built = True
        if type(self).build is marked:  # and not one that a subclass's calls
            begin_with(self)

    return marked


@functools.cache
def _constructor_arguments(cls: Any) -> tuple[str, ...]:
    """The named arguments of the constructor, the inherited ones included."""
    names: list[str] = []
    for base in cls.__mro__:
        if base is Layer:
            break
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(base.__init__).parameters.values()
        names += [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return tuple(dict.fromkeys(name for name in names if name != "self"))


def _has_own(layer: Layer, name: str) -> bool:
    """Return whether a layer has an attribute that is not there in every layer or model."""
    if name in vars(layer):
        return True
    holder = next((cls for cls in type(layer).__mro__ if name in vars(cls)), None)
    bases = ("kerasish.core.", "kerasish.models.")
    return holder is not None and not holder.__module__.startswith(bases)


def _fresh_key() -> jax.Array:
    """Return a new key of the process, no part of a transformation that asks for it first."""
    with jax.ensure_compile_time_eval():
        return jax.random.key(config.next_seed())


def _shape(shape: Any) -> Any:
    """Return a shape, or a structure of shapes, as it was before it went through a file."""
    if isinstance(shape, Mapping):
        return {name: _shape(each) for name, each in shape.items()}
    if _is_shape(shape):
        return tuple(shape)
    return [_shape(each) for each in shape]


def _is_shape(x: Any) -> bool:
    return isinstance(x, (tuple, list)) and all(n is None or isinstance(n, int) for n in x)
