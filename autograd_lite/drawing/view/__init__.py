"""What a picture shows: the graph in full, or as modules, near the root, on the ways of one value."""
