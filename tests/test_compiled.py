"""C sources become libraries: compiled once, kept where only the user writes, and never loaded by halves."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from autograd_lite import compiled
from autograd_lite.commands.cli import main
from autograd_lite.compiled import CompilerError, cached, cleared, folder, library

SOURCE = "int answer(void) { return 42; }\n"


def source(number: int) -> str:
    """A source of its own."""
    return f"int answer(void) {{ return {number}; }}\n"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and a process that has loaded nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(compiled, "_loaded", {})
    return tmp_path / "autograd_lite"


def libraries(place: Path) -> list[Path]:
    return sorted(place.glob("*.so"))


def test_a_source_is_compiled_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert library(SOURCE).answer() == 42
    assert len(libraries(place)) == 1
    monkeypatch.setattr(compiled, "_loaded", {})
    monkeypatch.setattr(compiled, "_compiled", lambda *_: pytest.fail("compiled again"))
    assert library(SOURCE).answer() == 42


def test_only_the_user_may_enter_the_folder(place: Path) -> None:
    library(SOURCE)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in libraries(place)} == {0o600}


@pytest.mark.parametrize("spoil", [b"", b"\x7fELF", None], ids=["nothing", "the beginning", "another end"])
def test_what_was_not_written_to_the_end_is_compiled_again(
    place: Path, monkeypatch: pytest.MonkeyPatch, spoil: bytes | None
) -> None:
    library(source(7))
    monkeypatch.setattr(compiled, "_loaded", {})
    [path] = libraries(place)
    content = path.read_bytes()
    path.unlink()  # it is mapped into this process
    path.write_bytes(content[:-1] if spoil is None else spoil)
    assert library(source(7)).answer() == 7
    assert [each.read_bytes() for each in libraries(place)] == [content]


def test_a_folder_that_others_may_write_to_is_not_used(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)
    assert folder() != place
    assert library(source(1)).answer() == 1
    assert libraries(place) == []


def test_a_library_that_others_may_write_to_is_not_loaded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library(source(2))
    [path] = libraries(place)
    path.chmod(0o666)
    monkeypatch.setattr(compiled, "_loaded", {})
    assert library(source(2)).answer() == 2
    assert stat.S_IMODE(libraries(place)[0].stat().st_mode) == 0o600


def test_the_folder_of_another_user_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert not compiled.is_private(place)
    assert folder() != place


def test_a_link_is_not_followed(place: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "elsewhere")
    assert folder() != place


def test_without_a_home_to_write_to_there_is_a_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert library(source(3)).answer() == 3
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700


def test_without_any_folder_the_error_is_one_of_the_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    compiled._made_temporary.cache_clear()
    with pytest.raises(CompilerError, match="no folder for what the C compiler makes"):
        library(source(11))


def test_a_temporary_folder_that_is_gone_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    shutil.rmtree(folder())
    assert library(source(12)).answer() == 12


def test_a_home_of_which_nothing_may_be_run_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = ctypes.CDLL

    def loaded(path: str) -> ctypes.CDLL:
        if path.startswith(str(place)):
            raise OSError("failed to map segment from shared object")
        return load(path)

    monkeypatch.setattr(ctypes, "CDLL", loaded)
    assert library(source(13)).answer() == 13
    assert not libraries(place)


def test_the_temporary_folder_goes_with_its_process(tmp_path: Path) -> None:
    script = "from autograd_lite.compiled import *; print(folder()); print(library('int f(void) { return 5; }').f())"
    environment = os.environ | {"XDG_CACHE_HOME": "/dev/null/no"}
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    where, five = said.stdout.split()
    assert five == "5"
    assert not Path(where).exists()


def test_the_oldest_are_removed_first(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library(source(0))
    size = libraries(place)[0].stat().st_size
    monkeypatch.setattr(compiled, "MOST_BYTES", 3 * size + size // 2)
    for number in (1, 2):
        os.utime(libraries(place)[0], (0.0, 0.0)) if number == 1 else None
        library(source(number))
    oldest = min(libraries(place), key=lambda path: path.stat().st_mtime)
    library(source(3))
    assert len(libraries(place)) == 3
    assert not oldest.exists()


@pytest.mark.parametrize("command", ["false", "/no/such/compiler", "true", "/dev/null", 'cc "', "cc 'a"])
def test_a_compiler_that_does_not_compile_is_told(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("CC", command)
    with pytest.raises(CompilerError) as caught:
        library(source(4))
    assert command in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_the_compiler_refuses_is_told() -> None:
    with pytest.raises(CompilerError, match="error"):
        library("int answer(void) { return; } int answer;\n")


def test_a_compiler_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    slow.write_text('#!/bin/sh\n[ "$1" = --version ] && echo slow && exit\nexec sleep 60\n')
    slow.chmod(0o700)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr(compiled, "_SECONDS", 0.2)
    with pytest.raises(CompilerError, match="longer than"):
        library(source(5))


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
def test_what_a_stopped_compiler_has_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, note = tmp_path / "slow", tmp_path / "note"
    slow.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > '{note}'\nwait\n")
    slow.chmod(0o700)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr(compiled, "_SECONDS", 0.3)
    with pytest.raises(CompilerError, match="longer than"):
        library(source(5))
    started = int(note.read_text())
    for _ in range(100):
        if not _runs(started):
            return
        time.sleep(0.02)
    raise AssertionError(f"process {started} still runs")


def _runs(process: int) -> bool:
    """Whether a process has not ended; one that nobody waits for has."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_another_compiler_or_processor_has_its_own_library(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library(SOURCE)
    monkeypatch.setattr(compiled, "_processor", lambda: "another one")
    library(SOURCE)
    monkeypatch.setattr(compiled, "_version", lambda path: "a newer one")
    library(SOURCE)
    assert len(libraries(place)) == 3


