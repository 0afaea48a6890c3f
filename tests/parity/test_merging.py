"""Merging layers, their functions, and layers that pass masks on: all equal Keras's."""

from __future__ import annotations

import numpy as np
import pytest

from .tools.oracle import both, check_config, check_layer, close, draw, keras, kerasish, make, said

LIBRARIES = (kerasish, keras)
SHAPES = {
    "equal": [(2, 3), (2, 3)],
    "ones": [(2, 3, 1), (2, 1, 4)],
    "ranks": [(2, 4), (2, 3, 4)],
    "more ranks": [(2, 3, 2, 4), (2, 4)],
}
X = [draw((2, 3, 4), seed=i) for i in range(3)]


def each(*codes):
    return pytest.mark.parametrize("code", codes)


@each("Subtract()", "Multiply()", "Average()", "Maximum()", "Minimum()")
@pytest.mark.parametrize("name", SHAPES)
def test_two(code, name):
    check_layer(code, [draw(s, seed=i) for i, s in enumerate(SHAPES[name])])


@each("Add()", "Multiply()", "Average()", "Maximum()", "Minimum(name='least')")
@pytest.mark.parametrize("count", [1, 3])
def test_one_or_three(code, count):
    check_layer(code, X[:count])


def test_of_equal_values_gradients_are_shared_as_in_keras():
    same = draw((2, 3), "int32", high=2).astype("float32")
    for code in ("Maximum()", "Minimum()"):
        check_layer(code, [same, same + 0])


@each("Dot(1)", "Dot(-1)", "Dot((1, 2))", "Dot([-1, 1])", "Dot(2, normalize=True)")
@pytest.mark.parametrize("rank", [3, 4])
def test_dot(code, rank):
    square = [draw((2, 3, 3), seed=i) for i in range(2)]
    check_layer(code, square if rank == 3 else [draw((2, 3, 3, 3)), square[0]])


@each("Dot(1)", "Dot(-1, normalize=True)", "Dot((1, 1))")
def test_dot_of_vectors(code):
    check_layer(code, [draw((2, 4)), draw((2, 4), seed=1)])


def test_dot_of_other_sizes():
    check_layer("Dot((2, 1))", [draw((2, 3, 4, 5)), draw((2, 4, 6))])
    check_layer("Dot(1)", [draw((2, 3, 4)), draw((2, 3))])
    ours, theirs = both("Dot(1, normalize=True)")
    zeros = [0 * draw((2, 3)), draw((2, 3))]
    close(ours(zeros), theirs(zeros))


@each(
    "add(x)",
    "add(x, name='sum')",
    "average(x)",
    "concatenate(x)",
    "concatenate(x, axis=1)",
    "dot(x[:2])",
    "dot(x[:2], axes=1)",
    "dot(x[:2], axes=(2, 2), normalize=True)",
    "maximum(x)",
    "minimum(x)",
    "multiply(x)",
    "subtract(x[:2])",
)
def test_functions(code):
    ours, theirs = (eval(code, {"x": X, **vars(k.layers)}) for k in LIBRARIES)
    close(ours, theirs)


MASKS = [np.array([[1, 1, 0], [1, 0, 0]], bool), np.array([[1, 0, 0], [1, 1, 0]], bool)]


@each("Add()", "Subtract()", "Multiply()", "Average()", "Maximum()", "Minimum()", "Dot(1)")
@pytest.mark.parametrize("masks", [MASKS, [MASKS[0], None], [None, None]], ids=["2", "1", "0"])
def test_masks(code, masks):
    ours, theirs = (layer.compute_mask(X[:2], masks) for layer in both(code))
    assert (ours is None) == (theirs is None)
    if ours is not None:
        close(ours, theirs)


@each(
    "Identity()",
    "Permute((2, 1, 3))",
    "Permute([3, 1, 2])",
    "Masking()",
    "Masking(mask_value=1)",
)
def test_one_input(code):
    check_layer(code, draw((2, 3, 4, 5), "int32", high=2).astype("float32"))


@each("RepeatVector(3)", "RepeatVector(n=1)", "Permute((1,))", "Masking()")
def test_vectors(code):
    check_layer(code, draw((2, 4)))


@pytest.mark.parametrize("value", [0.0, 2.0])
def test_masking_makes_a_mask(value):
    x = draw((3, 4, 2))
    x[0, 1:] = x[2] = value
    x[1, 0, 0] = value
    ours, theirs = both(f"Masking({value})")
    close(ours.compute_mask(x), theirs.compute_mask(x))
    close(ours(x), theirs(x))


def test_a_mask_by_masking_goes_on():
    x, tags = draw((4, 5, 3)), draw((4, 5), "int32", high=2)
    x[0, 2:] = x[1, 4] = x[3, :2] = 0
    found = []
    for k in LIBRARIES:
        start = k.Input((5, 3))
        masked = k.layers.Identity()(k.layers.Masking()(start))
        other = k.layers.Masking()(k.layers.Rescaling(1.0)(start))
        merged = k.layers.Multiply()([masked, k.layers.Average()([masked, other])])
        model = k.Model(start, k.layers.Dense(2, "softmax", kernel_initializer="ones")(merged))
        model.compile(loss="sparse_categorical_crossentropy")
        found.append(model.evaluate(x, tags, verbose=0))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


@each("Dot((1, 2), normalize=True)", "Masking(3.0)", "Permute((2, 1))", "RepeatVector(2)")
def test_configs(code):
    ours, theirs = both(code)
    check_config(ours, theirs)
    again = type(ours).from_config(theirs.get_config())
    assert said(again.get_config()) == said(ours.get_config())


def test_layers_that_cannot_be():
    for code, told in (
        ("Dot('a')", "axes must be a whole number or two of them; got 'a'"),
        ("Dot(1.5)", "got 1.5"),
        ("Dot((1, 2, 3))", "got (1, 2, 3)"),
        ("Permute((1, 3))", "each of 1 to 2 once"),
        ("Permute((0, 1))", "each of 1 to 2 once"),
        ("RepeatVector(0)", "n must be a positive whole number"),
        ("RepeatVector(1.5)", "n must be a positive whole number"),
    ):
        with pytest.raises(kerasish.errors.ArgumentError) as caught:
            make(kerasish, code)
        assert told in str(caught.value)


def test_inputs_that_do_not_fit():
    for code, x, told in (
        ("Add()", X[0], "takes a list of tensors"),
        ("Subtract()", X, "takes a list of 2"),
        ("Dot(1)", X[:1], "takes a list of 2"),
        ("Multiply()", [X[0], X[0][..., :3]], "takes inputs of one shape"),
        ("Average()", [X[0], X[0][:1]], "the same batch"),
        ("Dot((1, 2))", X[:2], "differ in size: 3 and 4"),
        ("Dot(3)", X[:2], "has 1 to 2"),
        ("Dot(0)", X[:2], "0 being the batch"),
        ("Permute((2, 1))", draw((2, 3)), "3 dimensions"),
        ("RepeatVector(2)", X[0], "2 dimensions"),
    ):
        with pytest.raises(kerasish.errors.KerasishError) as caught:
            make(kerasish, code)(x)
        assert told in str(caught.value)
        assert isinstance(caught.value, ValueError)
