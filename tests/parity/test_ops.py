"""Each function of `keras.ops`, on arrays and in a graph, here and in Keras."""

from __future__ import annotations

import ast
import importlib
import inspect
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish.core.graph.operation import operations
from tests import ops_stubs
from tests.parity.tools.oracle import close, draw, keras, kerasish

# What the cases below are about. Each has a batch of 2, unknown in a graph.
X, Y, V = draw((2, 3)), draw((2, 3), seed=1), draw((2, 5))
ARRAYS = {
    "x": X,
    "y": Y,
    "p": (np.abs(X) % 0.8 + 0.1).astype("float32"),  # from 0 to 1
    "v": V,
    "i": draw((2, 3), "int32"),
    "j": draw((2, 3), "int32", seed=1),
    "b": X > 0,
    "n": np.where(X > 1, np.nan, X).astype("float32"),
    "t": draw((2, 4, 3)),
    "s": draw((2, 12)),
    "m": (lambda a: a @ a.transpose(0, 2, 1) + 2 * np.eye(3, dtype="float32"))(draw((2, 3, 3))),
    "c": draw((2, 6, 6, 2)),
    "d": (np.abs(draw((2, 4, 5, 3))) % 1).astype("float32"),
    "f": draw((2, 3, 4)),
    "g": draw((2, 3, 4), seed=1),
    "l": draw((2, 6, 4)),
    "z": np.array([0, 2], "int32"),
    "w": np.array([3, 2], "int32"),
    "u": np.array([6, 4], "int32"),
    "o": draw((2, 8, 12)),
    "q": draw((2, 4, 2, 3)),
    "e": draw((2, 4, 4, 4, 1)),
    "l4": draw((2, 3, 2, 8)),
}
# What goes into a graph as it is.
CONSTANTS = {
    "k1": draw((2, 4, 5)),
    "k3": draw((3, 3, 2, 2)),
    "kp": draw((1, 1, 4, 3)),
    "kt": draw((3, 3, 3, 2)),
    "kt1": draw((3, 5, 4)),
    "a8": np.array([1, 0.2, 1, 0.1, 1, 0.5, 0, 0], "float32"),
    "mc": np.abs(draw((2, 7))),
    "before": np.array([[0, 0], [0, 4], [4, 0], [4, 4]], "float32"),
    "after": np.array([[0.5, 0], [1, 4], [4, 1], [3.5, 4]], "float32"),
    "jnp": jnp,
}

