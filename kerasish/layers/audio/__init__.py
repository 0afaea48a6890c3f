"""Audio layers: spectrograms."""

from kerasish.layers.audio.mel import MelSpectrogram
from kerasish.layers.audio.stft import STFTSpectrogram

__all__ = ["MelSpectrogram", "STFTSpectrogram"]
