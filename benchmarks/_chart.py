"""A chart of cost against size on two logarithmic scales, as SVG: a slope of one decade per decade is linear cost."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 440, 70, 210, 20, 50
_COLOURS = ("#0b6e99", "#b0413e", "#3f7d20", "#7b5ea7", "#b8860b", "#555555")


def draw(path: Path, series: Mapping[str, Sequence[tuple[float, float]]], *, across: str, up: str) -> None:
    """Draw each series as a line with its name at its end."""
    points = [point for line in series.values() for point in line]
    xs, ys = _decades([x for x, _ in points]), _decades([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        part_x = (math.log10(x) - xs[0]) / (xs[-1] - xs[0])
        part_y = (math.log10(y) - ys[0]) / (ys[-1] - ys[0])
        return _LEFT + wide * part_x, _TOP + high * (1 - part_y)

    parts = [*_grid(xs, ys, place, across, up), *_lines(series, place)]
    path.parent.mkdir(parents=True, exist_ok=True)
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    path.write_text(
        "\n".join([head, f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>', *parts, "</svg>\n"])
    )


def _decades(values: Sequence[float]) -> list[int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return list(range(low, max(high, low + 1) + 1))


def _grid(xs, ys, place, across: str, up: str):
    bottom, left = 10.0 ** ys[0], 10.0 ** xs[0]
    for decade in xs:
        x, y = place(10.0**decade, bottom)
        yield f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{y:.1f}" stroke="#e0e0e0"/>'
        yield f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{10**decade:,}</text>'
    for decade in ys:
        x, y = place(left, 10.0**decade)
        yield f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#e0e0e0"/>'
        yield f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{10.0**decade:g}</text>'
    middle_x, middle_y = (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT / 2
    turned = f'transform="rotate(-90 16 {middle_y:.0f})"'
    yield f'<text x="{middle_x:.0f}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>'
    yield f'<text x="16" y="{middle_y:.0f}" text-anchor="middle" {turned}>{escape(up)}</text>'


def _lines(series, place):
    ends: list[tuple[float, float]] = []
    for number, (name, line) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [place(x, y) for x, y in line]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
        x, y = places[-1]
        while any(x == beside and abs(y - other) < 15 for beside, other in ends):
            y += 15
        ends.append((x, y))
        yield f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{escape(name)}</text>'
