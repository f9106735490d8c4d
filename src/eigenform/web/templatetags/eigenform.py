"""The tags that pages are made of; `docs/guide/design.md` shows each with its exact arguments.

Every tag hands its template all that it names: with an unknown variable the tests stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import lru_cache
from html import unescape
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString

from eigenform.web import figures
from eigenform.web.components import Chart, Chip, DecisionCard, Fact, Pager, Progress, TimelineEntry, point_texts
from eigenform.web.figures import CannotTell, Figure, Scale, currency_prefix, shown_factor
from eigenform.web.gap import Gap, value_of

register = template.Library()

SIGN_BY_SENSE = {"shortfall": "▼", "surplus": "▲", "": ""}
FACTS_MAX = 3
DAYS_SAID_IN_WORDS = 14
_DIST = "eigenform/dist"


# The frame


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a built asset with its version, so that an upgrade is never met by an old copy."""
    return f"{static(f'{_DIST}/{name}')}?v={_assets_version()}"


@lru_cache(maxsize=1)
def _assets_version() -> str:
    stamp = finders.find(f"{_DIST}/sources.sha256")
    if stamp is None:
        return "unbuilt"
    with open(stamp, encoding="ascii") as file:  # noqa: PTH123 - finders speak in strings
        return file.read(10)


@register.simple_tag
def icon(name: str, css_class: str = "icon") -> SafeString:
    """Draw one of the icons of frontend/src/icons; always beside a word, hence hidden from screen readers."""
    href = f"{asset('icons.svg')}#{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css_class, href)


@register.simple_tag(takes_context=True)
def block_text(context: Context, name: str) -> str:
    """Return the text of one of the page's blocks, for a second place: the heading is also the window's title."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return " ".join(unescape(strip_tags(block.render(context))).split()) if block else ""


# Numbers


@register.inclusion_tag("shared/components/estimate.html")
def estimate(
    e: Figure | CannotTell | None,
    scale_min: float | None = None,
    scale_max: float | None = None,
    badge: bool = True,
    interval: bool = False,
) -> dict[str, Any]:
    """Draw a number with its interval on a common scale; without a scale the interval stands in words.

    None is drawn as "cannot tell" too, with the only reason that is then known: nothing has been estimated yet.
    """
    if e is None:
        e = CannotTell("Nothing has been estimated yet.")
    if isinstance(e, CannotTell):
        return {"e": e, "cannot_tell": True}
    scale = None if scale_min is None or scale_max is None or scale_max <= scale_min else Scale(scale_min, scale_max)
    return {
        "e": e,
        "cannot_tell": False,
        "sign": SIGN_BY_SENSE[e.sense],
        "bar": scale and _bar(e, scale),
        "show_badge": badge,
        "show_interval": interval or scale is None,
    }


def _bar(e: Figure, scale: Scale) -> dict[str, object]:
    low, high = scale.percent(e.low), scale.percent(e.high)
    return {
        "low": _position(low),
        "width": _position(max(high - low, 1.0)),  # an interval too narrow to see is still seen
        "mean": _position(scale.percent(e.mean)),
        "zero": _position(scale.percent(0.0)) if scale.min < 0 < scale.max else None,
        "is_beyond_low": e.low < scale.min,
        "is_beyond_high": e.high > scale.max,
    }


def _position(percent: float) -> str:
    """Write a position for SVG; as text, because a template would write numbers in the reader's language."""
    return f"{percent:.2f}%"


@register.inclusion_tag("shared/components/cannot_tell.html")
def cannot_tell(e: CannotTell) -> dict[str, Any]:
    """Draw "cannot tell" as a block: what is missing, what would decide, one button to go and get it."""
    return {"e": e}


@register.inclusion_tag("shared/components/why.html")
def why(facts: Iterable[Fact], formula_href: str = "") -> dict[str, Any]:
    """List the first three facts, and the link to the formula with this case's numbers."""
    return {"facts": list(facts)[:FACTS_MAX], "formula_href": formula_href}


@register.inclusion_tag("shared/components/gap.html")
def gap(g: Gap, scale_min: float | None = None, scale_max: float | None = None) -> dict[str, Any]:
    """Draw expectation, promise, delivery and experience as four marks on one line."""
    values = [value for _, level in g.levels if (value := value_of(level)) is not None]
    low = min(values, default=0.0) if scale_min is None else scale_min
    high = max(values, default=1.0) if scale_max is None else scale_max
    scale = Scale(low, high if high > low else low + 1.0)
    widest = g.widest
    return {
        "gap": g,
        "marks": [_mark(name, level, g.unit, scale) for name, level in g.levels],
        "widest": widest
        and widest.size != 0
        and {
            "from": _inset(scale, widest.from_value),
            "to": _inset(scale, widest.to_value),
            "sense": "shortfall" if widest.size < 0 else "surplus",
            "sign": SIGN_BY_SENSE["shortfall" if widest.size < 0 else "surplus"],
        },
    }


