"""Functions of somebody's arrays under the checker: `check_torch`, `check_jax`. Neither library is loaded before it is used.

array_function     a function of arrays as one of a row of numbers, with the derivatives that its library claims
judged             its derivatives, one by one where they are few, else along random directions; the wrong one is then looked for
protocol           what is asked of a backward pass besides its numbers
torch, jax         the two libraries
dispatch           whose a function or a point is
"""
