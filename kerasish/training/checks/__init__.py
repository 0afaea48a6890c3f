"""Mistakes in data and models that can be found before a step is compiled."""