def _mark(name: str, level: Figure | float | None, unit: str, scale: Scale) -> dict[str, object]:
    value = value_of(level)
    if value is None:
        return {"name": name, "text": "not known", "tip": "", "x": None}
    if isinstance(level, Figure):
        return {"name": name, "text": level.text, "tip": level.tip, "x": _inset(scale, value)}
    number = f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
    return {"name": name, "text": f"{number} {unit}", "tip": "", "x": _inset(scale, value)}


def _inset(scale: Scale, value: float) -> str:
    """Keep marks whole at both ends of the line: use its middle 96 per cent."""
    return _position(2 + 0.96 * scale.percent(value))


@register.filter
def money(amount_minor: int, currency: str) -> str:
    """Show a counted amount in full: 123450|money:"GBP" is £1,234.50."""
    return figures.format_money(amount_minor, currency)


@register.filter
def count(number: int) -> str:
    """Show a whole number with thousands separated."""
    return f"{number:,}"


@register.simple_tag
def when(moment: datetime | date | None, now: datetime | date | None = None) -> SafeString:
    """Show a day as people say it, with the exact time in the tooltip; `now` is the as-of day of what is shown."""
    if moment is None:
        return format_html('<span class="ef-muted">{}</span>', "no date")
    exact = f"{moment:%d %b %Y, %H:%M %Z}".strip() if isinstance(moment, datetime) else f"{moment:%d %b %Y}"
    words = _day_in_words(_day(moment), _day(now or timezone.now()))
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, words)


def _day(moment: datetime | date) -> date:
    if not isinstance(moment, datetime):
        return moment
    return (moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)).date()


def _day_in_words(day: date, today: date) -> str:
    days_ago = (today - day).days
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}
    if days_ago in near:
        return near[days_ago]
    if 1 < days_ago <= DAYS_SAID_IN_WORDS:
        return f"{days_ago} days ago"
    if -DAYS_SAID_IN_WORDS <= days_ago < -1:
        return f"in {-days_ago} days"
    return f"{day.day} {day:%b %Y}"


# Decisions and history


@register.inclusion_tag("shared/components/decision_card.html", takes_context=True)
def decision_card(context: Context, card: DecisionCard) -> dict[str, Any]:
    """Draw one decision; put it inside an element with x-data="decisions" for the keyboard."""
    is_assumed = isinstance(card.gain, Figure) and card.gain.basis is figures.Basis.ASSUMED
    return {"card": card, "is_assumed": is_assumed, "csrf_token": context.get("csrf_token", "")}


@register.inclusion_tag("shared/components/timeline.html")
def timeline(
    entries: Sequence[TimelineEntry], kinds: Sequence[Chip] = (), now: datetime | date | None = None
) -> dict[str, Any]:
    """Draw one stream on two sides of one line, in the order given (newest first)."""
    return {"entries": entries, "kinds": kinds, "now": now or timezone.now()}


# Lists


@register.inclusion_tag("shared/components/chips.html")
def chips(items: Sequence[Chip], label: str = "Filters", removable: bool = True) -> dict[str, Any]:
    """Draw filters as links in words; where one must always be chosen, say `removable=False`."""
    return {"chips": items, "label": label, "removable": removable}


@register.inclusion_tag("shared/components/quick_search.html")
def quick_search(
    action: str,
    value: str = "",
    target: str = "#list",
    label: str = "Search",
    name: str = "q",
    keep: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Draw a search box that asks while one types and replaces `target`; `keep` holds the address's other parts."""
    kept = [(key, part) for key, part in (keep or {}).items() if part not in ("", None)]
    return {"action": action, "value": value, "target": target, "label": label, "name": name, "kept": kept}


@register.inclusion_tag("shared/components/pager.html")
def pager(page: Pager) -> dict[str, Any]:
    """Draw the links to the page before and after."""
    return {"page": page}


@register.inclusion_tag("shared/components/empty.html")
def empty(title: str, sentence: str = "", href: str = "", label: str = "") -> dict[str, Any]:
    """Draw a list or panel that holds nothing yet: why, and what to do about it."""
    return {"title": title, "sentence": sentence, "href": href, "label": label}


@register.inclusion_tag("shared/components/progress.html")
def progress(job: Progress) -> dict[str, Any]:
    """Draw a job's bar; while it runs it asks for itself once a second."""
    return {"job": job}


# Charts


@register.inclusion_tag("shared/components/chart.html")
def chart(c: Chart) -> dict[str, Any]:
    """Draw a chart with its sentence, the same numbers as a table, and a csv link."""
    rows = [
        {"series": series.name, "point": p, "texts": point_texts(c, p)} for series in c.series for p in series.points
    ]
    spec = asdict(c) | {"y_prefix": currency_prefix(c.y_currency), "y_divide": 1 / shown_factor(c.y_currency)}
    for point, row in zip((p for line in spec["series"] for p in line["points"]), rows, strict=True):
        point["texts"] = row["texts"]
    return {
        "chart": c,
        "spec": spec,
        "rows": rows,
        "has_interval": any(row["point"].low is not None for row in rows),
        "has_n": any(row["point"].n is not None for row in rows),
    }
