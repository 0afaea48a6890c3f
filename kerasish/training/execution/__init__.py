"""The training state, the compiled steps that change it, and what they log."""
