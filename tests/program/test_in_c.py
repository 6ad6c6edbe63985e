"""The tests of programs once more, with everything that they trace running in C."""

# ruff: noqa: F401 - pytest collects them here again
import pytest

from autograd_lite.program.write import backends
from tests.losses.test_losses import (
    test_second_derivatives_keep_their_digits,
    test_second_derivatives_of_binary_cross_entropy_keep_their_digits,
)
from tests.program.test_errors import *  # noqa: F403
from tests.program.test_inner import *  # noqa: F403
from tests.program.test_parameters import *  # noqa: F403
from tests.program.test_repeated import *  # noqa: F403
from tests.program.test_replay import *  # noqa: F403
from tests.program.test_threads import *  # noqa: F403
from tests.program.test_trust import *  # noqa: F403
from tests.test_pytorch_numbers import test_binary_cross_entropy_agrees, test_cross_entropy_agrees


@pytest.fixture(autouse=True)
def _in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(backends.NAMED, "numpy", backends.CBackend)  # which is what is taken where nothing is asked for
