"""How a gap changed: over the days of its readings, and from turn to turn."""

from collections.abc import Sequence

from eigenform.ledger.contracts import EstimateRow
from eigenform.web.components import Chart, Point, Series
from eigenform.web.pages.gap_figures import AGAINST

CSV_HEADER = ("day", "mean", "low", "high", "n", "unit")


def over_days(row: EstimateRow, *, attribute: str, csv_href: str) -> Chart | None:
    """Return the gap over the days of its readings as the last turn judged it; None if fewer than two are known."""
    points = tuple(
        Point(day, mean, low, high, n=int(n)) for day, mean, low, high, n in row.facts.get("trajectory") or ()
    )
    if len(points) < 2:
        return None
    return _chart(
        "days",
        points,
        row,
        attribute=attribute,
        csv_href=csv_href,
        title="Over the days of the readings",
        x_label="day",
    )


def over_turns(rows: Sequence[EstimateRow], *, attribute: str, csv_href: str) -> Chart | None:
    """Return the gap as each turn judged it; None before the second turn."""
    points = tuple(
        Point(r.as_of.isoformat(), r.mean, r.low, r.high, n=r.n) for r in rows if r.as_of and r.mean is not None
    )
    if len(points) < 2:
        return None
    return _chart(
        "turns",
        points,
        rows[-1],
        attribute=attribute,
        csv_href=csv_href,
        title="As each turn judged it",
        x_label="turn made on",
    )


def _chart(
    chart_id: str,
    points: tuple[Point, ...],
    row: EstimateRow,
    *,
    attribute: str,
    csv_href: str,
    title: str,
    x_label: str,
) -> Chart:
    return Chart(
        id=chart_id,
        kind="line_band",
        title=f"{attribute[:1].upper()}{attribute[1:]}, {AGAINST.get(row.quantity, 'gap')}. {title}",
        sentence=_sentence(points, row.unit),
        x_label=x_label,
        y_label=row.unit,
        series=(Series(attribute, points),),
        y_reference=0.0,
        csv_href=csv_href,
    )


def _sentence(points: tuple[Point, ...], unit: str) -> str:
    """Say what to see: where it stands, and whether it moved by more than both ends' doubt."""
    first, last = points[0], points[-1]
    stands = "below zero: a shortfall" if last.high < 0 else "above zero" if last.low > 0 else "around zero"
    if last.low > first.high:
        moved = "it rose"
    elif last.high < first.low:
        moved = "it fell"
    else:
        moved = "no change that the readings can tell"
    return f"At its end {stands}; since its beginning {moved}. The band holds 80 %, in {unit}."


def csv_rows(points: tuple[Point, ...], unit: str) -> list[tuple[object, ...]]:
    """Return a chart's points as rows of a csv file."""
    return [(p.x, p.mean, p.low, p.high, p.n, unit) for p in points]


def name_of_file(category: str, attribute: str) -> str:
    """Return a file name that any system takes."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in f"{category}-{attribute}".lower())
    return f"gap-{plain.strip('-')}.csv"
