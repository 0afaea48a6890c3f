"""Time of kerasish, Keras and hand-written loops on the same models."""
