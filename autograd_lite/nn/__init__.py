"""Neural networks: modules, and Neuron, Layer and MLP, with micrograd's names (`model.layers`, `layer.neurons`, `neuron.w`)."""

from typing import TYPE_CHECKING

from autograd_lite.names_of_others import absent_from
from autograd_lite.nn.layers import *

if not TYPE_CHECKING:  # or every misspelt name would have the type Any
    __getattr__ = absent_from(__name__)
