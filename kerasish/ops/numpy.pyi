"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]
from kerasish.ops import abs as abs
from kerasish.ops import absolute as absolute
from kerasish.ops import add as add
from kerasish.ops import all as all
from kerasish.ops import allclose as allclose
from kerasish.ops import amax as amax
from kerasish.ops import amin as amin
from kerasish.ops import angle as angle
from kerasish.ops import any as any
from kerasish.ops import append as append
from kerasish.ops import arange as arange
from kerasish.ops import arccos as arccos
from kerasish.ops import arccosh as arccosh
from kerasish.ops import arcsin as arcsin
from kerasish.ops import arcsinh as arcsinh
from kerasish.ops import arctan as arctan
from kerasish.ops import arctan2 as arctan2
from kerasish.ops import arctanh as arctanh
from kerasish.ops import argmax as argmax
from kerasish.ops import argmin as argmin
from kerasish.ops import argpartition as argpartition
from kerasish.ops import argsort as argsort
from kerasish.ops import array as array
from kerasish.ops import array_split as array_split
from kerasish.ops import average as average
from kerasish.ops import bartlett as bartlett
from kerasish.ops import bincount as bincount
from kerasish.ops import bitwise_and as bitwise_and
from kerasish.ops import bitwise_invert as bitwise_invert
from kerasish.ops import bitwise_left_shift as bitwise_left_shift
from kerasish.ops import bitwise_not as bitwise_not
from kerasish.ops import bitwise_or as bitwise_or
from kerasish.ops import bitwise_right_shift as bitwise_right_shift
from kerasish.ops import bitwise_xor as bitwise_xor
from kerasish.ops import blackman as blackman
from kerasish.ops import broadcast_to as broadcast_to
from kerasish.ops import cbrt as cbrt
from kerasish.ops import ceil as ceil
from kerasish.ops import clip as clip
from kerasish.ops import concatenate as concatenate
from kerasish.ops import conj as conj
from kerasish.ops import conjugate as conjugate
from kerasish.ops import copy as copy
from kerasish.ops import corrcoef as corrcoef
from kerasish.ops import correlate as correlate
from kerasish.ops import cos as cos
from kerasish.ops import cosh as cosh
from kerasish.ops import count_nonzero as count_nonzero
from kerasish.ops import cross as cross
from kerasish.ops import cumprod as cumprod
from kerasish.ops import cumsum as cumsum
from kerasish.ops import deg2rad as deg2rad
from kerasish.ops import diag as diag
from kerasish.ops import diagflat as diagflat
from kerasish.ops import diagonal as diagonal
from kerasish.ops import diff as diff
from kerasish.ops import digitize as digitize
from kerasish.ops import divide as divide
from kerasish.ops import divide_no_nan as divide_no_nan
from kerasish.ops import dot as dot
from kerasish.ops import dsplit as dsplit
from kerasish.ops import dstack as dstack
from kerasish.ops import einsum as einsum
from kerasish.ops import empty as empty
from kerasish.ops import empty_like as empty_like
from kerasish.ops import equal as equal
from kerasish.ops import exp as exp
from kerasish.ops import exp2 as exp2
from kerasish.ops import expand_dims as expand_dims
from kerasish.ops import expm1 as expm1
from kerasish.ops import eye as eye
from kerasish.ops import fabs as fabs
from kerasish.ops import flip as flip
from kerasish.ops import fliplr as fliplr
from kerasish.ops import flipud as flipud
from kerasish.ops import floor as floor
from kerasish.ops import floor_divide as floor_divide
from kerasish.ops import fmax as fmax
from kerasish.ops import fmin as fmin
from kerasish.ops import fmod as fmod
from kerasish.ops import full as full
from kerasish.ops import full_like as full_like
from kerasish.ops import gcd as gcd
from kerasish.ops import geomspace as geomspace
from kerasish.ops import get_item as get_item
from kerasish.ops import greater as greater
from kerasish.ops import greater_equal as greater_equal
from kerasish.ops import hamming as hamming
from kerasish.ops import hanning as hanning
from kerasish.ops import heaviside as heaviside
from kerasish.ops import histogram as histogram
from kerasish.ops import hsplit as hsplit
from kerasish.ops import hstack as hstack
from kerasish.ops import hypot as hypot
from kerasish.ops import i0 as i0
from kerasish.ops import identity as identity
from kerasish.ops import imag as imag
from kerasish.ops import inner as inner
from kerasish.ops import isclose as isclose
from kerasish.ops import isfinite as isfinite
from kerasish.ops import isin as isin
from kerasish.ops import isinf as isinf
from kerasish.ops import isnan as isnan
from kerasish.ops import isneginf as isneginf
from kerasish.ops import isposinf as isposinf
from kerasish.ops import isreal as isreal
from kerasish.ops import kaiser as kaiser
from kerasish.ops import kron as kron
from kerasish.ops import lcm as lcm
from kerasish.ops import ldexp as ldexp
from kerasish.ops import left_shift as left_shift
from kerasish.ops import less as less
from kerasish.ops import less_equal as less_equal
from kerasish.ops import linspace as linspace
from kerasish.ops import log as log
from kerasish.ops import log10 as log10
from kerasish.ops import log1p as log1p
from kerasish.ops import log2 as log2
from kerasish.ops import logaddexp as logaddexp
from kerasish.ops import logaddexp2 as logaddexp2
from kerasish.ops import logical_and as logical_and
from kerasish.ops import logical_not as logical_not
from kerasish.ops import logical_or as logical_or
from kerasish.ops import logical_xor as logical_xor
from kerasish.ops import logspace as logspace
from kerasish.ops import matmul as matmul
from kerasish.ops import max as max
from kerasish.ops import maximum as maximum
from kerasish.ops import mean as mean
from kerasish.ops import median as median
from kerasish.ops import meshgrid as meshgrid
from kerasish.ops import min as min
from kerasish.ops import minimum as minimum
from kerasish.ops import mod as mod
from kerasish.ops import moveaxis as moveaxis
from kerasish.ops import multiply as multiply
from kerasish.ops import nan_to_num as nan_to_num
from kerasish.ops import nanargmax as nanargmax
from kerasish.ops import nanargmin as nanargmin
from kerasish.ops import nancumprod as nancumprod
from kerasish.ops import nancumsum as nancumsum
from kerasish.ops import nanmax as nanmax
from kerasish.ops import nanmean as nanmean
from kerasish.ops import nanmedian as nanmedian
from kerasish.ops import nanmin as nanmin
from kerasish.ops import nanpercentile as nanpercentile
from kerasish.ops import nanprod as nanprod
from kerasish.ops import nanquantile as nanquantile
from kerasish.ops import nanstd as nanstd
from kerasish.ops import nansum as nansum
from kerasish.ops import nanvar as nanvar
from kerasish.ops import ndim as ndim
from kerasish.ops import negative as negative
from kerasish.ops import nextafter as nextafter
from kerasish.ops import nonzero as nonzero
from kerasish.ops import not_equal as not_equal
from kerasish.ops import ones as ones
from kerasish.ops import ones_like as ones_like
from kerasish.ops import outer as outer
from kerasish.ops import pad as pad
from kerasish.ops import percentile as percentile
from kerasish.ops import power as power
from kerasish.ops import prod as prod
from kerasish.ops import ptp as ptp
from kerasish.ops import quantile as quantile
from kerasish.ops import rad2deg as rad2deg
from kerasish.ops import ravel as ravel
from kerasish.ops import real as real
from kerasish.ops import reciprocal as reciprocal
from kerasish.ops import repeat as repeat
from kerasish.ops import reshape as reshape
from kerasish.ops import right_shift as right_shift
from kerasish.ops import roll as roll
from kerasish.ops import rot90 as rot90
from kerasish.ops import round as round
from kerasish.ops import searchsorted as searchsorted
from kerasish.ops import select as select
from kerasish.ops import sign as sign
from kerasish.ops import signbit as signbit
from kerasish.ops import sin as sin
from kerasish.ops import sinc as sinc
from kerasish.ops import sinh as sinh
from kerasish.ops import size as size
from kerasish.ops import slogdet as slogdet
from kerasish.ops import sort as sort
from kerasish.ops import split as split
from kerasish.ops import sqrt as sqrt
from kerasish.ops import square as square
from kerasish.ops import squeeze as squeeze
from kerasish.ops import stack as stack
from kerasish.ops import std as std
from kerasish.ops import subtract as subtract
from kerasish.ops import sum as sum
from kerasish.ops import swapaxes as swapaxes
from kerasish.ops import take as take
from kerasish.ops import take_along_axis as take_along_axis
from kerasish.ops import tan as tan
from kerasish.ops import tanh as tanh
from kerasish.ops import tensordot as tensordot
from kerasish.ops import tile as tile
from kerasish.ops import trace as trace
from kerasish.ops import transpose as transpose
from kerasish.ops import trapezoid as trapezoid
from kerasish.ops import tri as tri
from kerasish.ops import tril as tril
from kerasish.ops import triu as triu
from kerasish.ops import true_divide as true_divide
from kerasish.ops import trunc as trunc
from kerasish.ops import unique as unique
from kerasish.ops import unravel_index as unravel_index
from kerasish.ops import vander as vander
from kerasish.ops import var as var
from kerasish.ops import vdot as vdot
from kerasish.ops import vectorize as vectorize
from kerasish.ops import view as view
from kerasish.ops import vsplit as vsplit
from kerasish.ops import vstack as vstack
from kerasish.ops import where as where
from kerasish.ops import zeros as zeros
from kerasish.ops import zeros_like as zeros_like
__all__: list[str] = [
    "abs",
    "absolute",
    "add",
    "all",
    "allclose",
    "amax",
    "amin",
    "angle",
    "any",
    "append",
    "arange",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "array",
    "array_split",
    "average",
    "bartlett",
    "bincount",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "blackman",
    "broadcast_to",
    "cbrt",
    "ceil",
    "clip",
    "concatenate",
    "conj",
    "conjugate",
    "copy",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "count_nonzero",
    "cross",
    "cumprod",
    "cumsum",
    "deg2rad",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "digitize",
    "divide",
    "divide_no_nan",
    "dot",
    "dsplit",
    "dstack",
    "einsum",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "fabs",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "full",
    "full_like",
    "gcd",
    "geomspace",
    "get_item",
    "greater",
    "greater_equal",
    "hamming",
    "hanning",
    "heaviside",
    "histogram",
    "hsplit",
    "hstack",
    "hypot",
    "i0",
    "identity",
    "imag",
    "inner",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "kaiser",
    "kron",
    "lcm",
    "ldexp",
    "left_shift",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logspace",
    "matmul",
    "max",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mod",
    "moveaxis",
    "multiply",
    "nan_to_num",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "ndim",
    "negative",
    "nextafter",
    "nonzero",
    "not_equal",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "percentile",
    "power",
    "prod",
    "ptp",
    "quantile",
    "rad2deg",
    "ravel",
    "real",
    "reciprocal",
    "repeat",
    "reshape",
    "right_shift",
    "roll",
    "rot90",
    "round",
    "searchsorted",
    "select",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "size",
    "slogdet",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "trace",
    "transpose",
    "trapezoid",
    "tri",
    "tril",
    "triu",
    "true_divide",
    "trunc",
    "unique",
    "unravel_index",
    "vander",
    "var",
    "vdot",
    "vectorize",
    "view",
    "vsplit",
    "vstack",
    "where",
    "zeros",
    "zeros_like",
]
