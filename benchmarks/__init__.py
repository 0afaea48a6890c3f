"""How long kerasish, Keras and hand-written loops take for the same models."""
