"""Compiles the engine with mypyc, from the same readable source, where that is possible; everything else is in pyproject.toml.

Without a C compiler, without mypyc, or with AUTOGRAD_LITE_PURE=1 in the environment, the same package is built interpreted: one
line says so, and `autograd_lite.engine_info()` says so later. Editable installs are always interpreted, so that what one edits is
what runs.
"""

import ast
import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# The modules through which every operation of every graph passes; all others are interpreted. `Text` and messages stay outside.
ENGINE = [
    f"autograd_lite/engine/{name}.py"
    for name in ("many", "mathematics", "methods", "packs", "primitive", "primitives", "reals", "recording", "value")
]


# What else than these commands asks for (metadata, an editable install) needs no extension modules.
BUILDING = {"bdist_wheel", "build", "build_ext", "install"}
# mypyc reads the types; whether they are right in every detail is checked elsewhere, with the libraries at hand. It follows the
# package's imports as far as NumPy, which a build has not.
OPTIONS = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
# A folder of this build's own, so that builds at the same time in one tree do not share generated C; it goes when the build ends.
BUILD = Path("build") / f"{sys.implementation.cache_tag}-{os.getpid()}"
# The C that mypyc 2.4 writes for the setter of a property does not expect `del`, by which Python gives it no value at all.
SETTER = re.compile(r"(\n\s*static int\s+\w+_set_(\w+)\(\w+ \*self, PyObject \*value, void \*closure\)\s*\{)(?=\s*char retval)")
REFUSED = r"""\1
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "attribute '\2' cannot be deleted");
        return -1;
    }"""
# Bodies in C for functions of these modules; where mypyc writes their heads another way than expected, they stay as in Python.
BODIES = {
    "packs": {
        "packed": "return packed(cpy_r_head, cpy_r_operands, cpy_r_shared);",
        "needs_gradient": "return needs_gradient(cpy_r_own, cpy_r_inputs);",
        "sum_of": "return sum_of(cpy_r_own, cpy_r_inputs);",
        "add_slopes": "return add_slopes(cpy_r_own, cpy_r_inputs, cpy_r_gradient);",
        "next_interior": "return next_interior(cpy_r_own, cpy_r_inputs, cpy_r_place, cpy_r_below_mark);",
        "operand_at": "return operand_at(cpy_r_own, cpy_r_inputs, cpy_r_place);",
        "slope_at": "return slope_at(cpy_r_own, cpy_r_inputs, cpy_r_place);",
        "hide": "PyObject_GC_UnTrack(cpy_r_thing); return 1;",
    },
    "many": {  # after "packs", of which it uses some
        "copied": "return copied(cpy_r_values, cpy_r_numbers, cpy_r_slopes, cpy_r_inwards);",
        "are_same": "return are_same(cpy_r_first, cpy_r_second);",
    },
}
NOT_FROM_PYTHON = 'PyErr_SetString(PyExc_TypeError, "only the compiled engine itself calls this"); return NULL;'


def compiled_engine() -> list[Extension]:
    """The extension modules to build; none where the engine is to stay interpreted."""
    if BUILDING.isdisjoint(sys.argv):
        return []
    if os.environ.get("AUTOGRAD_LITE_PURE", "0") not in ("", "0"):
        return _interpreted("AUTOGRAD_LITE_PURE is set")
    try:
        from mypyc.build import mypycify

        extensions = mypycify(
            [*OPTIONS, *ENGINE], opt_level="3", debug_level="0", group_name="autograd_lite", target_dir=str(BUILD / "mypyc")
        )
        write_docstrings({Path(source) for extension in extensions for source in extension.sources})
    except (ImportError, SystemExit) as error:  # by the latter mypyc says that it refuses the sources
        return _interpreted(f"mypyc cannot translate it: {error}")
    mend_c(BUILD.rglob("__native*.c"))
    # Memory for nodes; `pool.py` does without it where it is not there.
    extensions.append(Extension("autograd_lite.engine.allocator", ["autograd_lite/engine/allocator.c"]))
    if sys.platform != "win32":
        for extension in extensions:  # a fused x * y + z rounds once, and would differ from the interpreted engine's last bit
            extension.extra_compile_args.append("-ffp-contract=off")
    return extensions


# Calls within the engine need not go through the tables by which another library could take their place. Where a compiler takes it.
FASTER = ["-fno-semantic-interposition", "-fno-plt"]


def mend_c(sources: Iterable[Path]) -> None:
    """Puts right what the C that mypyc 2.4 writes does not expect: `del` of a property, and what `mended.h` says; bodies in C."""
    mended = Path("autograd_lite/engine/mended.h").read_text(encoding="utf-8")
    called = "\n".join(Path(f"autograd_lite/engine/{module}.h").read_text(encoding="utf-8") for module in BODIES)
    for source in sources:
        text = SETTER.sub(REFUSED, source.read_text(encoding="utf-8"))
        for module, bodies in BODIES.items():
            for name, body in bodies.items():
                text = re.sub(rf"(CPyDef_{module}___{name}\([^)]*\) \{{)", rf"\1\n    {body}", text)
        # Behind the descriptions of all classes, before the first function that is to call these.
        text = re.sub(rf"(?m)^(?=\w[^\n;]*CPyDef_({'|'.join(BODIES)})___\w+\([^;)]*\) \{{)", lambda _: called, text, count=1)
        text = re.sub(r"(CPyPy_packs___\w+\([^)]*\) \{)", rf"\1\n    {NOT_FROM_PYTHON}", text)
        source.write_text(f"{mended}\n{text}", encoding="utf-8")


