"""`backend`, `tree`, `dtype_policies`, `preprocessing` and their kin, beside Keras's."""

from __future__ import annotations

import importlib
import itertools
from collections import OrderedDict, defaultdict, deque, namedtuple
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from kerasish.core.surface.advice import PREPARING

from .tools.coverage import class_rows, figure, reasons, rows, unexplained
from .tools.oracle import keras, kerasish

Point = namedtuple("Point", "x y")
Other = namedtuple("Other", "x y")


def outcome(function: Any, *args: Any, **kwargs: Any) -> str:
    """Return what a function returns, or the kind of error it raises, to be compared."""
    try:
        return repr(function(*args, **kwargs))
    except (ValueError, TypeError) as error:
        return "ValueError" if isinstance(error, ValueError) else "TypeError"


# The figure


def test_the_readme_has_the_figure_of_coverage(pytestconfig):
    readme = (pytestconfig.rootpath / "README.md").read_text(encoding="utf-8")
    assert figure(rows()) in " ".join(readme.split())


def test_nothing_is_missing_without_a_reason():
    assert not unexplained([*rows(), *class_rows()])


def test_reasons_are_of_names_that_keras_has_and_that_are_missing():
    missing = {f"{row.name}.{name}" for row in rows() for name in row.missing}
    assert set(reasons()) == missing
    assert {n.partition(".")[2] for n in reasons() if n.startswith("layers.")} <= PREPARING


# backend

DTYPES = [
    *("bool", "uint8", "int8", "uint32", "int32", "int64", "float16", "bfloat16", "float32"),
    *("float64", "complex64", int, float, bool),
]


@pytest.mark.parametrize("first", DTYPES, ids=str)
def test_dtypes(first):
    theirs, ours = keras.backend, kerasish.backend
    assert ours.standardize_dtype(first) == theirs.standardize_dtype(first)
    assert ours.is_float_dtype(first) == theirs.is_float_dtype(first)
    assert ours.is_int_dtype(first) == theirs.is_int_dtype(first)
    for second in DTYPES:
        assert ours.result_type(first, second) == theirs.result_type(first, second)


def test_dtypes_of_nothing_and_without_promotion():
    assert kerasish.backend.result_type() == keras.backend.result_type() == "float32"
    with pytest.raises(ValueError, match="cast one of them"):
        kerasish.backend.result_type("float8_e4m3fn", "float32")


def test_the_session():
    for library in (keras, kerasish):
        library.backend.clear_session()
        assert [library.backend.get_uid(p) for p in ("a", "b", "a", "")] == [1, 1, 2, 1]
        library.backend.clear_session(free_memory=False)
        assert library.backend.get_uid("a") == 1
        library.backend.set_epsilon(1e-5)
        assert library.backend.epsilon() == library.config.epsilon() == 1e-5
        library.backend.set_epsilon(1e-7)
        library.backend.set_image_data_format("channels_first")
        assert library.config.image_data_format() == "channels_first"
        library.backend.set_image_data_format("channels_last")
        assert library.backend.backend() == "jax"
        assert library.version() == library.__version__


# tree

STRUCTURES = [
    *(1, None, [], (), {}, "abc", [1, [2, (3,)]], {"b": [2, (3,)], "a": 1}, {2: 1, 1: 2}, [()]),
    OrderedDict(b=1, a=(2, 3)),
    defaultdict(int, {"z": 1, "a": 2}),
    deque([1, 2], maxlen=3),
    Point(1, [2]),
    Other(1, [2]),
    [None, None],
    {"a": None},
    {"a": (None, 3), "b": [(2,), (4, 5, 6)]},
    type("Listlike", (list,), {})([1]),
    type("Dictlike", (dict,), {})(a=1),
    {"a": 1, "b": (2, 3)},
]


@pytest.mark.parametrize("structure", STRUCTURES, ids=repr)
def test_tree_of_one_structure(structure):
    def check(name: str, *args: Any, **kwargs: Any) -> None:
        theirs, ours = getattr(keras.tree, name), getattr(kerasish.tree, name)
        assert outcome(ours, *args, **kwargs) == outcome(theirs, *args, **kwargs), name

    for name in ("flatten", "flatten_with_path", "is_nested", "lists_to_tuples"):
        check(name, structure)
    check("map_structure", lambda x: (x,), structure)
    check("map_structure", lambda x: (x,), structure, none_is_leaf=False)
    check("map_shape_structure", lambda x: ("shape", x), structure)
    for count in (len(keras.tree.flatten(structure)), 5):
        check("pack_sequence_as", structure, list(range(count)))