# On arrays and in a graph.
BOTH = """
abs(x); absolute(x); angle(x); arccos(p); arccosh(p + 1); arcsin(p); arcsinh(x); arctan(x)
arctanh(p); bitwise_invert(i); bitwise_not(i); cbrt(x); ceil(x); conj(x); conjugate(x); copy(x)
cos(x); cosh(x); deg2rad(x); exp(x); exp2(x); expm1(x); fabs(x); floor(x); i0(x); imag(x)
isfinite(n); isinf(n); isnan(n); isneginf(n); isposinf(n); isreal(x); log(p); log10(p); log1p(p)
log2(p); logical_not(b); negative(x); rad2deg(x); real(x); reciprocal(p); sign(x); signbit(x)
sin(x); sinc(x); sinh(x); sqrt(p); square(x); tan(x); tanh(x); trunc(x); rsqrt(p); erf(x); erfc(x)
erfinv(p)
add(x, y); arctan2(x, y); divide(x, p); divide_no_nan(x, i); equal(i, j); floor_divide(x, p)
fmax(x, n); fmin(x, n); fmod(x, p); gcd(i, j); greater(x, y); greater_equal(x, y); heaviside(x, y)
hypot(x, y); lcm(i, j); ldexp(x, i); less(x, y); less_equal(x, y); logaddexp(x, y)
logaddexp2(x, y); logical_and(b, i); logical_or(b, i); logical_xor(b, i); maximum(x, y)
minimum(x, y); mod(x, p); multiply(x, y); nextafter(x, y); not_equal(i, j); power(p, y)
subtract(x, y); true_divide(i, j + 1); bitwise_and(i, j); bitwise_left_shift(i, j)
bitwise_or(i, j); bitwise_right_shift(i, j); bitwise_xor(i, j); left_shift(i, j); right_shift(i, j)
clip(x, -0.5, 0.5); isclose(x, y, rtol=0.5); nan_to_num(n, nan=2.0); round(x, 1)
add(i, 1); add(1.5, i); multiply(x, x2=2); power(i, 2)
all(b, axis=1); amax(x, axis=1); amin(x, keepdims=True); any(b); argmax(x, axis=1)
argmin(x, axis=1, keepdims=True); mean(i, axis=1); median(x, axis=1); nanargmax(n, axis=0)
nanargmin(n, axis=0); nanmax(n, axis=1); nanmean(n, axis=1); nanmedian(n, axis=1)
nanmin(n, axis=1); nanprod(n, axis=1); nanstd(n, axis=1); nansum(n); nanvar(n, axis=1)
ptp(x, axis=1); std(i, axis=1); sum(b, axis=1); sum(x, axis=(0, 1), keepdims=True)
var(x, axis=0); max(x, axis=1, initial=0.5); min(x, axis=-1); cumprod(x, axis=1)
cumsum(x, axis=1); cumsum(i); nancumprod(n, axis=1); nancumsum(n, axis=1, dtype="float16")
quantile(x, 0.3, axis=1); quantile(x, [0.3, 0.5], axis=1, method="nearest")
percentile(x, 30, axis=1, keepdims=True); nanquantile(n, 0.3, axis=1); nanpercentile(n, 30, axis=1)
average(x, axis=1); average(x, axis=1, weights=p); count_nonzero(i, axis=1); diff(x)
prod(i, axis=1, dtype="float32"); trapezoid(x, dx=0.5); logsumexp(x, axis=1, keepdims=True)
fliplr(x); flipud(x); ravel(x); dstack([x, y]); hstack([x, y]); vstack([x, y]); hsplit(x, 3)
array_split(v, 3, axis=1); split(v, [1, 3], axis=-1); dsplit(f, 2); argsort(x); sort(x, axis=1)
flip(x, axis=1); squeeze(x[:, :1], axis=1); diag(m[0]); diagflat(x[0]); tril(m); triu(m, k=1)
diagonal(m, axis1=1, axis2=2); trace(m, offset=1, axis1=1, axis2=2); take(x, [0, 2], axis=1)
take(x, z, axis=-1); take_along_axis(x, i % 3, axis=1); append(x, y, axis=1)
argpartition(x, 1); broadcast_to(x[:, None], (2, 4, 3)); concatenate([x, y], axis=-1)
expand_dims(x, 1); expand_dims(x, axis=(1, 3)); meshgrid(x[0], y[1]); moveaxis(f, 1, 2)
pad(x, ((0, 0), (1, 2))); pad(x, 1, constant_values=2.0); pad(x, ((0, 0), (1, 1)), "reflect")
repeat(x, 2, axis=1); reshape(f, newshape=(-1, 12)); roll(x, 1, axis=1); rot90(f, axes=(1, 2))
searchsorted([0.0, 1.0], x[0]); select([x > 1, x > 0], [x, y], 3.0); stack([x, y], axis=1)
swapaxes(f, 1, 2); tile(x, (1, 2)); transpose(f, axes=(0, 2, 1)); where(b, x, y); where(b, x, 0)
unravel_index(i, (3, 4)); get_item(f, (Ellipsis, 0)); unstack(f, axis=1); vander(x[0], N=2)
array(x, dtype="float16"); ones_like(x); zeros_like(x, dtype="int32"); full_like(i, 2)
full_like(x, 2, dtype="int32"); linspace(x, y, num=3, axis=1); geomspace(p, p + 1, num=3)
logspace(x, y, num=3); empty_like(x) * 0
corrcoef(x); slogdet(m); dot(x, y[0]); inner(x, y); kron(x, y); matmul(f, t); outer(x, y)
vdot(x, y); correlate(x[0], y[0], mode="same"); cross(x, y); tensordot(f, t, axes=((1, 2), (2, 1)))
einsum("bij,bjk->bik", f, t); cdist(f, g); logdet(m); det(m); inv(m); cholesky(m)
cholesky(m, upper=True); cholesky_inverse(cholesky(m[0])); eigh(m)[0]; real(eig(m)[0])
lstsq(m[0], x[0])
lu_factor(m); matrix_rank(m); norm(x, axis=1); norm(m, ord="fro", axis=(1, 2)); norm(x); pinv(m)
qr(m)[1]; solve(m, f); solve(m[0], x[0]); solve_triangular(m, f, lower=True); svd(m)[1]
svd(m, compute_uv=False)
fft((x, y)); fft2((x, y)); ifft2((x, y)); rfft(v); rfft(v, fft_length=8); irfft((x, y))
extract_sequences(s, 4, 3); stft(s, 4, 2, 6); stft(s, 4, 2, 4, "hamming", False)
istft(stft(s, 4, 2, 6), 4, 2, 6); istft(stft(s, 4, 2, 4), 4, 2, 4, length=11)
cast(x, "int32"); cast(x, "bfloat16"); convert_to_tensor(x, dtype="float16")
saturate_cast(100 * x, "uint8")
stop_gradient(x); view_as_real(view_as_complex(f[..., :2])); view_as_real(polar(p, x))
view(x, dtype="int32")
slice(f, (0, 1, 1), (2, 2, 2)); slice_update(f, (0, 1, 1), t[:, :2, :2])
scatter(i[:, :1] % 2, v, (4, 5))
scatter_update(x, [[0, 1], [1, 2]], [5.0, 6.0]); scatter_update(x, [[0], [0]], y, reduction="add")
scatter_update(x, [[0, 1]], [5.0], reduction="max")
segment_sum(x, z, num_segments=4); segment_max(x, z, num_segments=4, sorted=True)
segment_min(x, z, num_segments=3); segment_prod(x, z, num_segments=3)
one_hot(i, 5); one_hot(i, 5, axis=1, dtype="int32"); multi_hot(i, 5); top_k(x, 2)
in_top_k(z, x, k=2)
bincount(z, minlength=4); unique(i, size=4, fill_value=9); histogram(x[0], bins=4, range=(0, 1))
isin(i, [0, 2])
isin(i, [0, 2], invert=True); digitize(x, [-1.0, 0.0, 1.0]); allclose(x, y)
hard_sigmoid(x); hard_silu(x); hard_swish(x); hard_tanh(x); log_sigmoid(x); relu(x); relu6(x)
selu(x)
sigmoid(x); silu(x); softplus(x); softsign(x); sparse_plus(x); sparse_sigmoid(x); swish(x)
tanh_shrink(x); glu(f); log_softmax(x); softmax(x); softmax(f, axis=(1, 2))
celu(x, alpha=2.0); elu(x); hard_shrink(x); soft_shrink(x, 0.2); gelu(x); gelu(x, approximate=False)
leaky_relu(x); squareplus(x); threshold(x, 0.3, 7.0)
conv(c, k3, strides=2)
conv(c, k3, padding="same", dilation_rate=2); conv(f, k1); depthwise_conv(c, k3, padding="same")
separable_conv(c, k3, kp); conv_transpose(c, kt, strides=2); conv_transpose(f, kt1, 2, "same")
conv_transpose(c, kt, strides=2, padding="same", output_padding=1)
max_pool(c, (2, 2), 2); max_pool(c, (3, 2), strides=2, padding="same")
average_pool(c, 3, 2, "same")
average_pool(f, 2, 2); adaptive_average_pool(c, 4); adaptive_max_pool(c, (4, 3))
unfold(c, 2, dilation=2, padding=1, stride=2); fold(o, (4, 5), 2)
moments(x, axes=[1]); moments(c, axes=(0, 1, 2), keepdims=True)
batch_normalization(f, mc[0, :4], mc[1, :4], axis=-1, scale=mc[1, :4])
batch_normalization(x, y[0], p[0], -1, offset=p[1]); layer_normalization(x)
layer_normalization(f, gamma=g[0, 0], beta=g[1, 1])
layer_normalization(f, axis=(1, 2), epsilon=0.1); rms_normalization(x)
rms_normalization(f, g[0, 0], -1, 0.1)
normalize(x); normalize(x, order=1, axis=0); normalize(i, axis=-1, order=3)
dot_product_attention(q, q + 1, q * 2); dot_product_attention(q, q, q, is_causal=True, scale=0.5)
depth_to_space(l4, 2); space_to_depth(c, 2); psnr(x, y, 2.0)
binary_crossentropy(p, p * 0.5); binary_crossentropy(p, x, from_logits=True)
categorical_crossentropy(p, p); categorical_crossentropy(p, x, from_logits=True)
sparse_categorical_crossentropy(z, p); sparse_categorical_crossentropy(z, x, from_logits=True)
ctc_loss(i % 3 + 1, l, w, u); ctc_decode(l, u); ctc_decode(l, u, merge_repeated=False, mask_index=3)
ctc_decode(l, u, strategy="beam_search", beam_width=20, top_paths=2)
associative_scan(jnp.add, x, axis=1)
image.affine_transform(d[0], a8)
image.affine_transform(d[1], a8, "nearest", "reflect")
image.crop_images(d, 1, 1, 1, target_width=2)
image.pad_images(d, 1, target_height=8, left_padding=2, right_padding=0)
image.extract_patches(d, 2); image.extract_patches(d, (2, 3), 1, padding="same")
image.extract_patches_3d(e, 2)
image.hsv_to_rgb(d); image.rgb_to_hsv(d); image.rgb_to_grayscale(d)
image.map_coordinates(m[0], mc, 1, "nearest")
image.perspective_transform(d[0], before, after)
image.perspective_transform(d[0], before, after, "nearest", 7.0)
image.resize(d, (6, 4)); image.resize(d, (3, 2), "bicubic", antialias=True)
image.resize(d, (4, 4), "nearest")
image.resize(d, (3, 3), crop_to_aspect_ratio=True)
image.resize(c, (3, 6), pad_to_aspect_ratio=True, fill_value=2.0)
image.scale_and_translate(d, (2, 6, 6, 3), [1.2, 1.5], [0.5, 0.0], (1, 2), "linear")
image.sobel_edges(d); image.ssim(d, d[:, ::-1], filter_size=3)
"""


