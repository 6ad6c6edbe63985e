"""The notebooks: what they show is what a fresh kernel gives, and each can be read alone, anywhere."""

import re
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from notebooks.execute import differences, executed, main, notebooks, read, text_of
from tests.processes import REPOSITORY
from tests.samples import FULL

NOTEBOOKS = notebooks()
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
LONGEST = "05-digits-and-mnist"  # as much work as all others; `.ci/run` executes it once, with the compiled engine
LARGEST = 850_000  # bytes: a picture is there as a page, as SVG and as PNG; a page with steps is 50 KB
LONGEST_CELL = 30  # lines


@pytest.fixture(scope="module")
def _small() -> Any:
    cells = [
        nbformat.v4.new_markdown_cell("# Small", id="title"),
        nbformat.v4.new_code_cell("from autograd_lite import Value\nx = Value(2.0, label='x')\nx * x", id="value"),
        nbformat.v4.new_code_cell("from autograd_lite.drawing import draw\nprint('a')\nprint('b')\ndraw(x * x)", id="picture"),
        nbformat.v4.new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", id="plot"),
        nbformat.v4.new_markdown_cell("## Exercises", id="exercises"),
    ]
    return executed(nbformat.v4.new_notebook(cells=cells))


@pytest.fixture
def small(_small: Any) -> Any:
    """A notebook of a few cells with its outputs."""
    return deepcopy(_small)


# ---- the stored outputs are true -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if FULL or path.stem != LONGEST], ids=lambda path: path.stem)
def test_a_fresh_kernel_gives_the_stored_outputs(path: Path) -> None:
    stored = read(path)
    found = list(differences(stored, executed(stored)))
    assert not found, f"{path.stem} is stale (python -m notebooks.execute {path.stem}):\n" + "\n".join(found)


def test_a_small_notebook_comes_out_the_same_twice(small: Any) -> None:
    assert text_of(executed(small)) == text_of(small)
    _, value, picture, plot, _ = small["cells"]
    assert value["outputs"][0]["data"]["text/plain"] == "Value(data=4.0, grad=0.0)"
    assert [output["output_type"] for output in picture["outputs"]] == ["stream", "execute_result"]
    assert picture["outputs"][1]["data"]["image/svg+xml"].startswith("<svg")
    assert plot["outputs"][0]["data"].keys() == {"image/png", "text/plain"}


@pytest.mark.parametrize(
    ("cell", "change"),
    [
        (1, lambda output: output["data"].update({"text/plain": "Value(data=5.0, grad=0.0)"})),
        (2, lambda output: output.update(text="a\n")),
        (3, lambda output: output["data"].pop("image/png")),
    ],
    ids=["a result", "a print", "a plot that is gone"],
)
def test_a_changed_output_is_noticed(small: Any, cell: int, change: Any) -> None:
    changed = nbformat.from_dict(small)
    assert not list(differences(changed, small))
    change(changed["cells"][cell]["outputs"][0])
    [found] = differences(changed, small)
    assert found.startswith(f"cell {cell + 1}, ")
    assert "stored: ..." in found
    assert "now:    ..." in found


def test_a_changed_picture_of_a_graph_is_noticed(small: Any) -> None:
    changed = nbformat.from_dict(small)
    picture = changed["cells"][2]["outputs"][1]["data"]
    picture["image/svg+xml"] = picture["image/svg+xml"].replace("data 4", "data 5")
    assert len(list(differences(changed, small))) == 1


def test_a_plot_may_look_different(small: Any) -> None:
    changed = nbformat.from_dict(small)
    changed["cells"][3]["outputs"][0]["data"]["image/png"] = "another version of matplotlib"
    assert not list(differences(changed, small))


def test_a_cell_that_raises_is_an_error() -> None:
    cells = [nbformat.v4.new_code_cell("1 / 0", id="bad")]
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        executed(nbformat.v4.new_notebook(cells=cells))


def test_the_notebook_that_is_left_out_is_executed_by_the_check() -> None:
    assert LONGEST in {path.stem for path in NOTEBOOKS}
    assert f"python -m notebooks.execute --check {LONGEST}\n" in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")


# ---- the command ---------------------------------------------------------------------------------------------------------------


