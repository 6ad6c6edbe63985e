"""Optimizers, update rules, schedules of the learning rate, and clipping."""

from autograd_lite.optim.optimizers import *
