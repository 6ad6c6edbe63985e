"""Tests of autograd_lite."""
