"""Callbacks, by Keras's names."""

from kerasish.callbacks.averages import SwapEMAWeights
from kerasish.callbacks.backup import BackupAndRestore
from kerasish.callbacks.base import Callback
from kerasish.callbacks.files import CSVLogger, ModelCheckpoint
from kerasish.callbacks.functions import LambdaCallback
from kerasish.callbacks.group import CallbackList
from kerasish.callbacks.history import History
from kerasish.callbacks.orbax_checkpoint import OrbaxCheckpoint
from kerasish.callbacks.progress import ProgbarLogger
from kerasish.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau
from kerasish.callbacks.remote import RemoteMonitor
from kerasish.callbacks.stopping import EarlyStopping, TerminateOnNaN
from kerasish.callbacks.tensorboard import TensorBoard

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
