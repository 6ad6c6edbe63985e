"""The picture of the figures: how many times as long others take, a dot for each line of the tables, on a logarithmic scale."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from statistics import median

__all__ = ["Ratios", "picture", "ratio"]

Ratios = Mapping[str, Sequence[tuple[str, float]]]  # by engine: a line of the tables, and how many times as long it takes there

_WIDTH, _LEFT, _RIGHT = 420, 116, 352  # of the picture; where the scale begins and ends
_ROW, _HEAD = 22, 44  # the height of an engine, and of a group's title with what is above it
_STYLE = """\
.speed{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif;font-size:13px}
.page{fill:#fff;stroke:#d0d4d9}text{fill:#1c1e21}.title{font-size:15px;font-weight:bold}.head{font-weight:bold}.axis{fill:#5b626b;font-size:12px}
.grid{stroke:#dfe2e6}.one{stroke:#1c1e21;stroke-width:1.5}.range{stroke:#1f6fb2;stroke-width:2;opacity:.4}
.dot{fill:#1f6fb2;opacity:.6}.median{stroke:#b3440c;stroke-width:3}
@media (prefers-color-scheme:dark){.page{fill:#17191c;stroke:#3a3f45}text{fill:#e6e8ea}.axis{fill:#a9b0b8}.grid{stroke:#30353b}
.one{stroke:#e6e8ea}.range{stroke:#6cb2ee}.dot{fill:#6cb2ee}.median{stroke:#f0904f}}"""


def ratio(numerator: float, denominator: float) -> str:
    """How many times as much, in two digits, or all of those before the point.

    >>> ratio(3.0, 2.0), ratio(1.0, 15.0), ratio(4400.0, 2.0), ratio(0.9999, 10_000.0)
    ('1.5', '0.067', '2,200', '0.00010')
    """
    value = numerator / denominator
    _, _, exponent = f"{value:.1e}".partition("e")
    return f"{value:,.{max(0, 1 - int(exponent))}f}"


class _Scale:
    """All ratios with a margin, and 1 with something on both sides of it."""

    def __init__(self, ratios: Sequence[float]) -> None:
        self.low, self.high = math.log10(min(*ratios, 0.5)) - 0.1, math.log10(max(*ratios, 2.0)) + 0.1
        self.powers = range(math.ceil(self.low), math.floor(self.high) + 1)

    def x(self, times: float) -> float:
        """How far to the right a ratio stands."""
        return _LEFT + (_RIGHT - _LEFT) * (math.log10(times) - self.low) / (self.high - self.low)


def picture(title: str, groups: Mapping[str, Ratios]) -> str:
    """An SVG of engines in groups, each a row: a dot for every ratio, a mark at their median.

    >>> text = picture("speed", {"beside us": {"micrograd": [("chain", 40.0), ("moons", 250.0)]}})
    >>> "<title>chain: 40</title>" in text, "times slower (log)" in text
    (True, True)
    """
    scale = _Scale([times for ratios in groups.values() for lines in ratios.values() for _, times in lines])
    parts, y = (
        [
            _text("title", 16, 27, title),
            _text("axis", 16, 46, "a dot is a line of the tables; the bar and the number are the median"),
        ],
        48.0,
    )
    for name, ratios in groups.items():
        parts += _group(name, ratios, scale, y)
        y += _HEAD + _ROW * len(ratios) + 16
    parts += [
        _text("axis", _LEFT, y + 16, "\u2190 times faster"),
        _text("axis", _RIGHT, y + 16, "times slower (log) \u2192", "end"),
    ]
    height = y + 28
    size = f'width="{_WIDTH}" height="{height:g}" viewBox="0 0 {_WIDTH} {height:g}"'
    page = f'<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1:g}" rx="8"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="speed" {size} role="img" aria-label="{escape(title)}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", page, *parts, "</svg>\n"])


def _group(name: str, ratios: Ratios, scale: _Scale, y: float) -> list[str]:
    """The rows, the fastest engine first, over a line for each power of ten."""
    top, bottom = y + _HEAD - 8, y + _HEAD + _ROW * len(ratios)
    parts = [_text("head", 16, y + 26, name)]
    for power in scale.powers:
        x = scale.x(10.0**power)
        parts.append(_line("grid" if power else "one", x, top, x, bottom))
        parts.append(_text("axis", x, bottom + 13, f"{10**power:,}" if power >= 0 else f"1/{10**-power:,}", "middle"))
    middles = {engine: median(times for _, times in lines) for engine, lines in ratios.items()}
    for place, engine in enumerate(sorted(middles, key=middles.__getitem__)):
        lines, at = ratios[engine], y + _HEAD + _ROW * (place + 0.5)
        found, middle = [scale.x(times) for _, times in lines], scale.x(middles[engine])
        parts += [_text("", 16, at + 4, engine), _line("range", min(found), at, max(found), at)]
        parts += [_dot(x, at, f"{line}: {ratio(times, 1.0)}") for x, (line, times) in zip(found, lines, strict=True)]
        parts.append(_text("", _WIDTH - 14, at + 4, ratio(middles[engine], 1.0), "end"))
        parts.append(_line("median", middle, at - 7, middle, at + 7))
    return parts


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:g}" x2="{x2:.1f}" y2="{y2:g}"/>'


def _text(kind: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def _dot(x: float, y: float, title: str) -> str:
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:g}" r="3.5"><title>{escape(title)}</title></circle>'
