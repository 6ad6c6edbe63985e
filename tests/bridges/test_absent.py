"""Without the other library the room is there, and says what to install."""

import subprocess
import sys

import pytest

from autograd_lite.bridges.jax import graph_of, values_of


def test_where_jax_is_missing_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    for ask in (lambda: graph_of(lambda x: x, 1.0), lambda: values_of([1.0])):
        with pytest.raises(ModuleNotFoundError, match=r'pip install "autograd_lite\[jax\]"$') as caught:
            ask()
        assert "\n" not in str(caught.value)


def test_jax_is_not_imported_before_it_is_used() -> None:
    code = "import sys, autograd_lite as al; al.bridges.jax.graph_of; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
