"""The report on worth as charts, each with its table, its csv and a sentence that says what to see."""

from itertools import pairwise

from eigenform.web.components import Chart, Point, Series
from eigenform.web.figures import format_money
from eigenform.web.pages.wording import counted
from eigenform.web.pages.worth.told import Told


def distribution(told: Told) -> Chart:
    """Return how worth is spread over customers, in steps that grow with worth"""
    counts = told.report["counts"]
    names = bin_names(told)
    largest = max(counts)
    return Chart(
        id="spread",
        kind="histogram",
        title="How worth is spread over customers",
        sentence=(
            f"{largest:,} of {counted(sum(counts), 'customer')} are worth {names[counts.index(largest)]} each. "
            "The steps grow with worth, for few customers are worth a hundred times the most."
        ),
        x_label="expected worth of a customer",
        y_label="customers",
        series=(Series("Customers", tuple(Point(n, c) for n, c in zip(names, counts, strict=True))),),
        y_zero=True,
        csv_href=told.csv_href("distribution"),
    )


def bin_names(told: Told) -> list[str]:
    """Return the histogram's bins in words; the last one also holds all that lies beyond it."""
    edges = [round(edge) for edge in told.report["edges_minor"]]
    texts = [format_money(edge, told.currency).removesuffix(".00") for edge in edges]
    names = [f"{low} to {high}" for low, high in pairwise(texts)]
    names[0] = f"under {texts[1]}"
    return [*names[:-1], f"{texts[-2]} and more"] if len(names) > 1 else names


def concentration(told: Told) -> Chart | None:
    """Return which share of the worth the best customers hold; None where nobody is worth anything."""
    points = told.report["concentration"]
    if not points:
        return None
    held = tuple(Point(round(100 * share, 1), round(100 * worth, 1)) for share, worth in points)
    alike = tuple(Point(float(x), float(x)) for x in range(0, 101, 10))
    half = next(p.x for p in held if p.mean >= 50)
    return Chart(
        id="concentration",
        kind="line_band",
        title="How concentrated worth is",
        sentence=(
            f"The best {half:g} % of customers hold half of the worth. It is what is expected of each: what they will "
            "really bring lies further apart."
        ),
        x_label="the best so many per cent of customers",
        y_label="hold so much of the worth",
        series=(Series("Worth", held), Series("If all alike", alike)),
        y_suffix=" %",
        y_zero=True,
        csv_href=told.csv_href("concentration"),
    )


def cohorts(told: Told) -> Chart | None:
    """Return worth by when customers came; None before there are two cohorts."""
    rows = told.report["cohorts"]
    if len(rows) < 2:
        return None
    best = max(rows, key=lambda row: row["worth_minor"]["mean"])
    worth = told.money(best["worth_minor"], n=best["customers"])
    points = tuple(Point(r["name"], **_ends(r["worth_minor"]), n=r["customers"]) for r in rows)
    return Chart(
        id="cohorts",
        kind="bars",
        title="Worth by when customers first bought",
        sentence=f"Customers who came in {best['name']} are worth most: {worth.text} ({worth.interval_text}).",
        x_label="first purchase in",
        y_label="worth of the cohort",
        series=(Series("Worth", points),),
        y_currency=told.currency,
        csv_href=told.csv_href("cohorts"),
    )


def _ends(told: dict[str, float]) -> dict[str, float]:
    return {name: told[name] for name in ("mean", "low", "high")}
