"""For whom it worked, and whether a ranking would have found them: the two charts of a campaign or plan."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from eigenform.web.components import Chart, Point, Series
from eigenform.web.figures import Figure, format_value, supported_step
from eigenform.web.pages.what_worked.told import EffectLine, Told


def segments(told: Told, lines: Sequence[EffectLine], of: str) -> Chart | None:
    """Return the effect by segment, or None where no segment can be told."""
    known = [(line, line.margin) for line in lines if isinstance(line.margin, Figure)]
    if len(known) < 2:
        return None
    best, most = max(known, key=lambda pair: pair[1].mean)
    clear = sum(bool(figure.sense) for _line, figure in known)
    apart = _are_apart([figure for _line, figure in known])
    return Chart(
        id="segments",
        kind="bars",
        title="More per customer, by segment",
        sentence=f"Highest with {best.name}: {most.text} ({most.interval_text}). In {clear} of {len(known)} segments "
        f"the interval leaves zero out. {apart}",
        x_label="segment",
        y_label=f"{told.currency} per customer",
        y_currency=told.currency,
        y_zero=True,
        series=(Series("Effect", tuple(Point(line.name, f.mean, f.low, f.high, f.n) for line, f in known)),),
        csv_href=_csv("segments", of),
    )


def _are_apart(figures: Sequence[Figure]) -> str:
    """Say whether any two intervals leave no common ground: a careful word on whether segments differ at all."""
    if max(f.low for f in figures) > min(f.high for f in figures):
        return "The intervals of the highest and the lowest do not meet: they probably differ."
    return "All intervals meet somewhere: the segments may well be alike."


def qini(told: Told, curve: Mapping[str, Any] | None, of: str) -> Chart | None:
    """Return the Qini curve beside treating as many at random."""
    if curve is None:
        return None
    share = [round(100 * s, 1) for s in curve["share"]]
    total = curve["gain"][-1]
    ends = zip(share, curve["gain"], curve["gain_low"], curve["gain_high"], strict=True)
    return Chart(
        id="qini",
        kind="line_band",
        title="If only the best-ranked were chosen (Qini curve)",
        sentence=sorting_sentence(told, curve),
        x_label="% of customers chosen, best-ranked first",
        y_label=f"{told.currency} per customer of all",
        y_currency=told.currency,
        y_zero=True,
        series=(
            Series("Best first", tuple(Point(x, m, low, high) for x, m, low, high in ends)),
            Series("At random", tuple(Point(x, x / 100 * total) for x in share)),
        ),
        csv_href=_csv("curve", of),
    )


def sorting_sentence(told: Told, curve: Mapping[str, Any]) -> str:
    """Say whether the ranking sorts, with the null test beside it."""
    area, low, high, null_low, null_high = (
        _money(told, curve, name) for name in ("area", "area_low", "area_high", "null_low", "null_high")
    )
    found = (
        "ranking customers by what was known before finds who gains more"
        if curve["area_low"] > 0
        else "nobody can tell that ranking customers by what was known before finds who gains more"
    )
    return (
        f"The area between the lines is {area} per customer ({low} to {high}): {found}. Null test: if all gained "
        f"alike, 80 % of such areas would lie between {null_low} and {null_high}, and {100 * curve['p_null']:.0f} % "
        "would be at least this large."
    )


def _money(told: Told, curve: Mapping[str, Any], name: str) -> str:
    step = supported_step(curve["area"] / 100, curve["area_low"] / 100, curve["area_high"] / 100)
    return format_value(curve[name], told.currency, step=step)


def _csv(part: str, of: str) -> str:
    return f"{reverse('what-worked-csv', args=[part])}?{urlencode({'of': of})}"