@pytest.mark.parametrize("structure", STRUCTURES, ids=repr)
def test_tree_of_two_structures(structure):
    for other in STRUCTURES:
        for name in ("assert_same_structure", "assert_same_paths"):
            theirs, ours = getattr(keras.tree, name), getattr(kerasish.tree, name)
            assert outcome(ours, structure, other) == outcome(theirs, structure, other), name
        join = lambda x, y: (x, y)
        theirs = outcome(keras.tree.map_structure, join, structure, other)
        assert outcome(kerasish.tree.map_structure, join, structure, other) == theirs
        # Keras takes None in the shallow structure in some places only.
        if None not in keras.tree.flatten(structure):
            theirs = outcome(keras.tree.map_structure_up_to, structure, str, other)
            assert outcome(kerasish.tree.map_structure_up_to, structure, str, other) == theirs


@pytest.mark.parametrize("top_down", [True, False])
@pytest.mark.parametrize("structure", STRUCTURES, ids=repr)
def test_tree_traverse(structure, top_down):
    def run(tree: Any) -> tuple[str, list[str]]:
        met: list[str] = []

        def visit(x: Any) -> Any:
            met.append(repr(x))
            if isinstance(x, tuple):
                return "replaced"
            return tree.MAP_TO_NONE if x == 1 else None

        return outcome(tree.traverse, visit, structure, top_down=top_down), met

    assert run(kerasish.tree) == run(keras.tree)


def test_tree_without_structures_or_functions():
    for tree in (keras.tree, kerasish.tree):
        with pytest.raises(ValueError):
            tree.map_structure(len)
        with pytest.raises(TypeError):
            tree.traverse(3, [1])


# dtype_policies and mixed_precision


