"""The engine: nodes, the table of primitives, and what they stand on.

value               `Value`, its operators, `backward`; methods: the functions of one number as methods, written from the table
primitives          the table; primitive: what its entries are
mathematics, reals  the functions that rules call; any real number as a float
recording, blocks   `no_grad`, the tracer's observer, and the blocks that both are made of
number_types        the same rules on arrays (array_mathematics, array_masks), complex and mpmath ones (mpmath_mathematics)
errors              what messages say; text, latex: how expressions are put together
copying, collector  `copy` and `pickle` of graphs without recursion; `quiet_gc`
pool, packs         where the compiled engine keeps nodes (allocator.c), and the operands of a sum of products (packs.h)
many                numbers and gradients of many Values at once, for optimizers (many.h)
numpy_methods       `np.sin(v)`, and the methods of other kinds of numbers
build, compiling    which engine runs, and what the sources tell mypyc; mended.h is compiled in
extras, numpy_needed, old_names    what to say where a package is missing; attributes that were renamed

The modules through which every operation passes are also compiled: `ENGINE` in build.py lists them.
"""
