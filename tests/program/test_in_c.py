"""The tests of programs once more, with everything that they trace running in C."""

# ruff: noqa: F401 - pytest collects them here again
import pytest

from autograd_lite import compiled
from autograd_lite.program.write import backends
from tests.losses import test_losses as losses
from tests.program.test_errors import *  # noqa: F403
from tests.program.test_inner import *  # noqa: F403
from tests.program.test_parameters import *  # noqa: F403
from tests.program.test_repeated import *  # noqa: F403
from tests.program.test_replay import *  # noqa: F403
from tests.program.test_threads import *  # noqa: F403
from tests.program.test_threads import _switch_often
from tests.program.test_trust import *  # noqa: F403
from tests.program.test_trust import assert_any_names_give_the_same_numbers
from tests.samples import FULL
from tests.test_pytorch_numbers import test_binary_cross_entropy_agrees, test_cross_entropy_agrees

del test_memory_grows_with_the_edges  # noqa: F821 - of tracing, before anything is written

pytestmark = pytest.mark.thinned


@pytest.fixture(autouse=True)
def _in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(backends.NAMED, "numpy", backends.CBackend)  # which is what is taken where nothing is asked for
    if not FULL:  # sooner compiled; test_c.py and the fuzzer have what users get
        monkeypatch.setattr(compiled, "FLAGS", ("-O0", *compiled.FLAGS[1:]))


def test_any_names_of_arguments_give_the_same_numbers() -> None:
    assert_any_names_give_the_same_numbers(4 if FULL else 1)  # of which each is compiled several times


@pytest.mark.parametrize("name", losses.CURVED)
def test_second_derivatives_keep_their_digits(name: str) -> None:
    losses.test_second_derivatives_keep_their_digits(name, "program")


@pytest.mark.parametrize("t", losses.SHARES)
def test_second_derivatives_of_binary_cross_entropy_keep_their_digits(t: float) -> None:
    losses.test_second_derivatives_of_binary_cross_entropy_keep_their_digits(t, "program")
