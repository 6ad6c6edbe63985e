"""The textbook systems, each a small module of ordinary library calls.

neuron, neuron_growth, neuron_learning    one unit: three ways to its gradient, what they cost, how it learns
equations/          BP1 to BP4: gradients, on the networks of networks, in symbols; blame, and slow learning
xor, xor_many, xor_linear, xor_film       a network learns XOR; from many starts; without a hidden layer; picture by picture
moons, digits       two moons; 8x8 digits and MNIST
nist/               curves of NIST's reference data: dataset, fitting
canon/              published examples, recomputed: units, networks, xor_runs, mnist; figures: beside the printed numbers
differences         forward and central differences, as textbooks write them
"""
