"""Settings of the whole process, and the compilation cache."""
