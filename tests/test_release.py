"""What a release says about itself: one number, and a page on PyPI whose links lead somewhere."""

import ast
import importlib.metadata
import re
import runpy
import sys
import tomllib
from pathlib import Path

import pytest

import autograd_lite
from tests.processes import REPOSITORY

QUICK = runpy.run_path(str(REPOSITORY / ".ci" / "quick_suite.py"))
README = (REPOSITORY / "README.md").read_text("utf-8")
LINK = re.compile(r"(?<=\]\()(?![\d\s,]+\[)([^)\s]+)(?=\))")


@pytest.fixture(scope="module")
def installed() -> importlib.metadata.PackageMetadata:
    return importlib.metadata.metadata("autograd_lite")


def test_there_is_one_version(installed: importlib.metadata.PackageMetadata) -> None:
    version = autograd_lite.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert installed["Version"] == version, "what is installed is older than these sources: pip install -e . once more"
    assert f"\nversion: {version}\n" in (REPOSITORY / "CITATION.cff").read_text("utf-8")
    newest = re.findall(r"^## (\S+)", (REPOSITORY / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
    assert newest in ("Unreleased", version)


def test_on_pypi_every_link_of_the_readme_is_an_address(installed: importlib.metadata.PackageMetadata) -> None:
    shown = str(installed.json["description"])
    source = next(url.partition(", ")[2] for url in installed.get_all("Project-URL") or [] if url.startswith("Source"))
    links, local = LINK.findall(shown), LINK.findall(README)
    assert len(links) == len(local) > 20
    assert [link for link in links if not link.startswith("https://")] == []
    tag = f"{source}/{{}}/v{autograd_lite.__version__}/"
    for link, path in zip(links, local, strict=True):
        if not path.startswith("https://"):
            path = f"README.md{path}" if path.startswith("#") else path
            assert (REPOSITORY / path.partition("#")[0]).is_file()
            assert path.partition("#")[0].partition("/")[0] in QUICK["NEEDED"]  # where this test runs, too
            kind = "raw" if path.endswith((".png", ".svg")) else "blob"
            assert link == tag.format(kind) + path


def test_what_is_supported_is_what_is_promised(installed: importlib.metadata.PackageMetadata) -> None:
    classifiers = installed.get_all("Classifier") or []
    pythons = [name.rpartition(" :: ")[2] for name in classifiers if re.search(r":: 3\.\d+$", name)]
    assert installed["Requires-Python"] == f">={pythons[0]}"
    built = " ".join(f"cp{name.replace('.', '')}-*" for name in pythons)
    assert f'build = "{built}"' in (REPOSITORY / "pyproject.toml").read_text("utf-8")


def _imports(path: Path, seen: set[Path]) -> set[str]:
    """What a test file needs that does not come with Python, with what it needs of the other test files."""
    if path in seen or not path.exists():
        return set()
    seen.add(path)
    needed: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            folder = path.relative_to(REPOSITORY).parts[: -node.level] if node.level else ()
            module = ".".join((*folder, *filter(None, [node.module])))
            names = [module, *(f"{module}.{name.name}" for name in node.names)]
        for name in names:
            if name.startswith(("tests", "benchmarks")):
                needed |= _imports(REPOSITORY / f"{name.replace('.', '/')}.py", seen)
            else:
                needed.add(name.partition(".")[0])
    return needed - sys.stdlib_module_names - {"autograd_lite"}


def test_each_wheel_is_tried_with_all_that_the_quick_suite_imports() -> None:
    seen: set[Path] = set()
    needed = set().union(*(_imports(REPOSITORY / "tests" / f"{name}.py", seen) for name in [*QUICK["QUICK"], "conftest"]))
    told = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    brought = [*told["project"]["dependencies"], *told["tool"]["cibuildwheel"]["test-requires"]]
    assert needed >= {"hypothesis", "numpy", "pytest"}
    assert needed <= {re.split("[<=>]", name)[0] for name in brought}
