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
    return sum(piece.size for piece in case.body) + len(case.setup) + len(case.arguments) + len(case.rows), len(case.source)


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
        for less in piece.smaller():
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
