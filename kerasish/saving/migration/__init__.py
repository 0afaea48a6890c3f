"""Descriptions of models in earlier forms, translated to the one that is read today.

Everything that differs between the eras of Keras is in this package. The result names
classes from the same list as any other description; nothing is made or run here.
"""

from kerasish.saving.migration.description import translate_model
from kerasish.saving.migration.eras import Era

__all__ = ["Era", "translate_model"]
