"""Names in the emitted source: identifiers from labels, each once, and texts that are safe inside a comment."""

import keyword
import re
from collections.abc import Iterable

_LONGEST = 100


def identifier(text: str, fallback: str = "v") -> str:
    """A Python identifier of ASCII letters that resembles a text.

    >>> identifier("layer0.neuron3.w[2]"), identifier("x'"), identifier("for"), identifier("1st")
    ('layer0_neuron3_w_2', 'x', 'for_', 'v1st')
    """
    name = text if text.isidentifier() and text.isascii() else re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    if not name:
        return fallback
    if name[0].isdigit() or name.startswith("INDEX"):  # which names arrays of places
        name = f"{fallback}{name}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def comment_text(text: str) -> str:
    """A text on one line, for a comment or a docstring: no line break, no quotes that could end it, nothing unprintable.

    >>> comment_text("a\\nimport os")
    'a import os'
    """
    plain = text if text.isprintable() else "".join(character if character.isprintable() else " " for character in text)
    plain = plain.replace("\\", "/").replace('"""', "'''")
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}..."


class Names:
    """The names of one source."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def unique(self, text: str) -> str:
        """A name like the text that was not given before."""
        return self.take(self.like(text))

    def numbered(self, stem: str, number: int) -> str:
        """The stem with this number, or the next one that is free; the stem alone for number 0, if free."""
        return self.take(self.free(stem, number))

    def like(self, text: str) -> str:
        """A free name like the text."""
        name = identifier(text)
        return self.free(name, 2) if not self._is_free(name) else name

    def free(self, stem: str, number: int) -> str:
        """The stem with this number, or with the next one that is free."""
        name = f"{stem}{number}" if number else stem
        while not self._is_free(name):
            number += 1
            name = f"{stem}{number}"
        return name

    def take(self, name: str) -> str:
        """Takes a name, and the name of its adjoint."""
        self.taken |= {name, f"d_{name}"}
        return name

    def _is_free(self, name: str) -> bool:
        return name not in self.taken and f"d_{name}" not in self.taken