# Without a tensor of a graph.
ALONE = """
arange(3); arange(1, 2.5, 0.5); arange(3, dtype="int8"); bartlett(5); blackman(5); hamming(5)
hanning(5)
kaiser(5, 2.0); empty((2,)) * 0; ones((2, 3)); zeros(3, dtype="int32"); eye(3, 4, k=1); identity(2)
tri(3, k=-1); full((2,), 7); full((2,), 0.5, dtype="float16"); linspace(0, 1, num=3, retstep=True)
nonzero(i); unique(i, return_counts=True); where(b); add([1, 2], [0.5, 0.5]); sum([1, 2, 3])
sqrt(4)
concatenate([[1, 2], [3]]); shape(x); size(x); ndim(f); dtype(i); convert_to_numpy(x); is_tensor(x)
cond(True, lambda: x, lambda: -x); fori_loop(0, 3, lambda n, v: v * 2, x); map(lambda r: r * 2, x)
scan(lambda c, r: (c + r.sum(), c), 0.0, x); switch(1, [lambda r: r, lambda r: -r], x)
while_loop(lambda n, v: n < 3, lambda n, v: (n + 1, v * 2), (0, x))
while_loop(lambda n: n < 9, lambda n: n + 2, 0, maximum_iterations=2)
vectorized_map(lambda r: r.sum(), x)
jvp(lambda r: r * r, (x,), (y,)); vectorize(lambda a, b: a + b)(x, y)
custom_gradient(lambda r: (r, None))(x)
rearrange(convert_to_tensor(f), "b (h p) w -> b h (p w)", p=3); multi_hot(z, 5)
saturate_cast(300 * i, "int8")
mean(b); std(i); var(cast(x, "float16")); prod(cast(i, "int8")); sum(cast(i, "uint8"))
sum(cast(x, "bfloat16"))
exp(i); true_divide(i, 2); add(cast(x, "bfloat16"), 1.5); power(2, x); maximum(i, 0.5); median(i)
image.gaussian_blur(c.transpose(0, 3, 1, 2), (3, 3), (0.7, 0.7), data_format="channels_first")
image.resize((100 * d).astype("uint8"), (3, 7))
"""

