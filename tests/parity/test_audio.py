"""Layers for sound equal Keras's."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from kerasish.errors import ArgumentError

from .tools.oracle import both, check_layer, close, draw, kerasish, make, said


def each(*codes):
    return pytest.mark.parametrize("code", codes)


SOUND = (2, 20, 3)


@each(
    "STFTSpectrogram('log', 8)",
    "STFTSpectrogram('magnitude', frame_length=6, frame_step=2, padding='same')",
    "STFTSpectrogram('psd', 8, 3, 16, scaling=None, expand_dims=True)",
    "STFTSpectrogram('real', 8, window=None, scaling='spectrum')",
    "STFTSpectrogram('imag', 3, 2, 8, periodic=True, data_format='channels_first')",
    "STFTSpectrogram('angle', 8, window='hamming', trainable=False)",
    "STFTSpectrogram('stft', 8, window=[1., 2., 3., 4., 4., 3., 2., 1.], expand_dims=True)",
    "STFTSpectrogram('stft', 8, data_format='channels_first', expand_dims=True, padding='same')",
    "STFTSpectrogram('stft', 8, 4)",
)
def test_stft_spectrogram(code):
    check_layer(code, draw(SOUND), 1e-4)


@each(
    "STFTSpectrogram('real', 8)",
    "STFTSpectrogram('imag', 8, window='hamming', scaling='spectrum')",
)
def test_kernels_start_as_in_keras(code):
    for layer in (layers := both(code)):
        layer.build(SOUND)
    close(*([v.numpy() for v in layer.weights] for layer in layers))


SETTINGS = "fft_length=64, sequence_stride=20, sampling_rate=1600, num_mel_bins=6"


@each(
    f"MelSpectrogram({SETTINGS})",
    f"MelSpectrogram({SETTINGS}, sequence_length=40, window='hamming')",
    f"MelSpectrogram({SETTINGS}, power_to_db=False, mag_exp=1.0, window=None)",
    f"MelSpectrogram({SETTINGS}, min_freq=100.0, max_freq=700, ref_power=3.0, min_power=0.01)",
    "MelSpectrogram(63, 16, sampling_rate=1600, num_mel_bins=5)",
)
@pytest.mark.parametrize("shape", [(1, 300), (20,)], ids=str)
def test_mel_spectrogram(code, shape):
    x = draw(shape)
    ours, theirs = both(code)
    found, expected = jax.jit(lambda x: (ours(x), theirs(x)))(x)
    close(found, expected, 1e-4)
    if len(shape) > 1:
        assert ours.compute_output_shape(shape) == tuple(theirs.compute_output_shape(shape))
        mine, other = ours.get_config(), theirs.get_config()
        assert said(mine) == said(other)
        assert said(type(theirs).from_config(mine).get_config()) == said(other)


def test_what_is_too_silent_goes_by_the_loudest_of_its_own_sample():
    ours, theirs = both(f"MelSpectrogram({SETTINGS}, top_db=5.0)")
    loud = draw((1, 300))
    batch = np.concatenate([loud, loud / 100])
    # In Keras one loud sample in a batch cuts off all the others.
    expected = np.concatenate([theirs(loud), theirs(loud / 100)])
    close(ours(batch), expected, 1e-4)


def test_sizes_that_are_not_known_yet():
    layer = make(kerasish, f"MelSpectrogram({SETTINGS})")
    assert layer(kerasish.Input((None,))).shape == (None, 6, None)
    layer = make(kerasish, "STFTSpectrogram(frame_length=8, padding='same')")
    assert layer(kerasish.Input((None, 2))).shape == (None, None, 10)


def test_sixteen_bits():
    for code, x in (
        ("STFTSpectrogram('magnitude', 8, dtype='mixed_bfloat16')", draw(SOUND)),
        (f"MelSpectrogram({SETTINGS}, dtype='mixed_bfloat16')", draw((2, 100))),
    ):
        layer, full = (
            make(kerasish, code),
            make(kerasish, code.replace("mixed_bfloat16", "float32")),
        )
        found = layer(x)
        assert found.dtype == jax.numpy.bfloat16
        close(np.asarray(found, "float32"), full(x), 5e-2)


def test_silence_has_a_gradient():
    layer = make(kerasish, "STFTSpectrogram('angle', 8)")
    x = np.zeros((1, 8, 1), "float32")
    layer.build(x.shape)
    slope = jax.grad(lambda x: layer.apply(layer.params, {}, x)[0].sum())(x)
    assert np.all(np.isfinite(slope))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("STFTSpectrogram('x')", "mode must be 'log'"),
        ("STFTSpectrogram(frame_length=0)", "frame_length"),
        ("STFTSpectrogram(frame_length=8, frame_step=9)", "at most frame_length, 8; got 9"),
        ("STFTSpectrogram(frame_length=8, fft_length=4)", "at least frame_length, 8; got 4"),
        ("STFTSpectrogram(window='x')", "no window 'x'"),
        ("STFTSpectrogram(frame_length=8, window=np.ones(3))", "it has 3"),
        ("STFTSpectrogram(scaling='x')", "scaling"),
        ("STFTSpectrogram(padding='x')", "padding"),
        ("MelSpectrogram(window='x')", "'hamming'"),
        ("MelSpectrogram(window=np.ones(3))", "2048 numbers"),
        ("MelSpectrogram(sequence_length=4096)", "at most fft_length, 2048; got 4096"),
        ("MelSpectrogram(num_mel_bins=0)", "num_mel_bins"),
    ],
)
def test_what_cannot_be_is_refused(code, says):
    with pytest.raises(ArgumentError, match=says):
        make(kerasish, code)
