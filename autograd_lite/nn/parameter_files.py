"""The file of a model's parameters: JSON for people to read, written whole or not at all, and read with care."""

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from autograd_lite.files import write_whole

_FORMAT: Final = "autograd_lite parameters"
_VERSION: Final = 1
_LARGEST: Final = sys.float_info.max


def write_parameters(path: str | os.PathLike[str], model: str, state: Mapping[str, float]) -> Path:
    """Writes numbers by name; `model` is its description.

    Raises:
        ValueError: if a number is nan or infinite; the message names it.
    """
    for name, number in state.items():
        if not math.isfinite(number):
            raise ValueError(f"cannot save {model}: `{name}` is {number!r}. No file was written; see state_dict().")
    document = {"format": _FORMAT, "version": _VERSION, "model": model, "parameters": state}
    return write_whole(path, json.dumps(document, indent=1, ensure_ascii=False))


def read_parameters(path: str | os.PathLike[str]) -> tuple[dict[str, float], str]:
    """The numbers by name that are in a file, and by which model it was written, in words.

    Raises:
        ValueError: if it is no such file; the message says what was expected and found.
    """
    whole = f"cannot load {os.fspath(path)!r}: "
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=_without_repeats, parse_constant=_refuse)
    except RecursionError:
        raise ValueError(f"{whole}it is nested too deeply to be a file of parameters") from None
    except ValueError as error:
        raise ValueError(f"{whole}it is not JSON as `save` writes it: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f'{whole}expected an object with "format", "version" and "parameters", found {_shown(document)}')
    for key, expected in (("format", _FORMAT), ("version", _VERSION)):
        if document.get(key) != expected or isinstance(document[key], bool):
            raise ValueError(f'{whole}"{key}" must be {json.dumps(expected)}, found {_shown(document.get(key, _Absent))}')
    if not isinstance(document.get("parameters"), dict):
        found = _shown(document.get("parameters", _Absent))
        raise ValueError(f'{whole}"parameters" must be an object of name: number, found {found}')
    for name, number in document["parameters"].items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= _LARGEST:
            raise ValueError(f"{whole}`{name}` must be a finite number, found {_shown(number)}")
    written_by = document.get("model")
    return document["parameters"], f" (written by {written_by})" if isinstance(written_by, str) else ""


def _without_repeats(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key `{key}` stands there twice")
        found[key] = value
    return found


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number in JSON")


class _Absent:
    """Stands for a key that is not in the file, which may well hold null."""


def _shown(found: Any) -> str:
    """What was found, in JSON's words and at most a line of it."""
    if isinstance(found, dict | list):
        return f"{'an object' if isinstance(found, dict) else 'a list'} of {len(found)}"
    text = "no such key" if found is _Absent else repr(found) if isinstance(found, float) else json.dumps(found)
    return text if len(text) <= 60 else f"{text[:57]}..."
