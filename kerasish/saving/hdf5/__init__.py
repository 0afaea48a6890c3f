"""HDF5 files from untrusted sources, read without following anything outside of the file."""
