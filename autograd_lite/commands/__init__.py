"""The commands of the command line: each module has `configure`, which declares the command and its arguments.

cli                                     the entry: `autograd-lite COMMAND ...`, and what becomes of errors
evaluate, draw, step, check, rounding   about an expression, which expression_arguments reads
neuron, equations, xor, moons           the textbook systems
train, fit, canon                       digits; NIST's data sets; published examples
play                                    the playground in the browser
cache                                   what compiled programs leave on the disk
arguments, experiments, report          what they share: arguments, flags that choose a part, what is printed and written
printing                                text within the terminal's width and in its colours, or JSON
"""
