"""Compiles the engine with mypyc, from the same readable source, where that is possible; everything else is in pyproject.toml.

Without a C compiler, without mypyc, or with AUTOGRAD_LITE_PURE=1 in the environment, the same package is built interpreted: one
line says so, and `autograd_lite.engine_info()` says so later. Editable installs are always interpreted, so that what one edits is
what runs.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# The modules through which every operation of every graph passes; all others are interpreted. `Text` and messages stay outside.
ENGINE = [f"autograd_lite/{name}.py" for name in ("mathematics", "primitive", "primitives", "reals", "recording", "value")]


# What else than these commands asks for (metadata, an editable install) needs no extension modules.
BUILDING = {"bdist_wheel", "build", "build_ext", "install"}
# mypyc reads the types; whether they are right in every detail is checked elsewhere, with the libraries at hand.
OPTIONS = ["--config-file=", "--ignore-missing-imports"]


def compiled_engine() -> list[Extension]:
    """The extension modules to build; none where the engine is to stay interpreted."""
    if BUILDING.isdisjoint(sys.argv):
        return []
    if os.environ.get("AUTOGRAD_LITE_PURE", "0") not in ("", "0"):
        return _interpreted("AUTOGRAD_LITE_PURE is set")
    try:
        from mypyc.build import mypycify

        extensions = mypycify([*OPTIONS, *ENGINE], opt_level="3", debug_level="0", group_name="autograd_lite")
    except (ImportError, SystemExit) as error:  # by the latter mypyc says that it refuses the sources
        return _interpreted(f"mypyc cannot translate it: {error}")
    if sys.platform != "win32":
        for extension in extensions:  # a fused x * y + z rounds once, and would differ from the interpreted engine's last bit
            extension.extra_compile_args.append("-ffp-contract=off")
    return extensions


def _interpreted(reason: str) -> list[Extension]:
    print(f"autograd_lite: the engine stays interpreted ({reason}); it gives the same results, more slowly", file=sys.stderr)
    return []


class BuildEngine(build_ext):
    """Compiles every module of the engine or none: a half-compiled engine would not import."""

    def run(self) -> None:
        self._forget_what_was_built()  # a `build` folder from yesterday must not stand in for a compilation that fails today
        try:
            super().run()
        except Exception as error:  # whatever a compiler that is missing or broken may raise
            self._forget_what_was_built()
            self.extensions = []
            _interpreted(f"compiling it failed: {error}")

    def _forget_what_was_built(self) -> None:
        for extension in self.extensions:
            Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)


setup(ext_modules=compiled_engine(), cmdclass={"build_ext": BuildEngine})
