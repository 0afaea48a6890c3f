"""What files hold of everything except arrays: configs, names, code; and what may be read back."""
