"""Time of our form of an operation compared with the plain one, in a loop and outside of it.

python -m benchmarks.kernels             # all rows
python -m benchmarks.kernels pool norm   # those with one of these words in their name

The figures are milliseconds, the median of a few rounds in which all forms take turns, and
the ratio is the median over the rounds of our time divided by the plain one's. `gradient` is
the derivative alone, and what it needs of the forward pass.

Measured with jax 0.10.2 on two cores of an AMD EPYC (Zen 5) that others used too, ours of
plain, in a loop and outside of it:

- gradient of a kernel, 3x3: 0.01 to 0.04 and 0.6 to 1.1; 1x1: 0.02 and 0.4
- gradient of a convolution's input, 3x3: 0.01 to 0.14 and 1.0; 1x1: 0.3 and 1.0
- 1x1 convolution: 0.8 and 0.7
- gradient of max pooling, 2x2: 0.08 and 0.08; 3x3 by steps of 2: 0.7 and 0.2
- gradient of batch normalization: 0.5 to 0.8 and 0.4 to 0.7
- max pooling and batch normalization forward: 0.9 to 1.1

An LSTM has no plain form here: it is compared with the matrix products that it cannot do
without, forward and backward, which bound how fast it can be: 1.3 to 1.4 times their time.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

# Not public, unlike all else that the benchmarks use: the layers stand before it.
import kerasish.kernels as kernels
from kerasish.layers import LSTM

ROUNDS = 9
# A turn of one form in a round.
SECONDS = 0.03
# If one call of a form takes longer than this, two rounds say enough.
SLOW_SECONDS = 0.3


class Row(NamedTuple):
    """Two forms of a function of arrays, and the shapes of its arguments."""

    name: str
    plain: Callable[..., Any]
    ours: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]


# Forms.

LAYOUT = ("NHWC", "HWIO", "NHWC")


def plain_convolution(x: Any, kernel: Any, stride: int) -> Any:
    return lax.conv_general_dilated(x, kernel, (stride,) * 2, "SAME", dimension_numbers=LAYOUT)


def our_convolution(x: Any, kernel: Any, stride: int) -> Any:
    return kernels.convolution(x, kernel, (stride,) * 2, "SAME", (1, 1), 1, LAYOUT)


def plain_pool(x: Any, window: Any, strides: Any) -> Any:
    return lax.reduce_window(x, -np.inf, lax.max, window, strides, "SAME")


def our_pool(x: Any, window: Any, strides: Any) -> Any:
    return kernels.max_pool(x, window, strides, "SAME")


def plain_norm(x: Any, gamma: Any, beta: Any) -> Any:
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    return (x - mean) * (lax.rsqrt(variance + 1e-3) * gamma) + beta


def our_norm(x: Any, gamma: Any, beta: Any) -> Any:
    return kernels.batch_normalization(x, gamma, beta, 3, 1e-3)[0]


def gradient(function: Callable[..., Any], *arguments: int) -> Callable[..., Any]:
    """Return `f(d, *arrays)`: the product of `d` with the derivative of a function of arrays."""

    def of(d: Any, *arrays: Any) -> Any:
        found = jax.vjp(function, *arrays)[1](d)
        return [found[i] for i in arguments]

    return of


# Rows. Another kernel joins by another function that yields some.


def convolution_rows() -> Any:
    for n, size, channels, filters, extent, stride in (
        (128, 28, 1, 32, 3, 1),
        (128, 13, 32, 64, 3, 1),
        (64, 32, 16, 16, 3, 1),
        (64, 32, 16, 32, 3, 2),
        (64, 16, 32, 32, 3, 1),
        (64, 8, 64, 64, 3, 1),
        (32, 16, 256, 64, 1, 1),
    ):
        x, kernel = (n, size, size, channels), (extent, extent, channels, filters)
        y = (n, -(-size // stride), -(-size // stride), filters)
        forms = [partial(f, stride=stride) for f in (plain_convolution, our_convolution)]
        name = f"conv {extent}x{extent}/{stride} {size}x{size}x{channels} to {filters}"
        if extent == 1:  # larger ones are the plain form
            yield Row(name, *forms, (x, kernel))
        for argument, what in enumerate(("input", "kernel")):
            if channels > 3 or what == "kernel":
                slopes = [gradient(f, argument) for f in forms]
                yield Row(f"{name}, gradient of {what}", *slopes, (y, x, kernel))


def pooling_rows() -> Any:
    for window, stride in ((2, 2), (3, 2)):
        axes = (1, window, window, 1), (1, stride, stride, 1)
        forms = [partial(f, window=axes[0], strides=axes[1]) for f in (plain_pool, our_pool)]
        name, shape = f"max pool {window}x{window}/{stride} 26x26x32", (128, 26, 26, 32)
        yield Row(name, *forms, (shape,))
        slopes = [gradient(f, 0) for f in forms]
        yield Row(f"{name}, gradient", *slopes, ((128, 13, 13, 32), shape))


def norm_rows() -> Any:
    for size, channels in ((32, 16), (16, 32), (8, 64)):
        shape, vector = (64, size, size, channels), (channels,)
        name = f"batch norm {size}x{size}x{channels}"
        yield Row(name, plain_norm, our_norm, (shape, vector, vector))
        slopes = [gradient(f, 0, 1, 2) for f in (plain_norm, our_norm)]
        yield Row(f"{name}, gradient", *slopes, (shape, shape, vector, vector))


def lstm_rows() -> Any:
    steps, batch, features, units = 100, 32, 32, 128
    layer = LSTM(units)
    layer._kerasish_ensure_built(jax.ShapeDtypeStruct((batch, steps, features), "float32"))

    def ours(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        params = {"kernel": kernel, "recurrent_kernel": recurrent, "bias": bias}
        return layer.apply({layer.cell.name: params}, {}, x)[0]

    def products(d: Any, x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        inputs = jnp.swapaxes(x, 0, 1) @ kernel + bias
        h, hs = lax.scan(lambda h, z: ((h @ recurrent + z)[:, :units], h), d, inputs)
        back = lambda dz, h: (jnp.tile(dz @ recurrent.T, 4), dz)
        _, dzs = lax.scan(back, jnp.tile(h, 4), hs, reverse=True)
        return jnp.einsum("tbu,tbz->uz", hs, dzs), jnp.einsum("btf,tbz->fz", x, dzs)

    shapes = (batch, steps, features), (features, 4 * units), (units, 4 * units), (4 * units,)
    name = f"lstm {units}, {steps} steps, beside its products alone"
    yield Row(name, products, gradient(ours, 1, 2), ((batch, units), *shapes))


def rows() -> list[Row]:
    return [*convolution_rows(), *pooling_rows(), *norm_rows(), *lstm_rows()]


# Measuring.


def outside(form: Callable[..., Any], arrays: list[Any]) -> Callable[[int], Any]:
    """Return a function that calls a form `count` times, one dispatch each."""
    program = jax.jit(form)
    return lambda count: [program(*arrays) for _ in range(count)]


def inside(form: Callable[..., Any], arrays: list[Any]) -> Callable[[int], Any]:
    """Return a function that calls a form `count` times, in a loop within one dispatch."""

    # Two arrays in turn for each argument: otherwise XLA would compute the result once.
    stacks = [jnp.stack([array, -array]) for array in arrays]

    @jax.jit
    def many(count: int, stacks: list[Any]) -> Any:
        like = jax.eval_shape(form, *arrays)
        empty = jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), like)
        body = lambda i, _: form(*(lax.dynamic_index_in_dim(a, i % 2, 0, False) for a in stacks))
        return lax.fori_loop(0, count, body, empty)

    return lambda count: many(count, stacks)


def paired(runs: list[Callable[[int], Any]]) -> tuple[list[float], float]:
    """Return the milliseconds of a call of each of two, and the ratio of the second."""
    seconds = []
    for run in runs:
        jax.block_until_ready(run(1))  # compiles
        seconds.append(_seconds(run, 1))
    counts = [max(1, int(SECONDS / each)) for each in seconds]
    rounds = [
        [1000 * _seconds(run, n) for run, n in zip(runs, counts, strict=True)]
        for _ in range(ROUNDS if max(seconds) < SLOW_SECONDS else 2)
    ]
    medians = [statistics.median(each) for each in zip(*rounds, strict=True)]
    return medians, statistics.median(ours / plain for plain, ours in rounds)


def _seconds(run: Callable[[int], Any], count: int) -> float:
    start = time.perf_counter()
    jax.block_until_ready(run(count))
    return (time.perf_counter() - start) / count


def measure(row: Row) -> str:
    """Return a line of the table."""
    rng = np.random.default_rng(0)
    arrays = [jnp.asarray(rng.standard_normal(shape, dtype="float32")) for shape in row.shapes]
    cells = []
    for place in (inside, outside):
        # The forms for the loop are measured outside of it too.
        with kernels.looping():
            (plain, ours), ratio = paired([place(form, arrays) for form in row[1:3]])
        cells.append(f"{plain:9.2f} {ours:7.2f} {ratio:6.2f}")
    return f"{row.name:45} {'  '.join(cells)}"


def main(words: list[str]) -> None:
    print(f"{'':45} {'in a loop':^24}  {'outside':^24}")
    print(f"{'':45} " + "  ".join([f"{'plain':>9} {'ours':>7} {'ratio':>6}"] * 2))
    for row in rows():
        if not words or any(word in row.name for word in words):
            print(measure(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