@pytest.mark.parametrize("name", ["float32", "mixed_bfloat16", "mixed_float16", "int8", None])
def test_dtype_policies(name):
    theirs, ours = keras.DTypePolicy(name), kerasish.DTypePolicy(name)
    for attribute in ("name", "compute_dtype", "variable_dtype", "quantization_mode"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    described = keras.dtype_policies.serialize(theirs)
    assert kerasish.dtype_policies.serialize(ours) == described
    assert kerasish.dtype_policies.deserialize(described) == ours
    assert kerasish.dtype_policies.get(described) == kerasish.dtype_policies.get(ours) == ours
    for x in (np.ones(2, "float32"), np.ones(2, "int32"), jnp.ones(2)):
        for autocast in (True, False):
            converted = theirs.convert_input(x, autocast, "float16")
            assert ours.convert_input(x, autocast, "float16").dtype == converted.dtype


def test_dtype_policy_maps():
    def make(library: Any) -> Any:
        policy = library.DTypePolicy
        policies = library.dtype_policies.DTypePolicyMap(default_policy=policy("float32"))
        policies["encoder/layer_0/dense"] = policy("bfloat16")
        policies["encoder/.*"] = policy("float16")
        policies["decoder"] = policy("bfloat16")
        return policies

    theirs, ours = make(keras), make(kerasish)
    for path in ("encoder/layer_0/dense", "encoder/a/query", "decoder/b", "decoder", "other"):
        assert ours[path].name == theirs[path].name
        assert (path in ours) == (path in theirs)
    assert list(ours) == list(theirs)
    assert ours.get("decoder").name == theirs.get("decoder").name
    assert (ours.name, ours.compute_dtype) == (theirs.name, theirs.compute_dtype)
    described = keras.dtype_policies.serialize(theirs)
    assert kerasish.dtype_policies.serialize(ours) == described
    assert kerasish.dtype_policies.get(described) == ours
    ours["encoder/a/.*"] = kerasish.DTypePolicy("float32")
    with pytest.raises(ValueError, match="several paths"):
        ours["encoder/a/query"]
    with pytest.raises(ValueError, match="already"):
        ours["decoder"] = kerasish.DTypePolicy("float16")
    with pytest.raises(ValueError, match="takes DTypePolicies"):
        ours["new"] = "float16"
    layer = kerasish.layers.Dense(2, name="decoder", dtype=ours)
    assert layer.compute_dtype == "bfloat16"
    assert kerasish.layers.Dense(2, dtype=ours).compute_dtype == "float32"


def test_a_policy_that_does_not_exist():
    with pytest.raises(ValueError, match="dtype policy"):
        kerasish.dtype_policies.get("mixed_float8")
    with pytest.raises(ValueError, match="not the config"):
        kerasish.dtype_policies.deserialize(kerasish.layers.serialize(kerasish.layers.ReLU()))


def test_mixed_precision():
    for library in (keras, kerasish):
        mixed = library.mixed_precision
        before = mixed.global_policy()
        mixed.set_global_policy("mixed_float16")
        try:
            assert library.layers.Dense(2).compute_dtype == "float16"
            assert mixed.dtype_policy().name == mixed.Policy("mixed_float16").name
        finally:
            mixed.set_dtype_policy(before)
    inner = kerasish.optimizers.SGD(0.1)
    assert kerasish.mixed_precision.LossScaleOptimizer(inner, 8.0).inner_optimizer is inner


# preprocessing


@pytest.mark.parametrize(
    ("shape", "size", "kwargs"),
    [
        ((34, 50, 3), (20, 20), {}),
        ((2, 50, 34, 3), (8, 30), {"interpolation": "nearest"}),
        ((3, 7, 90), (9, 9), {"data_format": "channels_first"}),
    ],
)
def test_smart_resize(shape, size, kwargs):
    x = np.random.default_rng(0).uniform(0, 255, shape).astype("float32")
    theirs = keras.preprocessing.image.smart_resize(x, size, **kwargs)
    ours = kerasish.preprocessing.image.smart_resize(x, size, **kwargs)
    assert isinstance(ours, np.ndarray) and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("size", [(2,), (2, 2, 2)])
def test_smart_resize_to_nothing(size):
    with pytest.raises(ValueError, match="size must be"):
        kerasish.preprocessing.image.smart_resize(np.zeros((4, 4, 3)), size)


def legacy(name: str) -> Any:
    """Return a module that Keras has for Keras 2's names only."""
    return importlib.import_module(f"keras._tf_keras.keras.preprocessing.{name}")


TEXTS = [
    "The cat sat on the mat.",
    "The dog sat on the log!",
    "dogs and cats; the end",
    ["A", "cat"],
]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"num_words": 4},
        {"oov_token": "<unknown>"},
        {"num_words": 5, "oov_token": "<unknown>", "lower": False},
        {"char_level": True, "num_words": 8},
        {"split": "a", "filters": "t"},
        {"analyzer": lambda text: text.split("t")},
    ],
    ids=lambda arguments: "-".join(arguments),
)
def test_tokenizers(arguments):
    ours = kerasish.preprocessing.text.Tokenizer(**arguments)
    theirs = legacy("text").Tokenizer(**arguments)
    sequences = []
    for each in (theirs, ours):
        each.fit_on_texts(TEXTS)
        sequences.append(each.texts_to_sequences([*TEXTS, "a bird on the log"]))
    assert sequences[0] == sequences[1]
    for name in ("word_index", "word_counts", "word_docs", "index_docs", "index_word"):
        assert dict(getattr(ours, name)) == dict(getattr(theirs, name)), name
    assert ours.document_count == theirs.document_count
    assert ours.sequences_to_texts(sequences[0]) == theirs.sequences_to_texts(sequences[0])
    for mode in ("binary", "count", "freq", "tfidf"):
        expected = theirs.texts_to_matrix(TEXTS, mode)
        np.testing.assert_allclose(ours.texts_to_matrix(TEXTS, mode), expected)
    if "analyzer" not in arguments:
        read = kerasish.preprocessing.text.tokenizer_from_json(theirs.to_json())
        assert read.texts_to_sequences(TEXTS) == theirs.texts_to_sequences(TEXTS)
        again = legacy("text").tokenizer_from_json(ours.to_json())
        assert again.texts_to_sequences(TEXTS) == theirs.texts_to_sequences(TEXTS)


def test_tokenizers_that_know_nothing():
    tokenizer = kerasish.preprocessing.text.Tokenizer()
    assert tokenizer.texts_to_sequences(["a b"]) == [[]]
    for wrong in (lambda: tokenizer.texts_to_matrix(["a"]), lambda: type(tokenizer)(words=3)):
        with pytest.raises(ValueError):
            wrong()
    with pytest.raises(ValueError, match="mode"):
        tokenizer.sequences_to_matrix([[1]], "often")
    with pytest.raises(ValueError, match="not a tokenizer"):
        kerasish.preprocessing.text.tokenizer_from_json('{"config": {"num_words": 3}}')