RANDOM = """
normal((2, 3), 1.0, 2.0, seed=3); truncated_normal((3,), 1.0, 2.0, seed=3)
uniform((3,), 1, 5, seed=3)
uniform((3,), dtype="float16", seed=3); randint((5,), 0, 100, seed=3); categorical(x, 4, seed=3)
gamma((3,), 2.0, seed=3); beta((3,), 2.0, 3.0, seed=3); binomial((3,), 10, 0.3, seed=3)
dropout(x, 0.5, seed=3); dropout(x, 0.5, noise_shape=(2, 1), seed=3); shuffle(x, axis=1, seed=3)
normal((2,), seed=SeedGenerator(4)); normal((2,), dtype="bfloat16", seed=1)
"""

# What cannot be done without knowing the size of the batch, or the numbers.
UNKNOWN = ("bincount", "broadcast_to", "empty_like", "scatter_update(x, [[0], [0]]", "slice(f")
# Where Keras's graph refuses, or has another shape or dtype than what comes out of its function.
OTHERWISE = """
adaptive batch_normalization(x corrcoef digitize real(eig fft2 ifft2 image.scale_and_translate
lu_factor multi_hot polar searchsorted slogdet tensordot view_as_real
"""


def evaluate(library, case, arrays):
    return eval(case, {**vars(library.ops), **CONSTANTS, **arrays})


