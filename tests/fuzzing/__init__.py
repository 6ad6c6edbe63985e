"""The judge of `trace`: random programs (`autograd_lite.testing.fuzzing`), traced and held against eager evaluation.

branches, rounding, rerounding, agreement     the branches taken, and when two numbers count as the same
comparison, saved, stages                     every form of a program against the numbers of reference
shrinking, campaign                           a smallest failing case; many seeds, counted
"""
