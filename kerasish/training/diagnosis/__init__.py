"""Mistakes that can be found before a step, and the causes of a non-finite loss after one."""
