"""`autograd-lite play`: the playground, a page in which students write Values; served here, or saved for a web server."""

import argparse
import webbrowser
from pathlib import Path

from autograd_lite.commands.arguments import Command, UsageError, argument, whole_number
from autograd_lite.playground import runtime
from autograd_lite.playground.server import PlaygroundServer
from autograd_lite.playground.site import save, site

_EXAMPLES = """\
examples
  autograd-lite play --download          gets Pyodide, once, and opens the page in the browser
  autograd-lite play                     opens it; needs no network
  autograd-lite play --save site         the same as files, for any web server
"""


def run(options: argparse.Namespace) -> int:
    """Serves the page until Ctrl-C, or writes it."""
    try:
        if options.pyodide is not None:
            runtime.keep(options.pyodide)
        elif options.download:
            runtime.download()
        pyodide = runtime.kept()
    except runtime.RuntimeMissing as error:
        raise UsageError(str(error)) from None
    if options.save is not None:
        size = save(pyodide, options.save)
        print(f"wrote {options.save} ({size / 1e6:.1f} MB): copy it to a web server, and open index.html there")
        return 0
    if options.port > 65535:
        raise UsageError(f"--port is {options.port}, and ports end at 65535 - leave it out for one that is free")
    with PlaygroundServer(site(pyodide), options.port) as server:
        print(f"the playground is at {server.address} - Ctrl-C ends it", flush=True)
        if not options.no_open:
            webbrowser.open(server.address)
        server.serve_forever()
    return 0


configure = Command(
    "play",
    run,
    "the playground in the browser",
    "A page in which one writes an expression or Python with Values, and sees, moves, steps through and checks what it computes. "
    "The whole library runs in the browser; the page is served on this machine, to this machine.",
    _EXAMPLES,
    [
        argument("--port", type=whole_number, default=0, metavar="N", help="where to serve; any port that is free by default"),
        argument("--no-open", action="store_true", help="open no browser"),
        argument("--save", type=Path, metavar="DIR", help="write the page into a folder instead"),
        argument("--pyodide", type=Path, metavar="PATH", help="take Pyodide from its archive or folder, and keep it"),
        argument("--download", action="store_true", help="take Pyodide from the registry of npm, and keep it"),
    ],
    gives=False,
).configure
