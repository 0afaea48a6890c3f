"""Migration of model configs from earlier versions of Keras to the format of Keras 3.

All differences between versions of Keras are in this package. The result refers to classes of
the same registry as any other config; nothing is instantiated or run here.
"""

from kerasish.saving.migration.description import translate_model
from kerasish.saving.migration.eras import Era

__all__ = ["Era", "translate_model"]
