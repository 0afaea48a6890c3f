"""The functional graph: tensors without values, the calls that made them, and functions of both."""
