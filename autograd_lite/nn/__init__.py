"""Neural networks: modules, and Neuron, Layer and MLP, with micrograd's names (`model.layers`, `layer.neurons`, `neuron.w`)."""

from autograd_lite.nn.layers import *