def test_texts():
    ours, theirs = kerasish.preprocessing.text, legacy("text")
    for text in ("One, two - THREE!", "", "a\tb\nc"):
        assert ours.text_to_word_sequence(text) == theirs.text_to_word_sequence(text)
        assert ours.one_hot(text, 20) == theirs.one_hot(text, 20)
        for function in (None, "md5", len):
            expected = theirs.hashing_trick(text, 20, function)
            assert ours.hashing_trick(text, 20, function) == expected


def test_sampling_tables_and_skipgrams():
    ours, theirs = kerasish.preprocessing.sequence, legacy("sequence")
    np.testing.assert_allclose(
        ours.make_sampling_table(50, 0.01), theirs.make_sampling_table(50, 0.01)
    )
    for window, categorical in itertools.product((1, 3), (True, False)):
        arguments = ([1, 0, 2, 3, 1, 4], 5, window, 0.0, False, categorical)
        assert ours.skipgrams(*arguments) == theirs.skipgrams(*arguments)
    pairs, labels = ours.skipgrams([1, 2, 3, 4], 9, 1, seed=1)
    assert (pairs, labels) == ours.skipgrams([1, 2, 3, 4], 9, 1, seed=1)
    assert len(pairs) == 12 and sum(labels) == 6
    assert sorted(p for p, true in zip(pairs, labels, strict=True) if true)[:2] == [[1, 2], [2, 1]]


@pytest.mark.parametrize(
    "arguments",
    [
        {"length": 3},
        {"length": 3, "sampling_rate": 2, "stride": 2, "batch_size": 2},
        {"length": 2, "start_index": 2, "end_index": 8, "reverse": True, "batch_size": 3},
    ],
)
def test_time_series(arguments):
    data = np.arange(24.0).reshape(12, 2)
    ours = kerasish.preprocessing.sequence.TimeseriesGenerator(data, data[:, 0], **arguments)
    theirs = legacy("sequence").TimeseriesGenerator(data, data[:, 0], **arguments)
    assert len(ours) == len(theirs)
    for i in range(len(ours)):
        for mine, other in zip(ours[i], theirs[i], strict=True):
            np.testing.assert_array_equal(mine, other)


def test_time_series_that_are_too_short():
    for data, targets in ((np.zeros(3), np.zeros(3)), (np.zeros(9), np.zeros(8))):
        with pytest.raises(ValueError):
            kerasish.preprocessing.sequence.TimeseriesGenerator(data, targets, length=5)


# legacy


def test_descriptions_in_the_form_of_keras_2():
    ours, theirs = kerasish.legacy.saving, keras.legacy.saving
    for thing in ("l2", None):
        mine, other = kerasish.regularizers.get(thing), keras.regularizers.get(thing)
        described = theirs.serialize_keras_object(other)
        assert ours.serialize_keras_object(mine) == described
        known = {"L2": kerasish.regularizers.L2}
        again = kerasish.utils.legacy.deserialize_keras_object(described, known)
        assert again is None or again.l2 == mine.l2
    dense = theirs.serialize_keras_object(keras.layers.Dense(3, kernel_initializer="ones"))
    dense["config"].pop("quantization_config", None)
    layer = ours.deserialize_keras_object(dense, vars(kerasish.layers))
    assert layer.units == 3 and isinstance(layer.kernel_initializer, kerasish.initializers.Ones)
    assert ours.serialize_keras_object(kerasish.activations.relu) == "relu"
    assert ours.deserialize_keras_object("mine", custom_objects={"mine": len}) is len
    for wrong in ("nope", {"class_name": "Nope", "config": {}}, {"a": 1}, 3):
        with pytest.raises(ValueError):
            ours.deserialize_keras_object(wrong, {})
    with pytest.raises(ValueError, match=r"no layer called 'Dens'. Did you mean 'Dense'"):
        ours.deserialize_keras_object("Dens", vars(kerasish.layers), None, "layer")
    with pytest.raises(ValueError, match="neither `get_config`"):
        ours.serialize_keras_object(3)


def test_legacy_optimizers_are_those_of_today():
    for name in keras.optimizers.legacy.__dict__:
        if name[0].isupper():
            here = getattr(kerasish.optimizers.legacy, name)
            assert here is getattr(kerasish.optimizers, name)
