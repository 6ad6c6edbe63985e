"""What is done once the pages are written: the live page on the front, the playground, and the links."""

import re
from pathlib import Path
from typing import Any

from links import broken_links
from sphinx.util import logging

from autograd_lite import Value, draw, tanh
from autograd_lite.playground import runtime
from autograd_lite.playground.site import save

_log = logging.getLogger(__name__)
_EXAMPLES = re.compile(r"^(```python\n>>> .*?)\n\n```$", re.DOTALL | re.MULTILINE)
_WITHOUT = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>The playground</title>
<p>This copy of the site was built without Pyodide, which the playground runs on: <code>autograd-lite play --download</code>
opens it on your machine, and a site that is built after that has it here. <a href="../playground.html">What it is</a>.</p>
</html>
"""


def as_page(app: Any, name: str, source: list[str]) -> None:
    """A page as it stands in the repository: links to notebooks lead to tutorials, and doctests lose their last, empty line."""
    source[0] = _EXAMPLES.sub(r"\1\n```", source[0].replace("](../notebooks/", "](tutorials/"))


def finish(app: Any, error: Exception | None) -> None:
    """Writes what is no page of Sphinx's, then warns of each link that leads nowhere."""
    if error is None and app.builder.format == "html":
        w, x, b = Value(2.0, label="w"), Value(0.5, label="x"), Value(1.0, label="b")
        y = tanh(w * x + b)
        y.label = "y"
        y.backward()
        draw(y).save(Path(app.outdir, "first.html"))
        _playground(Path(app.outdir, "playground"))
        for link in broken_links(Path(app.outdir)):
            _log.warning(link)


def _playground(place: Path) -> None:
    """The playground, where `autograd-lite play --download` has got what it runs on; else a page that says so."""
    try:
        save(runtime.kept(), place)
    except runtime.RuntimeMissing:
        place.mkdir(exist_ok=True)
        (place / "index.html").write_text(_WITHOUT, "utf-8")
