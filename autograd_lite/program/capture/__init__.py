"""From a run of a function to its graph: operands, branches and sums as they were recorded."""
