"""Every leaf of the policy's document: where it stands, what it means, how it is typed and read back.

Money is typed in main units and shares in per cent; the document holds minor units and shares. Tables of names and
numbers are typed one to a line, "phone = 1200".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eigenform.base.money import from_minor, to_minor
from eigenform.coordination.contracts import KINDS
from eigenform.web.pages import wording


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of the document: where it stands, how it is asked for, how it is shown and read back."""

    path: str
    label: str
    hint: str
    kind: str  # offers, text, zone, whole, number, share, money, pairs, share_pairs, names, channel, sentence

    @property
    def name(self) -> str:
        return self.path.replace(".", "__")


@dataclass(frozen=True, slots=True)
class Section:
    """Leaves that belong together."""

    title: str
    meaning: str
    leaves: tuple[Leaf, ...]


def _action(kind: str) -> Section:
    at, noun = f"actions.{kind}", wording.KINDS[kind]
    return Section(
        noun,
        "What it costs, and the effect assumed until a hold-out or a contrast has measured it at your firm.",
        (
            Leaf(f"{at}.cost_minor", "Cost", "of doing it once, in the reporting currency", "money"),
            Leaf(f"{at}.minutes", "Minutes", "of somebody's time", "number"),
            Leaf(f"{at}.channel", "Channel", "whose minutes it uses", "channel"),
            Leaf(
                f"effects.{kind}.mean", "Assumed effect", "per cent of what is at stake that it saves or wins", "share"
            ),
            Leaf(f"effects.{kind}.sd", "Doubt about it", "one standard deviation, per cent; must be above 0", "share"),
            Leaf(f"effects.{kind}.author", "Assumed by", "who answers for the number", "text"),
            Leaf(f"effects.{kind}.reason", "Because", "why this much", "sentence"),
        ),
    )


SECTIONS = (
    Section(
        "The firm",
        "How it is called, in what it reckons and by which clock.",
        (
            Leaf("firm.name", "Name", "", "text"),
            Leaf("firm.currency", "Reporting currency", "three capitals, such as GBP; the first load sets it", "text"),
            Leaf("firm.zone", "Time zone", "a promised day ends at midnight here", "zone"),
        ),
    ),
    Section(
        "Limits of one turn",
        "What a turn may use and how often one customer may be reached.",
        (
            Leaf("limits.budget_minor", "Budget", "for all decisions of a turn, in the reporting currency", "money"),
            Leaf("limits.minutes_by_channel", "Minutes", "a line each: channel = minutes a turn may use", "pairs"),
            Leaf(
                "limits.minutes_by_person",
                "Minutes of people",
                "a line each: channel, name = minutes; a channel then has no more than its people",
                "pairs",
            ),
            Leaf("limits.contacts_max", "Contacts at most", "with one customer …", "whole"),
            Leaf(
                "limits.contacts_window_days",
                "… in any so many days",
                "a sliding window, whatever the calendar says",
                "whole",
            ),
            Leaf("limits.contacts_per_turn", "Contacts in a turn", "at most", "whole"),
            Leaf("limits.attribute_changes_per_turn", "Changes of attributes in a turn", "at most", "whole"),
            Leaf("limits.partner_talks_per_turn", "Talks with partners in a turn", "at most", "whole"),
            Leaf("limits.repeat_after_days", "Left alone for", "days after something was decided about it", "whole"),
        ),
    ),
    Section(
        "Hold-out",
        "Some chosen customers are left alone at random, so that we can measure what a contact does.",
        (
            Leaf("limits.holdout_share", "Held out", "per cent of the chosen customers", "share"),
            Leaf("limits.holdout_weeks", "For", "weeks; then chance draws again", "whole"),
        ),
    ),
    Section(
        "When a shortfall counts",
        "How much is tolerated, and how sure the judgement must be before anybody is troubled.",
        (
            Leaf("thresholds.short_share_tolerated", "Broken promises tolerated", "per cent of promises", "share"),
            Leaf(
                "thresholds.gap_tolerated",
                "Gap tolerated",
                "in the attribute's own unit; worse than this counts",
                "number",
            ),
            Leaf("thresholds.certainty", "Certainty", "per cent, shared out over all that is looked at", "share"),
            Leaf("thresholds.readings_min", "Readings at least", "with fewer we cannot tell", "whole"),
        ),
    ),
    *(_action(kind) for kind in KINDS),
    Section(
        "Further offers",
        "Ways to contact a customer besides the plain contact. A turn gives each customer at most one.",
        (
            Leaf(
                "offers",
                "Offers",
                "a line each: name | channel | cost | minutes | effect % | doubt % | consent or free | excludes",
                "offers",
            ),
        ),
    ),
    Section(
        "Worth",
        "How far ahead a relationship is reckoned, and what of its revenue stays with you.",
        (
            Leaf("horizon_weeks", "Horizon", "weeks ahead", "whole"),
            Leaf("discount_per_year", "Discount", "per cent a year", "share"),
            Leaf(
                "margin_share_by_category",
                "Margin",
                "a line each: category = per cent; without it worth is revenue",
                "share_pairs",
            ),
        ),
    ),
    Section(
        "Left alone",
        "Customers of these segments are never contacted because of a decision.",
        (Leaf("left_alone_segments", "Segments", "one to a line", "names"),),
    ),
)
LEAVES = tuple(leaf for section in SECTIONS for leaf in section.leaves)


def _pairs_text(pairs: Mapping[str, float], factor: float = 1.0) -> str:
    return "\n".join(f"{name} = {_short(number * factor)}" for name, number in pairs.items())


def _short(number: float) -> str:
    return f"{number:.10g}"


def _offers_text(offers: Any, currency: str) -> str:
    """Write each offer as the line that it is typed in."""
    return "\n".join(
        " | ".join(
            (
                offer["name"],
                offer["channel"],
                str(from_minor(offer["cost_minor"], currency)),
                _short(offer["minutes"]),
                _short(100 * offer["effect"]["mean"]),
                _short(100 * offer["effect"]["sd"]),
                "consent" if offer["needs_consent"] else "free",
                ", ".join(offer["excludes"]),
            )
        ).rstrip(" |")
        for offer in offers
    )


_SHOWN: Mapping[str, Callable[[Any, str], Any]] = {
    "share": lambda value, _currency: _short(value * 100),
    "number": lambda value, _currency: _short(value),
    "money": lambda value, currency: str(from_minor(value, currency)),
    "pairs": lambda value, _currency: _pairs_text(value),
    "share_pairs": lambda value, _currency: _pairs_text(value, 100),
    "names": lambda value, _currency: "\n".join(value),
    "offers": _offers_text,
}
READ: Mapping[str, Callable[[Any, str], Any]] = {
    "share": lambda value, _currency: float(value / 100),
    "number": lambda value, _currency: float(value),
    "money": to_minor,
    "share_pairs": lambda value, _currency: {name: number / 100 for name, number in value.items()},
    "names": lambda value, _currency: list(value),
    "offers": lambda value, currency: [
        {**line, "cost_minor": to_minor(line["cost_minor"], currency)} for line in value
    ],
}


def shown(leaf: Leaf, document: Mapping[str, Any], currency: str) -> Any:
    """Return a leaf's value as it is typed and read by people."""
    value: Any = document
    for part in leaf.path.split("."):
        value = value[part]
    return _SHOWN.get(leaf.kind, lambda plain, _currency: plain)(value, currency)
