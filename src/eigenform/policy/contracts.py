"""The policy as one frozen document: what the loop may do, what it assumes, whom it leaves alone.

Every field has a meaning that a page explains and a default that a small firm can live with. Amounts are minor
units of the firm's reporting currency. A person edits the document; each edit is a new version.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eigenform.base.errors import Refused
from eigenform.coordination.contracts import KINDS


class ImpossiblePolicy(Refused):
    """A policy that contradicts itself or the meaning of its fields."""

    code = "policy.impossible"

    def __init__(self, *, field_name: str, problem: str, remedy: str) -> None:
        self.field, self.problem, self.remedy = field_name, problem, remedy
        super().__init__(f"Policy field {field_name}: {problem}. {remedy}.")


def _require(holds: bool, field_name: str, problem: str, remedy: str) -> None:
    if not holds:
        raise ImpossiblePolicy(field_name=field_name, problem=problem, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Prior:
    """An assumed effect: the share of what is at stake that an action saves or wins, until it is measured."""

    mean: float
    sd: float
    author: str = "Eigenform"
    reason: str = "A cautious start, not measured at your firm. Replace it when a hold-out has measured it."

    def __post_init__(self) -> None:
        _require(self.sd > 0, "effects.sd", f"{self.sd} is not above 0", "An assumption without doubt is a claim")
        _require(-1 <= self.mean <= 1, "effects.mean", f"{self.mean} is not a share", "Give it between -1 and 1")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may use, and how often one customer may be reached."""

    budget_minor: int = 200_000
    minutes_by_channel: Mapping[str, float] = field(
        default_factory=lambda: {"phone": 1200.0, "email": 600.0, "meeting": 960.0}
    )
    minutes_by_person: Mapping[str, float] = field(default_factory=dict)  # "phone, Ada Hart": of those minutes
    contacts_max: int = 2  # at most so many contacts …
    contacts_window_days: int = 30  # … in any so many days
    contacts_per_turn: int = 50
    attribute_changes_per_turn: int = 5
    partner_talks_per_turn: int = 5
    repeat_after_days: int = 91  # how long a subject is left alone after something was decided about it
    holdout_share: float = 0.10
    holdout_weeks: int = 13

    def __post_init__(self) -> None:
        _require(self.budget_minor >= 0, "limits.budget_minor", "below 0", "Give 0 to spend nothing")
        _require(0 <= self.holdout_share < 1, "limits.holdout_share", f"{self.holdout_share}", "Give a share below 1")
        _require(self.contacts_window_days >= 1, "limits.contacts_window_days", "below 1", "Give whole days")
        _require(self.contacts_max >= 0, "limits.contacts_max", "below 0", "Give 0 to contact nobody")
        _require(self.holdout_weeks >= 1, "limits.holdout_weeks", "below 1", "Give whole weeks")
        for name in ("contacts_per_turn", "attribute_changes_per_turn", "partner_talks_per_turn", "repeat_after_days"):
            _require(getattr(self, name) >= 0, f"limits.{name}", "below 0", "Give 0 for none")
        vague = [who for who in self.minutes_by_person if not all(part.strip() for part in who.partition(","))]
        _require(not vague, "limits.minutes_by_person", ", ".join(vague), "Write channel, name = minutes")
        short = [channel for channel, minutes in self.minutes_by_channel.items() if not minutes >= 0]
        short += [who for who, minutes in self.minutes_by_person.items() if not minutes >= 0]
        _require(not short, "limits.minutes_by_channel", f"below 0 for {', '.join(short)}", "Give 0 for no time")


@dataclass(frozen=True, slots=True)
class Action:
    """What one action costs, and through which channel it goes."""

    cost_minor: int
    minutes: float
    channel: str

    def __post_init__(self) -> None:
        _require(self.cost_minor >= 0, "actions.cost_minor", "below 0", "Give 0 for what costs nothing")
        _require(self.minutes >= 0, "actions.minutes", "below 0", "Give 0 for what takes no time")


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to contact a customer besides the plain contact: its cost, its channel, and what it is assumed to win.

    needs_consent  only for those who agreed to the channel;  excludes  offers that nobody gets together with it
    """

    name: str
    channel: str
    cost_minor: int
    minutes: float
    effect: Prior
    needs_consent: bool = False
    excludes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.name.strip()), "offers.name", "it is empty", "Name the offer in a word or two")
        _require(self.name not in KINDS, "offers.name", f"{self.name} is a kind of decision", "Choose another name")
        _require(bool(self.channel.strip()), "offers.channel", f"{self.name} has none", "Name a channel such as email")
        _require(self.cost_minor >= 0, "offers.cost_minor", f"{self.name} is below 0", "Give 0 for what costs nothing")
        _require(self.minutes >= 0, "offers.minutes", f"{self.name} is below 0", "Give 0 for what takes no time")
        _require(self.name not in self.excludes, "offers.excludes", f"{self.name} excludes itself", "Name other offers")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when a shortfall counts, and how sure the judgement must be before anybody is troubled."""

    short_share_tolerated: float = 0.05
    gap_tolerated: float = 0.0  # in the attribute's unit; an experience gap must be worse than this
    certainty: float = 0.95
    readings_min: int = 20

    def __post_init__(self) -> None:
        share = self.short_share_tolerated
        _require(0 <= share < 1, "thresholds.short_share_tolerated", f"{share} is not a share", "Give one below 1")
        _require(self.gap_tolerated >= 0, "thresholds.gap_tolerated", "below 0", "Give 0 to tolerate no gap")
        sure = self.certainty
        _require(0 < sure < 1, "thresholds.certainty", f"{sure}", "Give a probability between 0 and 1, such as 0.95")
        _require(self.readings_min >= 1, "thresholds.readings_min", "below 1", "Give whole readings")


