"""Where weights start, by Keras's names."""

from kerasish.core.types import Config, InitializerLike
from kerasish.initializers.base import Initializer, initializers
from kerasish.initializers.constant import Constant, Identity, Ones, Zeros
from kerasish.initializers.constant import Constant as constant
from kerasish.initializers.constant import Identity as IdentityInitializer
from kerasish.initializers.constant import Identity as identity
from kerasish.initializers.constant import Ones as ones
from kerasish.initializers.constant import Zeros as zeros
from kerasish.initializers.random import Orthogonal, RandomNormal, RandomUniform, TruncatedNormal
from kerasish.initializers.random import Orthogonal as OrthogonalInitializer
from kerasish.initializers.random import Orthogonal as orthogonal
from kerasish.initializers.random import RandomNormal as random_normal
from kerasish.initializers.random import RandomUniform as random_uniform
from kerasish.initializers.random import TruncatedNormal as truncated_normal
from kerasish.initializers.scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from kerasish.initializers.scaling import GlorotNormal as glorot_normal
from kerasish.initializers.scaling import GlorotUniform as glorot_uniform
from kerasish.initializers.scaling import HeNormal as he_normal
from kerasish.initializers.scaling import HeUniform as he_uniform
from kerasish.initializers.scaling import LecunNormal as lecun_normal
from kerasish.initializers.scaling import LecunUniform as lecun_uniform
from kerasish.initializers.scaling import VarianceScaling as variance_scaling
from kerasish.initializers.stft import STFT
from kerasish.initializers.stft import STFT as STFTInitializer
from kerasish.initializers.stft import STFT as stft

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

get = initializers.get
deserialize = initializers.deserialize


def serialize(initializer: InitializerLike) -> Config | str:
    """Return the JSON-ready description of an initializer, in Keras's form.

    Args:
        initializer: an instance or a function.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    result: Config | str = initializers.serialize(initializer)
    return result
