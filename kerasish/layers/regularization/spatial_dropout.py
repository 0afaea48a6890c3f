"""Spatial dropout: sets whole channels to zero."""

from __future__ import annotations

from typing import Any, ClassVar

from kerasish.core.input_spec import InputSpec
from kerasish.core.types import Array, Config, DTypeLike
from kerasish.layers._shared import register, standardize_data_format
from kerasish.layers.regularization._noise import Noise, standardize_rate

__all__ = ["SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"]


class _SpatialDropout(Noise):
    """Drops or keeps a channel in all places at once."""

    rank: ClassVar[int]

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, name=name, dtype=dtype, **kwargs)
        self.rate = standardize_rate(rate, type(self).__name__)
        self.data_format, self._channels = standardize_data_format(data_format, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def perturb(self, x: Array) -> Array:
        shape = tuple(n if i in (0, self._channels) else 1 for i, n in enumerate(x.shape))
        return self.drop(x, self.rate, shape)

    def get_config(self) -> Config:
        config = super().get_config()
        del config["trainable"]  # Keras does not take it
        return config


@register()
class SpatialDropout1D(_SpatialDropout):
    """Sets random channels of sequences to zero in training (Tompson et al., 2015).

    A channel is dropped in all steps of a sample or in none, because
    neighbouring steps tend to say the same.

    Shapes: `(batch, steps, channels)`, unchanged.

    Args:
        rate: fraction of the channels that is set to zero, from 0 to 1.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        name: name of the layer.
        dtype: dtype or dtype policy of the layer.
        **kwargs: `trainable`.

    Raises:
        ArgumentError: if `rate` is not from 0 to 1.

    Examples:
        >>> import numpy as np
        >>> y = SpatialDropout1D(0.5)(np.ones((2, 5, 3), "float32"), training=True)
        >>> bool((y == y[:, :1]).all())  # the same in all steps
        True
    """

    rank = 1

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, None, seed, name, dtype, **kwargs)

    def get_config(self) -> Config:
        config = super().get_config()
        del config["data_format"]  # there is but one
        return config


@register()
class SpatialDropout2D(_SpatialDropout):
    """Sets random channels of images to zero in training (Tompson et al., 2015).

    A channel is dropped in all places of a sample or in none, because
    neighbouring places tend to say the same.

    Shapes: `(batch, height, width, channels)`, unchanged, or with the channels first.

    Args:
        rate: fraction of the channels that is set to zero, from 0 to 1.
        data_format: `"channels_last"` (the default) or `"channels_first"`.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        name: name of the layer.
        dtype: dtype or dtype policy of the layer.
        **kwargs: `trainable`.

    Raises:
        ArgumentError: if `rate` is not from 0 to 1, or the format is unknown.

    Examples:
        >>> import numpy as np
        >>> y = SpatialDropout2D(0.5)(np.ones((2, 4, 4, 3), "float32"), training=True)
        >>> bool((y == y[:, :1, :1]).all())  # the same in all places
        True
    """

    rank = 2


@register()
class SpatialDropout3D(_SpatialDropout):
    """Sets random channels of volumes to zero in training (Tompson et al., 2015).

    A channel is dropped in all places of a sample or in none, because
    neighbouring places tend to say the same.

    Shapes: `(batch, depth, height, width, channels)`, unchanged, or with the channels first.

    Args:
        rate: fraction of the channels that is set to zero, from 0 to 1.
        data_format: `"channels_last"` (the default) or `"channels_first"`.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        name: name of the layer.
        dtype: dtype or dtype policy of the layer.
        **kwargs: `trainable`.

    Raises:
        ArgumentError: if `rate` is not from 0 to 1, or the format is unknown.

    Examples:
        >>> import numpy as np
        >>> y = SpatialDropout3D(0.5)(np.ones((2, 4, 4, 4, 3), "float32"), training=True)
        >>> bool((y == y[:, :1, :1, :1]).all())  # the same in all places
        True
    """

    rank = 3
