"""The loops of fit, evaluate and predict, and the callbacks that they call."""
