"""The pure core: variables, scopes, layers, graphs."""
