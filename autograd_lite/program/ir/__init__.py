"""The intermediate representation: terms and statements on arrays, how they are made from a graph, differentiated and checked."""
