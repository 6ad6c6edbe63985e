"""Executes the notebooks of this folder in fresh kernels and writes their outputs back, the same bytes every time.

    python -m notebooks.execute                     all of them
    python -m notebooks.execute 02-step-through-backprop
    python -m notebooks.execute --check             writes nothing; exit code 1 if stored outputs are not what a kernel gives

A kernel runs in an empty folder, draws graphs with the built-in renderer and sees none of the user's Jupyter settings. What it
leaves in a notebook besides the outputs (times, versions) is taken out again. Beside each picture in SVG stands the same as PNG: a
notebook that is not trusted, and most pages that show notebooks, leave SVG and scripts out.
"""

import argparse
import json
import os
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib.font_manager  # noqa: F401 - finds the machine's fonts once, or the first kernel would report that it does
import nbformat
import resvg_py
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from autograd_lite.files import write_whole

FOLDER = Path(__file__).parent
SECONDS = 300  # a cell that runs longer hangs
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
_PICTURES = ("image/png",)  # versions of matplotlib, and fonts, draw differently
WIDEST = 800  # pixels of a PNG

Notebook = Any


def notebooks() -> list[Path]:
    """The notebooks of this folder, in their order."""
    return sorted(FOLDER.glob("[0-9]*.ipynb"))


def read(path: Path) -> Notebook:
    """A notebook as it is stored."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def executed(notebook: Notebook) -> Notebook:
    """A notebook with the outputs of a fresh kernel, in the form in which notebooks are stored here.

    Raises:
        nbclient.exceptions.CellExecutionError: if a cell raises.
    """
    fresh = nbformat.from_dict(json.loads(json.dumps(notebook)))  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        kernel = AsyncKernelManager(kernel_name="python3")
        if os.name == "posix":  # sockets in the file system, which nobody else can listen to
            kernel.transport, kernel.ip = "ipc", str(Path(folder, ".kernel"))
        client = NotebookClient(fresh, km=kernel, timeout=SECONDS, coalesce_streams=True, resources={"metadata": {"path": folder}})
        client.execute(env=_environment(folder), cleanup_kc=True)  # also of a kernel manager that it was given
    return _without_traces(fresh)


def _environment(folder: str) -> dict[str, str]:
    """The variables of the kernel's process: nothing in them depends on who runs it."""
    unwanted = ("JUPYTER", "IPYTHON", "MPLBACKEND", "PYTHON", "AUTOGRAD_LITE")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(unwanted)}
    return kept | {
        "AUTOGRAD_LITE_RENDERER": "builtin",
        "IPYTHONDIR": str(Path(folder, ".ipython")),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(FOLDER.parent),
    }


def _without_traces(notebook: Notebook) -> Notebook:
    """The notebook without what differs from run to run or from machine to machine."""
    notebook["metadata"] = nbformat.from_dict(_METADATA)  # type: ignore[no-untyped-call]
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        for output in cell.get("outputs", ()):
            if "metadata" in output:
                output["metadata"] = {}
            if "image/svg+xml" in output.get("data", ()):
                output["data"]["image/png"] = _as_png(output["data"]["image/svg+xml"])
    return notebook


def _as_png(svg: str) -> str:
    """An SVG as PNG, in the letters of JSON."""
    width = float(svg.partition('width="')[2].partition('"')[0].removesuffix("pt"))
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=min(WIDEST, round(width)), sans_serif_family="DejaVu Sans"))
    return f"{b64encode(png).decode()}\n"


def text_of(notebook: Notebook) -> str:
    """The content of a notebook's file."""
    nbformat.validate(notebook)
    return f"{nbformat.writes(notebook, version=4)}\n"  # type: ignore[no-untyped-call]


def differences(stored: Notebook, fresh: Notebook) -> Iterator[str]:
    """What is different between a stored notebook and an executed one, cell by cell; of a PNG, only whether it is there."""
    if stored["metadata"] != fresh["metadata"]:
        yield "the metadata"
    for number, (before, now) in enumerate(zip(stored["cells"], fresh["cells"], strict=True), start=1):
        old, new = _comparable(before), _comparable(now)
        if old != new:
            yield f"cell {number}, {_first_line(before)!r}\n  stored: {_around(old, new)}\n  now:    {_around(new, old)}"


def _comparable(cell: Notebook) -> str:
    content = json.loads(json.dumps(cell))
    for output in content.get("outputs", ()):
        for kind in output.get("data", {}).keys() & set(_PICTURES):
            output["data"][kind] = ""
    return json.dumps(content, sort_keys=True, ensure_ascii=False)


def _first_line(cell: Notebook) -> str:
    return str(cell["source"]).partition("\n")[0]


def _around(text: str, other: str) -> str:
    """The text where it first differs from the other."""
    pairs = enumerate(zip(text, other, strict=False))
    place = next((place for place, (mine, theirs) in pairs if mine != theirs), min(len(text), len(other)))
    return f"... {text[max(place - 60, 0) : place + 60]} ..."


def main(arguments: Sequence[str] | None = None) -> int:
    """Executes the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m notebooks.execute", description="Executes notebooks in fresh kernels.")
    names = [path.stem for path in notebooks()]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all by default")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if stored outputs differ")
    options = parser.parse_args(arguments)
    chosen = [Path(name).stem for name in options.names] or names
    for unknown in sorted(set(chosen) - set(names)):
        parser.error(f"there is no notebook {unknown!r}; there are {', '.join(names)}")
    failed = False
    for name in chosen:
        path = FOLDER / f"{name}.ipynb"
        stored = read(path)
        fresh = executed(stored)
        found = list(differences(stored, fresh))
        if not options.check:
            write_whole(path, text_of(fresh))
        failed |= options.check and bool(found)
        print(f"{name}: {'as stored' if not found else 'written' if not options.check else 'differs'}", flush=True)
        if options.check:
            print("\n".join(found), end="\n" if found else "")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
