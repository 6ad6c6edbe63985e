"""Curve fitting on the NIST Statistical Reference Datasets, whose answers are certified to eleven digits.

The files stand here as NIST publishes them, each with two starts and with its model as text, from which the derivatives come. They
are of all three levels of difficulty. Erratum: the file of Rat43 states 9 degrees of freedom; all else in it is computed from 11,
its 15 observations less 4 parameters.

>>> result = fit("Misra1a")
>>> print(result)
Misra1a from start 1: 33 steps
  quantity             computed           certified         digits
  b1                   2.3894212918E+02   2.3894212918E+02    11.0
  b2                   5.5015643181E-04   5.5015643181E-04    11.0
  deviation of b1      2.7070075241E+00   2.7070075241E+00    10.8
  deviation of b2      7.2668688436E-06   7.2668688436E-06    11.0
  residual sum         1.2455138894E-01   1.2455138894E-01    10.5
  residual deviation   1.0187876330E-01   1.0187876330E-01    10.6

Source: National Institute of Standards and Technology, Statistical Reference Datasets, nonlinear regression
(www.itl.nist.gov/div898/strd); the values were certified in arithmetic of 128 bits.
"""

from autograd_lite.systems.nist.dataset import NAMES, DataSet, load
from autograd_lite.systems.nist.fitting import DIGITS, Result, digits, fit

__all__ = ["DIGITS", "NAMES", "DataSet", "Result", "digits", "fit", "load"]
