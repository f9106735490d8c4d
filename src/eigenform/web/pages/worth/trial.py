"""How well the models told what they had not seen: the comparison, and what was expected against what came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from eigenform.web.components import Chart, Point, Series
from eigenform.web.figures import Figure
from eigenform.web.pages.customers.driving import chance
from eigenform.web.pages.wording import counted, day
from eigenform.web.pages.worth.told import Told

NAMES = {"bg-nbd": "BG/NBD", "mbg-nbd": "MBG/NBD", "pareto-nbd": "Pareto/NBD"}
_COVERED_FROM, _COVERED_TO = 0.75, 0.85


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A line of the comparison; `in_use` marks the model that the worth is judged by."""

    name: str
    score: str
    mae: str
    expected: Figure
    coverage: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """The hold-out in words, as a table and as charts."""

    sentence: str
    rows: tuple[ModelRow, ...]
    because: str
    naive: str
    coverage: str
    drift: str
    weeks: Chart
    groups: Chart


def trial(told: Told) -> Trial | None:
    """Return the hold-out of the last turn, None if its history was too short for one."""
    kept = told.report.get("trial")
    if not kept:
        return None
    cut_on = date.fromisoformat(kept["cut_on"])
    return Trial(
        sentence=(
            f"The models were fitted to what was known on {day(cut_on)} and tried on the {kept['weeks']} weeks since: "
            f"{counted(kept['customers'], 'customer')} made {counted(kept['purchases'], 'purchase')}."
        ),
        rows=tuple(_row(row, kept, told) for row in kept["tried"]),
        because=told.report["because"],
        naive=_naive(kept),
        coverage=_coverage(kept),
        drift=kept["drift"] or "",
        weeks=_weeks(kept, told),
        groups=_groups(kept, told),
    )


def _row(row: Mapping[str, Any], kept: Mapping[str, Any], told: Told) -> ModelRow:
    return ModelRow(
        name=NAMES.get(row["model"], row["model"]),
        score=f"{row['score']:.4f}",
        mae=f"{row['mae']:.3f}",
        expected=told.figure({**row, "mean": row["expected"]}, "", n=kept["customers"]),
        coverage=chance(row["coverage_80"]),
        in_use=row["model"] == kept["model"],
    )


def _naive(kept: Mapping[str, Any]) -> str:
    told = f"misses by {kept['naive_mae']:.3f} purchases a customer, the model in use by {kept['mae']:.3f}"
    if kept["naive_wins"]:
        return f"Going on at each customer's earlier rate {told}: the simple rule wins. Take single worths with care."
    return f"Going on at each customer's earlier rate {told}."


def _coverage(kept: Mapping[str, Any]) -> str:
    share = kept["coverage_80"]
    told = f"Of 100 customers {100 * share:.0f} did what the 80 % intervals say."
    if share < _COVERED_FROM:
        return f"{told} That is too few: the intervals are too narrow."
    if share > _COVERED_TO:
        return f"{told} That is more than promised: the intervals are wider than need be."
    return f"{told} That is as it should be."


def _weeks(kept: Mapping[str, Any], told: Told) -> Chart:
    rows = kept["by_week"]
    expected = tuple(Point(w, r["predicted"], r["low"], r["high"]) for w, r in enumerate(rows, 1))
    bought = tuple(Point(w, r["actual"]) for w, r in enumerate(rows, 1))
    outside = sum(not r["low"] <= r["actual"] <= r["high"] for r in rows)
    return Chart(
        id="weeks",
        kind="line_band",
        title="Purchases by week, expected and made",
        sentence=(
            f"{outside} of {counted(len(rows), 'week')} lie outside the band that should hold four of five. "
            "The models know no season: a peak before a feast is not theirs to see."
        ),
        x_label="week of the hold-out",
        y_label="purchases",
        series=(Series("Expected", expected), Series("Made", bought)),
        y_zero=True,
        csv_href=told.csv_href("weeks"),
    )


def _groups(kept: Mapping[str, Any], told: Told) -> Chart:
    rows = kept["by_group"]
    expected = tuple(Point(g, r["predicted"], n=round(r["customers"])) for g, r in enumerate(rows, 1))
    bought = tuple(Point(g, r["actual"], r["low"], r["high"], n=round(r["customers"])) for g, r in enumerate(rows, 1))
    best, said = rows[-1]["actual"], rows[-1]["predicted"]
    return Chart(
        id="groups",
        kind="line_band",
        title="Purchases by group, expected and made",
        sentence=(
            f"Customers in groups of equal size, least expected first. Those of whom most was expected "
            f"({said:.2f} purchases each) made {best:.2f}."
        ),
        x_label="group",
        y_label="purchases a customer",
        series=(Series("Made", bought), Series("Expected", expected)),
        y_zero=True,
        csv_href=told.csv_href("groups"),
    )
