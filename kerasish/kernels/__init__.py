"""Forms of an operation that are faster than the plain one on some device.

Each gives the same numbers as the plain form, which the tests hold it to.
"""

from kerasish.kernels.attention import attention, fits_flash
from kerasish.kernels.convolution import convolution
from kerasish.kernels.depthwise import depthwise_convolution
from kerasish.kernels.normalization import batch_normalization
from kerasish.kernels.pooling import max_pool
from kerasish.kernels.recurrence import recurrence
from kerasish.kernels.trace_context import elsewhere, inside_loop, looping

__all__ = [
    "attention",
    "batch_normalization",
    "convolution",
    "depthwise_convolution",
    "elsewhere",
    "fits_flash",
    "inside_loop",
    "looping",
    "max_pool",
    "recurrence",
]