# mypyc leaves docstrings out. In the C that it writes, each function has a place for its own; where that looks another way than
# expected, the function stays without, and a test says so.
_STRING = r'"(?:[^"\\]|\\.)*'
_PLACES = {
    ast.Module: r'(PyModuleDef_HEAD_INIT,\s*"autograd_lite\.engine\.{module}",\s*)(NULL)',
    ast.ClassDef: r"(CPyType_{module}___{name}_template_ = {{(?:(?!\n *}};).)*?\.tp_doc = PyDoc_STR\()(NULL|{string})",
    ast.FunctionDef: r"(\(PyCFunction\)CPyPy_{module}___{name},\s*METH_[A-Z_| ]+, PyDoc_STR\()({string})",
    property: r"(\(getter\){module}___{owner}_get_{bare},\s*(?:\(setter\)\w+|NULL),\s*)(NULL)",
}


def write_docstrings(sources: set[Path]) -> None:
    """Writes the docstrings of the engine's modules, classes, functions and properties into the C that mypyc made of them."""
    for source in sorted(sources):
        text = source.read_text(encoding="utf-8")
        for path in ENGINE:
            for kind, names, docstring in documented(ast.parse(Path(path).read_text(encoding="utf-8"))):
                place = _PLACES[kind].format(module=Path(path).stem, string=_STRING, **names)
                told = _in_c(cleandoc(docstring))
                # A signature, where there is one, stands before the docstring, and the string is open at its end.
                text = re.sub(place, lambda found, told=told: _joined(found, told), text, count=1, flags=re.DOTALL)
        source.write_text(text, encoding="utf-8")


def _joined(found: "re.Match[str]", told: str) -> str:
    return f'{found[1]}"{told}"' if found[2] == "NULL" else f"{found[1]}{found[2]}{told}"


def documented(tree: ast.Module) -> Iterator[tuple[type, dict[str, str], str]]:
    """What has a docstring: its kind, its names, as in the C that mypyc writes, and the docstring."""
    for node, owner in [(tree, None), *((node, None) for node in tree.body), *_members(tree)]:
        docstring = ast.get_docstring(node, clean=False) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) else None
        if docstring is None:
            continue
        bare = getattr(node, "name", "")
        is_property = any(isinstance(each, ast.Name) and each.id == "property" for each in getattr(node, "decorator_list", []))
        names = {"bare": bare, "owner": owner or "", "name": f"{owner}___{bare}" if owner else bare}
        yield property if is_property else type(node), names, docstring


def _members(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    for cls in tree.body:
        if isinstance(cls, ast.ClassDef):
            yield from ((node, cls.name) for node in cls.body)


def _in_c(text: str) -> str:
    """The inside of a string literal in C."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}" for byte in text.encode())


def _interpreted(reason: str) -> list[Extension]:
    print(f"autograd_lite: the engine stays interpreted ({reason}); it gives the same results, more slowly", file=sys.stderr)
    return []


class BuildEngine(build_ext):
    """Compiles every module of the engine or none: a half-compiled engine would not import."""

    def build_extensions(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "nothing.c")
            source.write_text("int nothing;\n", "ascii")
            taken = [option for option in FASTER if self._takes(option, source)]
        for extension in self.extensions:
            extension.extra_compile_args += taken
        super().build_extensions()

    def _takes(self, option: str, source: Path) -> bool:
        if sys.platform != "linux":  # the tables are those of its libraries
            return False
        command = [*self.compiler.compiler_so, "-Werror", option, "-c", str(source), "-o", f"{source}.o"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

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


def read_me() -> str:
    """README.md as lists of packages show it, beside no other file: every path is the address of that file in this version."""
    home = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["urls"]["Source"]
    version = re.search(r'^__version__ = "(.+)"', Path("autograd_lite/__init__.py").read_text("utf-8"), re.MULTILINE)
    assert version is not None
    tag = f"v{version[1]}"

    def address(link: re.Match[str]) -> str:
        path = f"README.md{link[2]}" if link[2].startswith("#") else link[2]
        there = Path(path.partition("#")[0]).exists()
        return f"{link[1]}]({home}/{'raw' if link[1].startswith('!') else 'blob'}/{tag}/{path})" if there else link[0]

    return re.sub(r"(!?\[[^\]\n]*)\]\(([^)\s:]+)\)", address, Path("README.md").read_text("utf-8"))


atexit.register(shutil.rmtree, BUILD, ignore_errors=True)
OWN_FOLDERS = {} if BUILDING.isdisjoint(sys.argv) else {"build": {"build_base": str(BUILD)}}
setup(
    ext_modules=compiled_engine(),
    cmdclass={"build_ext": BuildEngine},
    options=OWN_FOLDERS,
    long_description=read_me(),
    long_description_content_type="text/markdown",
)
