"""What Keras keeps of its second version."""

from kerasish.legacy import saving

__all__ = ["saving"]
