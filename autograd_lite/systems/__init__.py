"""The textbook systems, each a small module of ordinary library calls."""
