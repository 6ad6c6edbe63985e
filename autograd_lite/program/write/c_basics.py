"""The functions of `mathematics` that C computes in another way than by a function of its library of that name, or by the formula.

Each is given the vocabulary that writes, and texts or numbers.
"""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any, Final

from autograd_lite.engine.text import SUM

__all__ = ["BASIC"]


def _whole(name: str) -> Callable[..., Any]:
    def form(words: Any, x: Any) -> Any:  # 0.0, never -0.0
        return words.found(f"{name}{'f' * (words.dtype == 'float32')}({words.text(x).text}) + 0", SUM)

    return form


def _chosen(words: Any, condition: Any, x: Any, y: Any) -> Any:
    name = words.form("choose")
    return words.found(f"{name}({condition.text}, {words.text(x).text}, {words.text(y).text})")


def _sign(words: Any, x: Any) -> Any:
    return _chosen(
        words, words.compared(">", x, words.text(0.0)), 1.0, _chosen(words, words.compared("<", x, words.text(0.0)), -1.0, x * 0.0)
    )


def _total(words: Any, values: Sequence[Any]) -> Any:
    texts = [words.text(value).text for value in values]
    return words.found(f"{words.form('total')}((const real[]){{{', '.join(texts)}}}, {len(texts)})")


def _formed(name: str) -> Callable[..., Any]:
    def form(words: Any, x: Any, y: Any) -> Any:
        return words.found(f"{words.form(name)}({words.text(x).text}, {words.text(y).text})")

    return form


def _rounded(words: Any, x: Any, n: Any) -> Any:
    places = int(n)
    if places > _MOST_PLACES or places < -_EXACT_POWERS:
        raise TypeError(f"rounding to {places} decimal places has no form in C")
    if places >= 0:
        return words.found(f"{words.form('rounded')}({words.text(x).text}, {places})")
    size = words.called("abs", x)
    whole: Any = words.called("copysign", size - words.called("remainder", size, 10.0**-places), x)
    return whole


_EXACT_POWERS: Final = 22  # of ten, which floats hold
_MOST_PLACES: Final = 100
BASIC: Final[dict[str, Callable[..., Any]]] = {
    "less": lambda words, x, y: words.compared("<", words.text(x), words.text(y)),
    "equal": lambda words, x, y: words.compared("==", words.text(x), words.text(y)),
    "where": _chosen,
    "floor": _whole("floor"),
    "ceil": _whole("ceil"),
    "trunc": _whole("trunc"),
    "rint": _whole("rint"),
    "mod": _formed("mod"),
    "floor_divide": _formed("floor_divide"),
    "rounded": _rounded,
    "sign": _sign,
    "total": _total,
    "largest": lambda words, values: reduce(partial(words.called, "maximum"), values),
}
