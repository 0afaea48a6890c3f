"""The training engine: the state, the pure step, and the loops around it."""