def inputs(library):
    return {
        name: library.Input(batch_shape=(None, *array.shape[1:]), dtype=array.dtype.name, name=name)
        for name, array in ARRAYS.items()
    }


def forms_of(tensors):
    return [(tuple(t.shape), np.dtype(t.dtype).name) for t in jax.tree.leaves(tensors)]


def parameters(function):
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def check_stub(case, result):
    """Check that a function returns what the stub says."""
    call = ast.parse(case, mode="eval").body
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute):
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        said = ops_stubs.RETURNS.get(name, "Array").split("[")[0]
        kinds = {"Array": jax.Array, "bool": bool, "int": int, "list": list, "str": str}
        kinds |= {"tuple": tuple, "np.ndarray": np.ndarray, "Any": object}
        assert isinstance(result, kinds[said]), (case, type(result), said)


def test_the_stubs_are_those_of_the_functions():
    for path, text in ops_stubs.files().items():
        assert path.read_text() == text, "run `python -m tests.ops_stubs`"


@pytest.mark.parametrize("part", ["", "numpy", "nn", "linalg", "image"])
def test_names_and_parameters(part):
    ours, theirs = (getattr(k.ops, part) if part else k.ops for k in (kerasish, keras))
    names = {name for name in dir(theirs) if not name.startswith("_")}
    assert set(ours.__all__) == names
    for name in names:
        if not isinstance(getattr(theirs, name), types.ModuleType):
            assert parameters(getattr(ours, name)) == parameters(getattr(theirs, name)), name
            assert getattr(ours, name).__doc__


def test_random_parameters():
    for name in set(dir(kerasish.random)) & {n for n in dir(keras.random) if n[0] != "_"}:
        ours, theirs = getattr(kerasish.random, name), getattr(keras.random, name)
        assert parameters(ours) == parameters(theirs), name


def test_files_name_operations_as_keras_does():
    # These begin from nothing but numbers; Keras has no place for them in a graph.
    alone = ("bartlett", "blackman", "empty", "eye", "hamming", "hanning", "identity", "kaiser")
    for name, each in operations.items():
        if name not in (*alone, "ones", "tri", "zeros"):
            module = importlib.import_module(f"keras.src.ops.{each.module}")
            cls = getattr(module, each.kind)
            known = set(parameter[0] for parameter in parameters(cls.__init__)) - {
                "self",
                "name",
                "kwargs",
            }
            assert set(each.settings) | {"rms_scaling"} == known | {"rms_scaling"}, name


@pytest.mark.parametrize("line", ALONE.strip().splitlines())
def test_on_arrays(line):
    for case in line.split("; "):
        ours, theirs = (evaluate(library, case, ARRAYS) for library in (kerasish, keras))
        check_stub(case, ours)
        if isinstance(theirs, (bool, str, int, tuple)) and not hasattr(
            jax.tree.leaves(theirs)[0], "shape"
        ):
            assert ours == theirs, case
        else:
            close(ours, theirs, 1e-5, case)


