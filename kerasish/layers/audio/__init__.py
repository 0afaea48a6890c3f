"""Layers that turn sound into pictures of its frequencies."""

from kerasish.layers.audio.mel import MelSpectrogram
from kerasish.layers.audio.stft import STFTSpectrogram

__all__ = ["MelSpectrogram", "STFTSpectrogram"]
