"""Layer: declared weights and a `call`, with a pure function underneath.

The methods are thin; the functions that they call are in `calling` (the call), `pure` (nested dicts
and lists of values), `weights` (declaration, order, files) and `layer_config`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NoReturn, overload

import jax
import numpy as np

from kerasish.core import layer_config, pure
from kerasish.core.calling import apply_layer, call_directly, first_by_position
from kerasish.core.dtypes import DTypePolicy, policy_of
from kerasish.core.errors import ArgumentError, NotBuiltError, NotInitializedError
from kerasish.core.first_layer import set_initial_weights, take_first_layer_arguments
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
from kerasish.core.names import checked_name, snake_case
from kerasish.core.paths import Tree
from kerasish.core.policy_map import DTypePolicyMap
from kerasish.core.protocols import MetricLike
from kerasish.core.rematerialization import current_remat, rematerialized
from kerasish.core.scope import Scope, current_scope
from kerasish.core.seeds import SeedGenerator
from kerasish.core.serialization import registry
from kerasish.core.surface.old_names import check_arguments
from kerasish.core.surface.reserved import PREFIX, Assignable, Shadowable
from kerasish.core.tree import (
    all_layers,
    collect_attributes,
    own_variables,
    rename,
    variables_with_paths,
)
from kerasish.core.types import (
    Array,
    ArrayLike,
    Config,
    ConstraintLike,
    DTypeLike,
    InitializerLike,
    PyTree,
    RegularizerLike,
    Shape,
)
from kerasish.core.variable import Variable
from kerasish.core.weights import (
    assign_paths,
    declare_weight,
    draws_random_numbers,
    load_arrays,
    save_arrays,
    set_weights,
)

__all__ = ["Layer", "is_initialized"]


class Layer:
    """The base class of layers and models.

    A subclass declares its weights in `build(input_shape)` with `add_weight`
    and computes in `call(x)`. `call` may also take `training=None` and
    `mask=None`; both are filled in where the caller gives none.

    A layer can be used in two ways: `layer(x)` uses and updates the weights that
    the layer holds; `layer.apply(params, state, x)` is a pure function.

    Args:
        name: a name, unique within the parent; made from the class otherwise.
        trainable: whether optimizers change the weights.
        dtype: a dtype or a policy such as `"mixed_bfloat16"`.
        activity_regularizer: a penalty on the output, averaged over the batch.
        autocast: whether inputs of floats are cast to the dtype of the policy.
        **unknown: arguments of the first layer of a Sequential, in the place of an `Input`:
            `input_shape` or `input_dim`, with `batch_size`, or `batch_input_shape`; and
            `weights`, initial values as `set_weights` takes them. Others are refused.

    Raises:
        UnknownNameError: if there is an unknown argument, or one that Keras no longer has.
        ArgumentError: if the shape of the input is invalid.

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

    # Whether an input without a dtype of its own is one of integers.
    _kerasish_takes_integers: ClassVar[bool] = False

    # Whether `compute_mask` returns the mask of the input.
    supports_masking: bool = False

    # What the input must be like.
    input_spec: InputSpec | None = None

    # There is no quantization.
    quantization_mode: ClassVar[None] = None

    activity_regularizer: Callable[..., Array] | None

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: DTypePolicy | DTypeLike | Config | None = None,
        activity_regularizer: RegularizerLike = None,
        autocast: bool = True,
        **unknown: Any,
    ) -> None:
        self._kerasish_first_input, self._kerasish_first_weights = take_first_layer_arguments(
            unknown
        )
        if unknown:
            own = layer_config.constructor_arguments(type(self))
            check_arguments(type(self).__name__, unknown, ("name", "trainable", "dtype", *own))
        self._kerasish_name = None if name is None else checked_name(name)
        self._kerasish_given = name is not None
        self._kerasish_path: str | None = None
        self.dtype_policy = dtype
        self._kerasish_trainable = bool(trainable)
        self.built = False
        self._kerasish_seed: int | None = None
        self._kerasish_seed_generator = SeedGenerator()
        self._kerasish_added_losses: list[Array] = []
        self.activity_regularizer = registry.resolve("regularizers", activity_regularizer)
        self.autocast = autocast
        self._kerasish_remat_scope = current_remat()
        self._kerasish_build_shape: PyTree = None
        self._kerasish_traced_shape: PyTree = None
        self._kerasish_nodes: list[Node] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _marking_built(cls.__dict__["build"])  # type: ignore[method-assign]

    def __getattr__(self, name: str) -> Any:
        """Explain a missing attribute, if it is missing because the constructor was not called.

        Raises:
            NotInitializedError: if it was not.
        """
        if not name.startswith("__") and not is_initialized(self):
            kind = type(self).__name__
            raise NotInitializedError(
                f"`{kind}.__init__` does not call `super().__init__()`. Make that its first line, "
                "before attributes are set."
            )
        # A property that raised AttributeError gets here, too: show its own error.
        return object.__getattribute__(self, name)

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes for a copy, without the graphs that the layer is part of."""
        return vars(self) | {"_kerasish_nodes": [], "_kerasish_added_losses": []}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    # What a subclass writes.

    def build(self, input_shape: PyTree) -> None:
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
            set_initial_weights(self)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output from the inputs and the weights, in `jax.numpy`."""
        raise NotImplementedError(f"{type(self).__name__} has no `call` method.")

    def compute_mask(self, inputs: PyTree, previous_mask: PyTree) -> PyTree:
        """Return the mask of the output: the input's, if the layer supports masking."""
        return previous_mask if self.supports_masking else None

    # The call.

    @overload
    def __call__(self, inputs: SymbolicTensor, /, *args: Any, **kwargs: Any) -> SymbolicTensor: ...

    @overload
    def __call__(self, inputs: ArrayLike, /, *args: Any, **kwargs: Any) -> Array: ...

    @overload
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer with the weights it holds, or record the call in a graph."""
        if kwargs and not args:
            args, kwargs = first_by_position(self, kwargs)
        if has_symbolic(args, kwargs):
            return symbolic_call(self, args, kwargs)
        scope = current_scope()
        if scope is not None:
            return apply_layer(self, scope, args, kwargs)
        return call_directly(self, args, kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> PyTree:
        """Record a call on tensors from `Input`, and return the tensors of its outputs."""
        if kwargs and not args:
            args, kwargs = first_by_position(self, kwargs)
        return symbolic_call(self, args, kwargs)

    def rematerialized_call(
        self, layer_call: Callable[..., PyTree], *args: Any, **kwargs: Any
    ) -> Callable[..., PyTree]:
        """Return a form of a `call` that is computed again for the gradient.

        Assignments to state and added losses are as in the original.

        Args:
            layer_call: the `call` of this layer.
            *args: without effect, as in Keras.
            **kwargs: without effect, as in Keras.

        Examples:
            >>> import jax.numpy as jnp
            >>> class Saving(Layer):
            ...     def call(self, x):
            ...         return self.rematerialized_call(lambda x: jnp.tanh(jnp.exp(x)))(x)
            >>> Saving()(jnp.zeros((1, 2))).shape
            (1, 2)
        """
        return rematerialized(layer_call)

    def add_loss(self, loss: PyTree) -> None:
        """Add to the losses of the application in progress.

        Args:
            loss: a scalar, or a list of them.

        Raises:
            ArgumentError: if one is a symbolic tensor.
            PurityError: inside a JAX transformation, such as a `scan`, that was entered within
                the `call`.
        """
        if has_symbolic(loss):
            raise ArgumentError(
                f"`add_loss` of {self.name!r} got a tensor without a value. Call it inside the "
                "`call` of a layer: `self.add_loss(...)`."
            )
        if (scope := current_scope()) is not None:
            scope.add_loss(loss)

    # Name and dtypes.

    @property
    def name(self) -> str:
        """The name, unique within the parent. Assign to it to rename.

        A name that was not given is made from the class, and is changed if another layer of
        the same parent has it.
        """
        return self._kerasish_name or self._kerasish_default_name

    @name.setter
    def name(self, name: str) -> None:
        rename(self, checked_name(name))
        self._kerasish_given = True

    @property
    def _kerasish_default_name(self) -> str:
        """The name while none was given."""
        return snake_case(type(self).__name__)

    @property
    def path(self) -> str:
        """The names from the model down to this layer, joined by slashes."""
        return self._kerasish_path or self.name

    def _kerasish_sublayers(self) -> list[Any]:
        """Return the direct sublayers, in the order of the attributes that hold them."""
        return collect_attributes(self, Layer)

    def _kerasish_assign_paths(self) -> None:
        """Set the paths and seeds of all weights with this layer as the root."""
        assign_paths(self)

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The dtypes of weights and of computation; the name of a policy may be assigned."""
        return self._kerasish_dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, policy: DTypePolicy | DTypeLike | Config | None) -> None:
        policy = policy_of(policy)
        self._kerasish_dtype_policy = (
            policy[self.name] if isinstance(policy, DTypePolicyMap) else policy
        )

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
    def input_dtype(self) -> str:
        """The dtype that inputs of floats are cast to."""
        return self.compute_dtype

    # Weights.

    def add_weight(
        self,
        shape: Sequence[int | None] | int | None = None,
        initializer: InitializerLike = None,
        dtype: DTypeLike | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: RegularizerLike = None,
        constraint: ConstraintLike = None,
        aggregation: str | None = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Declare a weight. Keep the returned variable in an attribute.

        Args:
            shape: its shape; a scalar by default.
            initializer: a name, an initializer, or `(shape, dtype) -> array`;
                `"glorot_uniform"` for floats and `"zeros"` for integers
                unless given.
            dtype: its dtype; the layer's by default.
            trainable: whether it is a parameter (else it is state).
            autocast: whether a mixed dtype policy applies to it.
            regularizer: a penalty on its value, added to the loss.
            constraint: a projection applied after each update.
            aggregation: how copies on several devices become one; see `Variable`.
            overwrite_with_gradient: whether its gradient takes its place; see `Variable`.
            name: its name within the layer.

        Returns:
            The variable. Its value is drawn when first needed.

        Raises:
            ShapeError: if a size is unknown.
            ArgumentError: if the name is given first, in the place of the shape.
        """
        variable = declare_weight(
            self,
            shape,
            initializer,
            dtype,
            name=name,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            aggregation=aggregation,
        )
        variable.overwrite_with_gradient = overwrite_with_gradient
        return variable

    def add_variable(
        self,
        shape: Sequence[int | None] | int | None,
        initializer: InitializerLike,
        dtype: DTypeLike | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: RegularizerLike = None,
        constraint: ConstraintLike = None,
        name: str | None = None,
    ) -> Variable:
        """Declare a weight; see `add_weight`.

        Args:
            shape: its shape.
            initializer: a name, an initializer, or `(shape, dtype) -> array`.
            dtype: its dtype; the layer's by default.
            trainable: whether it is a parameter (else it is state).
            autocast: whether a mixed dtype policy applies to it.
            regularizer: a penalty on its value, added to the loss.
            constraint: a projection applied after each update.
            name: its name within the layer.
        """
        return self.add_weight(
            *(shape, initializer, dtype, trainable, autocast, regularizer, constraint), name=name
        )

    @property
    def trainable(self) -> bool:
        """Whether optimizers change the weights; setting it also sets all sublayers."""
        return self._kerasish_trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._kerasish_trainable = bool(value)
        for layer in self._kerasish_sublayers():
            layer.trainable = value

    def _kerasish_variables(self, trainable: bool | None = None) -> list[Variable]:
        """Return the variables of one kind, or all, without those of random numbers."""
        return [variable for _, variable in variables_with_paths(self, trainable)]

    @property
    def weights(self) -> list[Variable]:
        """All weights, in Keras's order."""
        return [variable for variable in self._kerasish_variables() if variable.saved]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change."""
        return self._kerasish_variables(trainable=True)

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that optimizers do not change."""
        return [variable for variable in self._kerasish_variables(False) if variable.saved]

    @property
    def variables(self) -> list[Variable]:
        """The weights, and the other variables that `stateless_call` takes and returns."""
        return self._kerasish_variables() + self._kerasish_seeds

    @property
    def trainable_variables(self) -> list[Variable]:
        """The first argument of `stateless_call`: the weights that optimizers change."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The second argument of `stateless_call`: all other variables.

        The last is the state of the random numbers, if a layer draws some: one that has
        an attribute `seed`, or a `SeedGenerator` in any attribute.
        """
        return self._kerasish_variables(trainable=False) + self._kerasish_seeds

    @property
    def _kerasish_seeds(self) -> list[Variable]:
        """The state of the random numbers, in a list; an empty one if none are drawn."""
        draws = any(map(draws_random_numbers, all_layers(self)))
        return [self._kerasish_seed_generator.state] if draws else []

    @property
    def losses(self) -> list[Array]:
        """The values of `add_loss` in the last call, and the penalties of the regularizers.

        Within a call it is that call; otherwise the last one outside of any transformation.
        """
        scope = current_scope()
        added = self._kerasish_added_losses if scope is None else scope.losses
        penalties = [
            v.regularizer(v.value) for v in self.trainable_weights if v.regularizer is not None
        ]
        return [*added, *penalties]

    @property
    def metrics(self) -> list[Any]:
        """The metrics in attributes of the layer and of those within it, each once."""
        found = {
            id(metric): metric
            for layer in all_layers(self)
            for metric in collect_attributes(layer, MetricLike)
        }
        return list(found.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of all metrics, in order."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all weights as NumPy arrays, in the order of `weights`."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Assign all weights, in the order of `weights`.

        Args:
            weights: as many arrays as there are weights, of the same shapes. Assign a tree, as
                `params` returns it, to `params`.

        Raises:
            ShapeError: if they do not fit; then nothing is changed.
            ArgumentError: if they are a tree.

        Warns:
            UserWarning: if they are JAX arrays that could be the leaves of a tree, which are in
                the order of their names.
        """
        set_weights(self, weights)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the weights of this layer itself, without sublayers, into a store: `"0"`, `"1"`.

        Args:
            store: a dict or a group of a file.
        """
        save_arrays(self, store)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Assign the weights of this layer itself from the store of `save_own_variables`.

        Args:
            store: that store.

        Raises:
            ShapeError: if the store holds another number of arrays, or one does not fit.
        """
        load_arrays(self, store)

    def _kerasish_file_variables(self) -> list[Variable]:
        """Return the weights of this layer itself that a file has, in its order."""
        return own_variables(self)

    def _kerasish_file_value(self, variable: Variable) -> Array:
        """Return the array that a file has for one of `_kerasish_file_variables`."""
        return variable.value

    def _kerasish_after_loading(self) -> Iterable[tuple[Variable, Any]]:
        """Return the weights that change when those of a file were loaded, and their values."""
        return ()

    def count_params(self) -> int:
        """Return the number of elements of all weights."""
        self._kerasish_require_built()
        return sum(variable.size for variable in self.weights)

    def _kerasish_require_built(self) -> None:
        if not self.built:
            raise NotBuiltError(
                f"{self.name!r} has no weights yet, because its input shape is not known. Begin "
                "with `kerasish.Input(shape=...)`, call it on data once, or call `fit`."
            )

    def _kerasish_ensure_built(self, *args: Any, **kwargs: Any) -> None:
        """Declare all weights, given arrays or abstract arrays to call the layer on."""
        if not self.built:
            infer(self, args, kwargs)
            self._kerasish_assign_paths()

    # Pure functions of the weights.

    def _kerasish_params(self) -> Tree:
        """Return the trainable weights as nested dicts of arrays, by name."""
        return pure.values_tree(self, trainable=True)

    def _kerasish_state(self) -> Tree:
        """Return the other weights (moving averages, ...) as nested dicts of arrays, by name."""
        return pure.values_tree(self, trainable=False)

    # The caller owns what these return and may donate it; assigned arrays are copied likewise.
    # A subclass may use these names, and `apply`, for attributes of its own.
    params = Assignable(
        lambda self: pure.copy_tree(self._kerasish_params()),
        lambda self, tree: pure.assign_tree(self, True, tree, "params"),
    )
    params.__doc__ = (
        "The trainable weights: a nested dict of arrays, by name; copies, which may be donated. "
        "Assigning such a tree sets the weights."
    )
    state = Assignable(
        lambda self: pure.copy_tree(self._kerasish_state()),
        lambda self, tree: pure.assign_tree(self, False, tree, "state"),
    )
    state.__doc__ = (
        "The other weights (moving averages, ...): a nested dict of arrays, by name; copies. "
        "Assigning such a tree sets them."
    )

    def init(self, key: Array, *args: Any, **kwargs: Any) -> tuple[Tree, Tree]:
        """Return initial values of the weights, as a pure function of a key.

        `init(jax.random.key(seed), x)` draws the values of a model that is built right after
        `set_random_seed(seed)`. The weights that the layer holds stay as they are. It can be
        compiled, and mapped over keys: `jax.vmap(lambda key: model.init(key, x))(keys)`.

        Args:
            key: a key of `jax.random`.
            *args: inputs, by which a layer that has no weights yet is built.
            **kwargs: further arguments of `call`, likewise.

        Returns:
            `(params, state)`, as `apply` takes them.

        Raises:
            NotBuiltError: if there are no weights yet, and no inputs.
            ArgumentError: if `key` is not a key.

        Examples:
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2)])
            >>> keys = jax.random.split(jax.random.key(0), 3)
            >>> params, state = jax.vmap(model.init)(keys)
            >>> params["dense"]["kernel"].shape
            (3, 4, 2)
        """
        return pure.init(self, key, args, kwargs)

    def apply(
        self,
        params: Tree,
        state: Tree,
        *args: Any,
        training: bool = False,
        rng: Array | None = None,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Apply the layer to inputs as a pure function.

        Args:
            params: nested dicts of the structure of `layer.params`.
            state: nested dicts of the structure of `layer.state`.
            *args: the inputs.
            training: whether dropout drops and batch statistics are taken.
            rng: a key, needed if a layer draws random numbers.
            return_losses: whether to return the penalties as well: a list of scalars, of the
                regularizers of weights and outputs and of `add_loss`. `fit` adds their sum to the
                loss.
            **kwargs: further arguments of `call`.

        Returns:
            The output and the new state; with `return_losses` the output, the new state and the
            penalties. It has no side effects, so it can be used in `jit`, `grad`, `vmap`, `scan`.

        Raises:
            ShapeError: if `params` or `state` do not fit the layer.
            ArgumentError: if there are no inputs, or `rng` is not a key.
            UnknownNameError: if `call` has no argument of a name.

        Examples:
            >>> from kerasish import Input, Sequential, layers
            >>> dense = layers.Dense(2, kernel_initializer="ones", kernel_regularizer="l2")
            >>> model = Sequential([Input((4,)), dense])
            >>> x = np.ones((3, 4), "float32")
            >>> y, state, losses = model.apply(model.params, model.state, x, return_losses=True)
            >>> y.shape, round(float(sum(losses)), 2)
            ((3, 2), 0.08)
        """
        return pure.apply(
            *(self, params, state, args, kwargs),
            training=training,
            rng=rng,
            return_losses=return_losses,
        )

    _kerasish_apply = apply

    def stateless_call(
        self,
        trainable_variables: Sequence[Variable | ArrayLike],
        non_trainable_variables: Sequence[Variable | ArrayLike],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Apply the layer as a pure function of lists: Keras's form of `apply`.

        Args:
            trainable_variables: values for `layer.trainable_variables`, in that order.
            non_trainable_variables: values for `layer.non_trainable_variables`. If the layer
                draws random numbers, the last is their seed and count.
            *args: the inputs.
            return_losses: whether to return the penalties as well.
            **kwargs: further arguments of `call`, such as `training`.

        Returns:
            `(outputs, non_trainable_variables)`, or with `return_losses`
            `(outputs, non_trainable_variables, losses)`.

        Raises:
            ShapeError: if the lists do not fit the layer.

        Examples:
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2), layers.Dropout(0.5)])
            >>> train, rest = model.trainable_variables, model.non_trainable_variables
            >>> y, rest = model.stateless_call(train, rest, np.ones((3, 4)), training=True)
            >>> y.shape, len(rest)
            ((3, 2), 1)
        """
        return pure.stateless_call(
            *(self, trainable_variables, non_trainable_variables, args, kwargs),
            return_losses=return_losses,
        )

    # The pure views, open: for the training step.

    def _kerasish_bound(
        self,
        params: Tree,
        state: Tree,
        *,
        training: bool = False,
        rng: Array | None = None,
        position: Array | int | None = None,
    ) -> AbstractContextManager[Scope]:
        return pure.bound_to_trees(
            self, params, state, training=training, rng=rng, position=position
        )

    def _kerasish_new_state(self, scope: Scope) -> Tree:
        return pure.new_state(self, scope)

    def _kerasish_stateless_scope(
        self,
        trainable_variables: Sequence[Variable | ArrayLike],
        non_trainable_variables: Sequence[Variable | ArrayLike],
    ) -> AbstractContextManager[Scope]:
        return pure.bound_to_lists(self, trainable_variables, non_trainable_variables)

    def _kerasish_non_trainable_values(self, scope: Scope) -> list[Array]:
        return pure.new_state_list(self, scope)

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

        def as_avals(shapes: PyTree) -> PyTree:
            is_shape = layer_config.is_shape
            return jax.tree.map(
                lambda x: to_aval(x, self.compute_dtype) if is_shape(x) else x,
                shapes,
                is_leaf=is_shape,
            )

        arrays = {name: as_avals(each) for name, each in given.items()}
        return shape_of(infer(self, tuple(map(as_avals, args)), arrays))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> PyTree:
        """Return tensors with the shapes and dtypes of the outputs, which belong to no graph.

        Args:
            *args: inputs: tensors from `Input`, or objects with a shape and a dtype.
            **kwargs: further arguments of `call`.
        """
        return jax.tree.map(SymbolicTensor.of, infer(self, args, kwargs))

    @property
    def input(self) -> PyTree:
        """The tensors that the layer was first called on in a graph."""
        args = self._kerasish_first_node().args
        return args[0] if len(args) == 1 else list(args)

    @property
    def output(self) -> PyTree:
        """The tensors that the first call in a graph returned."""
        return self._kerasish_first_node().outputs

    def _kerasish_output_shape(self) -> Shape | PyTree:
        """Return the shape of the output as last traced, None where unknown; None before."""
        return self._kerasish_traced_shape

    output_shape = Shadowable(lambda self: self._kerasish_output_shape())

    def _kerasish_first_node(self) -> Node:
        if not self._kerasish_nodes:
            raise NotBuiltError(f"Layer {self.name!r} was never called on an `Input`.")
        return self._kerasish_nodes[0]

    # Configs.

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal layer.

        Every argument of `__init__` that is also an attribute is included.
        """
        return layer_config.layer_config(self)

    @classmethod
    def from_config(cls, config: Config, custom_objects: Config | None = None) -> Any:
        """Make a layer from the result of `get_config`.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
        """
        config = registry.known_config(cls, config)
        with registry.custom_objects(custom_objects):
            values = {k: v if k == "dtype" else registry.deserialize(v) for k, v in config.items()}
            return registry.ungiven(cls(**values))

    def get_build_config(self) -> Config | None:
        """Return the shapes that the layer was built with; None before that."""
        return layer_config.build_config(self)

    def build_from_config(self, config: Config) -> None:
        """Build the layer with the shapes of `get_build_config`.

        Args:
            config: the result of `get_build_config`.
        """
        if not self.built:
            layer_config.build_from_config(self, config)
            self._kerasish_assign_paths()

    # What Keras has and this library refuses.

    def add_metric(self, *_: Any, **__: Any) -> NoReturn:
        """Raise an error: Keras no longer has this method either.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            f"{self.name!r} takes no metrics by `add_metric`. Give them to `compile(metrics=...)`, "
            "or keep one in an attribute and call its `update_state` inside `call`."
        )

    def quantize(
        self,
        mode: str | None = None,
        type_check: bool = True,
        config: object = None,
        **kwargs: Any,
    ) -> None:
        """Raise an error: there is no quantization.

        Args:
            mode: the dtype to quantize to.
            type_check: without effect.
            config: without effect.
            **kwargs: without effect.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            f"{self.name!r} cannot be quantized (here to {mode!r}): there is no quantization. "
            "Give layers `dtype='bfloat16'` to halve their weights."
        )


def is_initialized(layer: Layer) -> bool:
    """Return whether the constructor of `Layer` was called."""
    return f"{PREFIX}given" in vars(layer)


def _marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """Return a `build` that also records its call and the shapes it was called with."""

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
            set_initial_weights(self)

    return marked
