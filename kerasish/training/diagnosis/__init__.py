"""The causes of a non-finite loss, found by repeating the last steps."""
