"""For the examples in the README and in docstrings: files they write go to a temporary folder."""

import pytest

# Second names of modules whose examples run under their first.
collect_ignore = [f"autograd_lite/{name}.py" for name in ("errors", "primitive", "primitives", "symbols", "value")]


@pytest.fixture(autouse=True)
def _examples_write_elsewhere(request: pytest.FixtureRequest) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
