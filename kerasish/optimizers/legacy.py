"""Optimizers under the address that they had in Keras 2.11 to 2.15: those of today.

Keras 3 has the names and refuses to make any. Their formulas are those of `kerasish.optimizers`.
"""

from kerasish.optimizers.adam import Adam
from kerasish.optimizers.base import Optimizer
from kerasish.optimizers.ftrl import Ftrl
from kerasish.optimizers.rmsprop import Adagrad, RMSprop
from kerasish.optimizers.sgd import SGD

__all__ = ["SGD", "Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop"]