def test_a_compiler_with_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "cc -DNUMBER=9")
    assert library("int answer(void) { return NUMBER; }\n").answer() == 9


@pytest.mark.parametrize("option", ["-ffast-math", "-Ofast", "-ffinite-math-only", "-funsafe-math-optimizations"])
def test_a_compiler_that_is_asked_for_fast_numbers_gives_right_ones(option: str) -> None:
    script = """
import sys
import numpy as np
from autograd_lite import where
from autograd_lite.program import trace
program = trace(lambda x, y: where(x != x, 5.0, x + y - x), 1.0, 2.0, backend="c")
print(program([float("nan"), 1e16, 1.0], [1.0, 1.0, 2.0]).tolist(), sys.float_info.min / 2.0 > 0.0)
"""
    environment = os.environ | {"CC": f"cc {option}"}
    found = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=100, check=True)
    assert found.stdout == "[5.0, 0.0, 2.0] True\n"


def test_a_compiler_that_is_asked_for_a_sanitizer_makes_what_can_be_loaded() -> None:
    script = 'from autograd_lite.compiled import library; print(library("int answer(void) { return 43; }").answer())'
    environment = os.environ | {"CC": "cc -fsanitize=address"}
    found = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=100, check=True)
    assert found.stdout == "43\n"


def test_a_compiler_that_makes_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "true")
    with pytest.raises(CompilerError, match="true failed: it made no library"):
        library(source(11))


def test_a_compiler_of_several_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "env 'cc'  -O1")
    assert library(source(12)).answer() == 12


def test_a_compiler_that_knows_no_native_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain"
    plain.write_text('#!/bin/sh\ncase "$*" in *native*) echo "unknown option" >&2; exit 1 ;; esac\nexec cc "$@"\n')
    plain.chmod(0o700)
    monkeypatch.setenv("CC", str(plain))
    assert library(source(6)).answer() == 6


def _answers(place: str) -> list[int]:
    os.environ["XDG_CACHE_HOME"] = place
    return [library(source(number)).answer() for number in range(4)]


def test_processes_at_the_same_time(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        found = pool.map(_answers, [str(tmp_path)] * 3)
    assert found == [[0, 1, 2, 3]] * 3
    names = [path.name for path in (tmp_path / "autograd_lite").iterdir()]
    assert len({name.partition("-")[0] for name in names}) == 4
    assert not [name for name in names if name.endswith(".part")]


def test_the_command_shows_and_clears(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library(SOURCE)
    kept = place / "mine.txt"
    kept.write_text("")
    assert main(["cache"]) == 0
    where, count, size = cached()
    assert (where, count) == (place, 1)
    assert capsys.readouterr().out == f"{place}\n  1 compiled programs, {size:,} bytes\n"
    assert main(["cache", "--clear"]) == 0
    assert capsys.readouterr().out == "1 compiled programs removed\n"
    assert list(place.iterdir()) == [kept]
    assert cleared() == 0


def test_a_folder_in_the_folder_is_no_library(place: Path) -> None:
    library(SOURCE)
    (place / "another-one.so").mkdir()
    assert compiled.cached()[1] == 1
    assert compiled.cleared() == 1


def test_a_library_can_be_loaded_twice() -> None:
    one, other = library(SOURCE), library(SOURCE)
    assert one is other
    assert isinstance(one, ctypes.CDLL)