@dataclass(frozen=True, slots=True)
class Firm:
    """Who we are."""

    name: str = "Your firm"
    currency: str = ""  # the reporting currency; set by the first load
    zone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise ImpossiblePolicy(
                field_name="firm.zone", problem=f"{self.zone!r} is no time zone", remedy="Write it as Europe/London"
            ) from error


@dataclass(frozen=True, slots=True)
class Document:
    """The whole policy of one version."""

    firm: Firm = Firm()
    limits: Limits = Limits()
    thresholds: Thresholds = Thresholds()
    actions: Mapping[str, Action] = field(
        default_factory=lambda: {
            "contact_customer": Action(cost_minor=500, minutes=15.0, channel="phone"),
            "change_attribute": Action(cost_minor=20_000, minutes=120.0, channel="meeting"),
            "talk_to_partner": Action(cost_minor=5_000, minutes=60.0, channel="meeting"),
        }
    )
    effects: Mapping[str, Prior] = field(
        default_factory=lambda: {
            "contact_customer": Prior(mean=0.02, sd=0.02),
            "change_attribute": Prior(mean=0.05, sd=0.05),
            "talk_to_partner": Prior(mean=0.05, sd=0.05),
        }
    )
    offers: tuple[Offer, ...] = ()
    left_alone_segments: tuple[str, ...] = ()
    margin_share_by_category: Mapping[str, float] = field(default_factory=dict)
    horizon_weeks: int = 52
    discount_per_year: float = 0.10

    def __post_init__(self) -> None:
        for name in ("actions", "effects"):
            odd = sorted(set(getattr(self, name)) ^ set(KINDS))
            _require(not odd, name, f"{', '.join(odd)} is missing or not known", f"Name each of {', '.join(KINDS)}")
        names = [offer.name for offer in self.offers]
        twice = sorted({name for name in names if names.count(name) > 1})
        _require(not twice, "offers", f"{', '.join(twice)} stands there twice", "Give each offer a name of its own")
        odd = [category for category, share in self.margin_share_by_category.items() if not 0 <= share <= 1]
        _require(not odd, "margin_share_by_category", f"no share for {', '.join(odd)}", "Give shares from 0 to 1")
        _require(self.horizon_weeks >= 1, "horizon_weeks", "below 1", "Give whole weeks")
        _require(self.discount_per_year >= 0, "discount_per_year", "below 0", "Give 0 for none")


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy in force since a moment, by an author, for a reason."""

    version: int
    document: Document
    author: str
    reason: str
    adopted_at: datetime


def first_document() -> Document:
    """Return what an installation starts with: the plain contact is a call, and an e-mail stands beside it.

    A document that does not name offers has none, so that older turns are replayed as they were made.
    """
    reason = "A cautious start: an e-mail wins less than a call and costs almost nothing. Not measured at your firm."
    mail = Offer("e-mail", "email", cost_minor=20, minutes=2.0, effect=Prior(mean=0.004, sd=0.006, reason=reason))
    return Document(offers=(mail,))


def to_json(document: Document) -> dict[str, Any]:
    """Return the document as plain JSON values."""
    return dataclasses.asdict(document)


def from_json(values: Mapping[str, Any]) -> Document:
    """Read a document back; an unknown field is refused by name, a missing field or action takes its default."""
    parts: dict[str, Any] = dict(values)
    build: dict[str, Any] = {"firm": Firm, "limits": Limits, "thresholds": Thresholds}
    maps: dict[str, Any] = {"actions": Action, "effects": Prior}
    try:
        for name, kind in build.items():
            if name in parts:
                parts[name] = kind(**parts[name])
        for name, kind in maps.items():
            if name in parts:
                given = {key: kind(**value) for key, value in parts[name].items()}
                parts[name] = {**getattr(Document(), name), **given}
        if "offers" in parts:
            parts["offers"] = tuple(_offer(values) for values in parts["offers"])
        if "left_alone_segments" in parts:
            parts["left_alone_segments"] = tuple(parts["left_alone_segments"])
        return Document(**parts)
    except (TypeError, KeyError) as error:
        raise ImpossiblePolicy(
            field_name="document", problem=str(error), remedy="Use only the fields that the page Policy lists"
        ) from error


def _offer(values: Mapping[str, Any]) -> Offer:
    return Offer(**{**values, "effect": Prior(**values["effect"]), "excludes": tuple(values.get("excludes", ()))})