@pytest.mark.parametrize("line", RANDOM.strip().splitlines())
def test_random_numbers(line):
    for case in line.split("; "):
        ours, theirs = (eval(case, {**vars(k.random), **ARRAYS}) for k in (kerasish, keras))
        close(ours, theirs, 1e-6, case)


@pytest.mark.parametrize("line", BOTH.strip().splitlines())
def test_on_arrays_and_in_a_graph(line):
    mine, other = inputs(kerasish), inputs(keras)
    outputs, expected = {}, {}
    for case in line.split("; "):
        theirs = evaluate(keras, case, ARRAYS)
        expected[case] = evaluate(kerasish, case, ARRAYS)
        check_stub(case, expected[case])
        close(expected[case], theirs, 1e-5, case)
        if case.startswith(UNKNOWN):
            continue
        outputs[case] = evaluate(kerasish, case, mine)
        if not case.startswith(tuple(OTHERWISE.split())):
            forms = [forms_of(outputs[case]), forms_of(evaluate(keras, case, other))]
            assert forms[0] == forms[1], case
    model = kerasish.Model(mine, outputs)
    given = model(ARRAYS)
    for case in outputs:
        close(given[case], expected[case], 1e-6, case)


# Files


def chain(k):
    x = k.Input((3, 4), name="x")
    y = k.ops.reshape(1 - x[:, None, 0] / 2, (-1, 4))
    return x, k.layers.Dense(2)(k.ops.where(y > 0, y, 0.0))[..., ::-1]


def branches(k):
    x, y = k.Input((3, 4), name="x"), k.Input((3, 4), name="y")
    first, second = k.ops.split(x * 2 + y, 2, axis=-1)
    third = k.ops.unstack(y, axis=1)[2]
    turned = k.ops.concatenate([second, first], axis=-1)
    outputs = [
        k.ops.matmul(turned, k.ops.transpose(x, axes=(0, 2, 1))),
        k.ops.add(x1=np.arange(4, dtype="float32"), x2=third),
        k.ops.top_k(third, 2)[1],
        k.ops.layer_normalization(y, beta=jnp.ones(4)),
        k.ops.einsum("abc,abd->acd", x, y),
        abs(-x) ** 2 // 0.5 + 2**y % 3,
        k.ops.cast(~((x > 0) & (y != 0)) | (x < y), "int32"),
        k.ops.pad(x, ((0, 0), (1, 1), (0, 0))),
        k.ops.max(k.ops.stack([x, y], axis=1), axis=(1, 2)),
        k.layers.Add()([third, k.ops.clip(third, 0.0, 1.0)]),
    ]
    return [x, y], outputs


def masked(k):
    x = k.Input((3, 4), name="x")
    steps = k.ops.any(x > 0.5, axis=-1)
    return x, k.layers.LSTM(2)(x, mask=steps)


@pytest.mark.parametrize("graph", [chain, branches, masked])
def test_files_go_both_ways(graph, tmp_path):
    ours, theirs = (k.Model(*graph(k)) for k in (kerasish, keras))
    x = [draw((2, 3, 4), seed=n) for n in range(len(ours.inputs))]
    x = x if len(x) > 1 else x[0]
    ours.set_weights(theirs.get_weights())
    expected = theirs(x)
    close(ours(x), expected, 1e-5)
    assert [type(each).__name__ for each in theirs.operations] == [
        getattr(each, "kind", type(each).__name__) for each in ours.operations
    ]
    assert [layer.name for layer in ours.layers] == [
        layer.name.rsplit("_", 1)[0] if layer.name[-1].isdigit() else layer.name
        for layer in theirs.layers
    ]
    theirs.save(tmp_path / "theirs.keras")
    close(kerasish.saving.load_model(tmp_path / "theirs.keras")(x), expected, 1e-5)
    ours.save(tmp_path / "ours.keras")
    close(keras.saving.load_model(tmp_path / "ours.keras")(x), expected, 1e-5)
    close(kerasish.saving.load_model(tmp_path / "ours.keras")(x), expected, 1e-5)
    copy = kerasish.Model.from_config(ours.get_config())
    copy.set_weights(ours.get_weights())
    close(copy(x), expected, 1e-5)
    assert [each.name for each in copy.operations] == [each.name for each in ours.operations]
