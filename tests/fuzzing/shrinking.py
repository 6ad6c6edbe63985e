"""The smallest program that still fails in the same way, found by leaving out parts."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from autograd_lite.testing.fuzzing.case import Case, Piece


def shrunk(case: Case, fails: Callable[[Case], bool], most: int = 300) -> Case:
    """A smaller case that still fails: parts are left out as long as one can be.

    Args:
        case: one that fails. fails: whether a case does; an exception counts as no.
        most: how many cases to try.
    """
    tried = 0
    while True:
        for smaller in _smaller(case):
            tried += 1
            if tried > most:
                return case
            if _size(smaller) < _size(case) and _holds(fails, smaller):
                case = smaller
                break
        else:
            return case


def _holds(fails: Callable[[Case], bool], case: Case) -> bool:
    try:
        return fails(case)
    except Exception:
        return False


def _size(case: Case) -> tuple[int, int]:
    return sum(map(_pieces, case.body)) + len(case.setup) + len(case.arguments) + len(case.rows), len(case.source)


def _smaller(case: Case) -> Iterator[Case]:
    if len(case.rows) > 1:
        half = len(case.rows) // 2
        yield replace(case, rows=case.rows[:half])
        yield replace(case, rows=case.rows[half:])
    for place in range(len(case.body) - 1):
        yield replace(case, body=(*case.body[:place], *case.body[place + 1 :]))
    for place, piece in enumerate(case.body[:-1]):
        for part in piece.parts if "\n" in piece.template else ():
            if part.kind in ("number", "list"):  # one assignment in the place of a block
                simple = Piece("lines", piece.template.split(" ")[0].strip(",") + " = {0}", (part,))
                yield replace(case, body=(*case.body[:place], simple, *case.body[place + 1 :]))
    for place, piece in enumerate(case.body):
        for less in _smaller_pieces(piece):
            yield replace(case, body=(*case.body[:place], less, *case.body[place + 1 :]))
    for place, argument in enumerate(case.arguments):
        rest = (*case.arguments[:place], *case.arguments[place + 1 :])
        if not rest:
            continue
        if isinstance(argument.example, str):
            yield replace(case, arguments=rest)
        elif len(case.example) > 1:
            number = [a for a in case.arguments if not isinstance(a.example, str)].index(argument)
            yield replace(case, arguments=rest, rows=tuple([*row[:number], *row[number + 1 :]] for row in case.rows))
    for place, line in enumerate(case.setup):
        name = line.split(" ")[0]
        owned = [part for part in case.parameters.strip("[]").split(", ") if part not in ("", name, f"*{name}.parameters()")]
        parameters = f"[{', '.join(owned)}]" if owned else ""
        yield replace(case, setup=(*case.setup[:place], *case.setup[place + 1 :]), parameters=parameters)


def _pieces(piece: Piece) -> int:
    """How many pieces it is made of."""
    return 1 + sum(map(_pieces, piece.parts))


def _smaller_pieces(piece: Piece) -> Iterator[Piece]:
    """The piece with one of its inner pieces replaced by a part of it, or by a constant; the largest steps first."""
    for part in piece.parts:
        if part.kind == piece.kind:
            yield part
    if piece.kind == "number" and piece.parts:
        yield Piece("number", "1.5")
    if piece.kind == "list" and piece.length:
        yield replace(piece, template=f"([1.5] * {piece.length})", parts=())
    for place, part in enumerate(piece.parts):
        for less in _smaller_pieces(part):
            yield replace(piece, parts=(*piece.parts[:place], less, *piece.parts[place + 1 :]))
