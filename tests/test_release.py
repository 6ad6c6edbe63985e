"""What a release says about itself: one number, and a page on PyPI whose links lead somewhere."""

import importlib.metadata
import re

import pytest

import autograd_lite
from tests.processes import REPOSITORY

README = (REPOSITORY / "README.md").read_text("utf-8")
LINK = re.compile(r"(?<=\]\()(?![\d\s,]+\[)([^)\s]+)(?=\))")


@pytest.fixture(scope="module")
def installed() -> importlib.metadata.PackageMetadata:
    return importlib.metadata.metadata("autograd_lite")


def test_there_is_one_version(installed: importlib.metadata.PackageMetadata) -> None:
    version = autograd_lite.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert installed["Version"] == version
    assert f"\nversion: {version}\n" in (REPOSITORY / "CITATION.cff").read_text("utf-8")
    newest = re.findall(r"^## (\S+)", (REPOSITORY / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
    assert newest in ("Unreleased", version)


def test_on_pypi_every_link_of_the_readme_is_an_address(installed: importlib.metadata.PackageMetadata) -> None:
    shown = installed["Description"] or installed.get_payload()  # type: ignore[attr-defined]
    source = next(url.partition(", ")[2] for url in installed.get_all("Project-URL") or [] if url.startswith("Source"))
    links, local = LINK.findall(shown), LINK.findall(README)
    assert len(links) == len(local) > 20
    assert [link for link in links if not link.startswith("https://")] == []
    tag = f"{source}/{{}}/v{autograd_lite.__version__}/"
    for link, path in zip(links, local, strict=True):
        if not path.startswith("https://"):
            assert (REPOSITORY / path.partition("#")[0]).exists()
            kind = "raw" if path.endswith((".png", ".svg")) else "blob"
            assert link == tag.format(kind) + path


def test_what_is_supported_is_what_is_promised(installed: importlib.metadata.PackageMetadata) -> None:
    classifiers = installed.get_all("Classifier") or []
    pythons = [name.rpartition(" :: ")[2] for name in classifiers if re.search(r":: 3\.\d+$", name)]
    assert installed["Requires-Python"] == f">={pythons[0]}"
    built = " ".join(f"cp{name.replace('.', '')}-*" for name in pythons)
    assert f'build = "{built}"' in (REPOSITORY / "pyproject.toml").read_text("utf-8")
