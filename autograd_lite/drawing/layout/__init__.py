"""Where a picture's boxes stand and its edges run, for machines without Graphviz."""
