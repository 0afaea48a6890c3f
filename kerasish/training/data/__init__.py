"""From what users pass as data to stacks of batches for the device."""