def test_the_command_writes_what_is_stale_and_check_only_says_so(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("notebooks.execute.FOLDER", tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")
    path = tmp_path / "01-small.ipynb"
    right = text_of(small)
    stale = right.replace("Value(data=4.0", "Value(data=5.0")
    path.write_text(stale)
    assert main(["--check"]) == 1
    assert "01-small: differs\ncell 2, 'from autograd_lite import Value'" in capsys.readouterr().out
    assert path.read_text() == stale
    monkeypatch.setattr("notebooks.execute.executed", lambda stored: deepcopy(small))  # once is enough
    assert main(["01-small"]) == 0
    assert capsys.readouterr().out == "01-small: written\n"
    assert path.read_text() == right
    assert main(["--check", "01-small"]) == 0
    assert capsys.readouterr().out == "01-small: as stored\n"
    assert [file.name for file in tmp_path.iterdir()] == ["01-small.ipynb"]


def test_an_unknown_notebook_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["02-no-such-story"])
    assert "there is no notebook '02-no-such-story'; there are " in capsys.readouterr().err


# ---- the form ------------------------------------------------------------------------------------------------------------------


@every_notebook
def test_it_is_small(path: Path) -> None:
    assert path.stat().st_size < LARGEST


@every_notebook
def test_its_file_is_in_the_form_that_execute_writes(path: Path) -> None:
    assert path.read_text() == text_of(read(path))


@every_notebook
def test_it_begins_with_a_title_and_ends_with_exercises(path: Path) -> None:
    cells = read(path)["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert cells[0]["source"].startswith("# ")
    headings = [line for cell in cells if cell["cell_type"] == "markdown" for line in re.findall("(?m)^## .*", cell["source"])]
    assert headings[-1] == "## Exercises"


@every_notebook
def test_its_cells_are_short_and_ran_in_order(path: Path) -> None:
    code = [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert max(len(cell["source"].splitlines()) for cell in code) <= LONGEST_CELL


@every_notebook
def test_it_shows_no_warning_and_no_traceback(path: Path) -> None:
    outputs = [output for cell in read(path)["cells"] for output in cell.get("outputs", ())]
    assert [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"] == []


@every_notebook
def test_it_names_no_place_of_a_machine(path: Path) -> None:
    assert machine_names(path.read_text()) == []


def machine_names(text: str) -> list[str]:
    """Absolute paths, and addresses of objects in memory."""
    places = {sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]), str(Path.home())} - {"/"}
    found = [place for place in sorted(places) if place in text]
    return found + re.findall(
        r"(?:/home|/root|/Users|/tmp|/private|/opt|/usr|[A-Z]:\\\\Users)\b[/\\][^\s\"']*|\bat 0x[0-9a-f]+", text
    )


def test_a_place_of_a_machine_is_noticed() -> None:
    for text in ("/home/ada/x.py", "in /tmp/abc", "C:\\\\Users\\\\ada", "<function f at 0x7f01>", str(Path(__file__))):
        assert machine_names(text), text
    assert machine_names("a/b, half of it / the rest, d/dx") == []


# ---- what a reader finds in each ------------------------------------------------------------------------------------------------


@every_notebook
def test_it_has_a_number_and_leads_on(path: Path) -> None:
    cells = read(path)["cells"]
    assert cells[0]["source"].startswith(f"# {int(path.stem[:2])}. ")
    last = cells[-1]["source"].splitlines()[-1]
    assert last.startswith("Next: ")
    targets = re.findall(r"\]\(([^)]+)\)", last)
    assert targets
    assert all((path.parent / target).exists() for target in targets)
    following = [other.name for other in NOTEBOOKS if int(other.stem[:2]) == int(path.stem[:2]) + 1]
    assert not following or targets == following


@every_notebook
def test_every_exercise_has_a_folded_answer(path: Path) -> None:
    _, _, exercises = read(path)["cells"][-1]["source"].partition("## Exercises\n")
    parts = re.split(r"(?m)^\d+\. ", exercises)[1:]
    assert len(parts) >= 5
    for part in parts:
        question, _, answer = part.partition("\n\n   <details><summary>Answer</summary>\n\n")
        assert question.strip()
        assert len(answer.partition("   </details>")[0].strip()) > 20
        assert answer.count("</details>") == 1


@every_notebook
def test_its_pictures_are_there_for_those_who_do_not_trust_it(path: Path) -> None:
    shown = [output["data"] for cell in read(path)["cells"] for output in cell.get("outputs", ()) if "data" in output]
    assert all("image/png" in data for data in shown if "image/svg+xml" in data)
    pages = [data["text/html"] for data in shown if "autograd-lite-player" in data.get("text/html", "")]
    assert all("<img alt=" in page and "autograd-lite-still" in page for page in pages)


@pytest.mark.parametrize("number", [1, 4])
def test_network_cost_and_loop_stand_in_its_cells(number: int) -> None:
    (path,) = [path for path in NOTEBOOKS if int(path.stem[:2]) == number]
    code = "\n".join(cell["source"] for cell in read(path)["cells"] if cell["cell_type"] == "code")
    assert set(re.findall(r"autograd_lite\.(systems\S*|training\S*|nn\S*|optim\S*)", code)) == {
        "systems.canon"
    }  # published numbers
    assert ".backward()" in code
    assert re.search(r"\.data -= .*\.grad", code)


@pytest.mark.parametrize("number", [2, 4])
def test_it_has_a_player(number: int) -> None:
    (path,) = [path for path in NOTEBOOKS if int(path.stem[:2]) == number]
    assert any("Steps of" in output["data"].get("text/html", "") for output in outputs_with_data(path))


def outputs_with_data(path: Path) -> list[Any]:
    return [output for cell in read(path)["cells"] for output in cell.get("outputs", ()) if "data" in output]
