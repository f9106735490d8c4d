"""The policy's document as a form and back, and what differs between two documents."""

from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from django import forms

from eigenform.base.money import minor_exponent
from eigenform.policy.contracts import Document, from_json, to_json
from eigenform.web.pages.policy_sections import LEAVES, READ, SECTIONS, Leaf, shown

CHANNELS = ("phone", "email", "meeting")


class Pairs(forms.CharField):
    """Names and numbers, one pair to a line."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "ef-wide"})

    def to_python(self, value: str | None) -> dict[str, float]:
        """Read the lines, naming the first that says nothing."""
        found: dict[str, float] = {}
        for line in (super().to_python(value) or "").splitlines():
            if not line.strip():
                continue
            name, equals, number = (part.strip() for part in line.rpartition("="))
            try:
                found[name] = float(number.removesuffix("%"))
            except ValueError:
                name = ""
            if not (equals and name):
                raise forms.ValidationError(f"“{line[:40]}” is not a name, = and a number.")
            if found[name] < 0:
                raise forms.ValidationError(f"{name} is below 0.")
        return found


class Names(forms.CharField):
    """Names, one to a line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "ef-wide"})

    def to_python(self, value: str | None) -> tuple[str, ...]:
        """Read the lines."""
        return tuple(line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip())


class Offers(forms.CharField):
    """Offers, one to a line, their parts between upright strokes."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "ef-wide"})
    PARTS = 6  # name, channel, cost, minutes, effect, doubt; consent and excludes may be left out

    def to_python(self, value: str | None) -> tuple[dict[str, Any], ...]:
        """Read the lines, naming the first that says nothing."""
        lines = (line for line in (super().to_python(value) or "").splitlines() if line.strip())
        return tuple(self._offer(line) for line in lines)

    def _offer(self, line: str) -> dict[str, Any]:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) < self.PARTS:
            raise forms.ValidationError(f"“{line[:40]}” has {len(parts)} parts; name to doubt are six, between |.")
        consent, excludes = [*parts[self.PARTS :], "", ""][:2]
        if consent not in ("", "free", "consent"):
            raise forms.ValidationError(f"“{consent}” is neither consent nor free.")
        try:
            minutes, effect, doubt = (float(part.removesuffix("%")) for part in parts[3:6])
            cost = Decimal(parts[2])
        except (ValueError, InvalidOperation) as error:
            raise forms.ValidationError(f"“{line[:40]}”: cost, minutes, effect and doubt are numbers.") from error
        return {
            "name": parts[0],
            "channel": parts[1],
            "cost_minor": cost,
            "minutes": minutes,
            "effect": {"mean": effect / 100, "sd": doubt / 100},
            "needs_consent": consent == "consent",
            "excludes": tuple(name.strip() for name in excludes.split(",") if name.strip()),
        }


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise forms.ValidationError(f"{name} is no time zone. Write it as Europe/London, or UTC.")


def _field(leaf: Leaf, currency: str, channels: tuple[str, ...]) -> forms.Field:
    """Return the field for a leaf; what is not a number or a choice is text."""
    said: dict[str, Any] = {"label": leaf.label, "help_text": leaf.hint}
    match leaf.kind:
        case "whole":
            field = forms.IntegerField(min_value=0, **said)
        case "number":
            field = forms.DecimalField(**said)
        case "share":
            field = forms.DecimalField(min_value=-100, max_value=100, **said)
        case "money":
            field = forms.DecimalField(min_value=Decimal(0), decimal_places=minor_exponent(currency), **said)
            field.help_text = f"{leaf.hint} ({currency})" if currency else leaf.hint
        case "pairs" | "share_pairs":
            field = Pairs(required=False, **said)
        case "offers" | "names":
            field = {"offers": Offers, "names": Names}[leaf.kind](required=False, **said)
        case "channel":
            field = forms.ChoiceField(choices=[(c, c) for c in channels], **said)
        case "sentence":
            field = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"class": "ef-wide"}), **said)
        case "zone":
            field = forms.CharField(max_length=60, validators=[_known_zone], **said)
        case _:
            field = forms.CharField(max_length=300, required=leaf.path != "firm.currency", **said)
    return field


class PolicyForm(forms.Form):
    """The whole document, the version that it began from, and the reason for the change."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why the change?", max_length=500, help_text="One sentence. It stands in the history beside your name."
    )

    def __init__(self, document: Document, version: int, *args: Any, **kwargs: Any) -> None:
        self.before, self.currency = to_json(document), document.firm.currency
        kept = set(document.limits.minutes_by_channel) | {a.channel for a in document.actions.values()}
        channels = tuple(dict.fromkeys((*CHANNELS, *sorted(kept))))
        initial = {leaf.name: shown(leaf, self.before, self.currency) for leaf in LEAVES} | {"version": version}
        super().__init__(*args, initial=initial, **kwargs)
        for leaf in LEAVES:
            self.fields[leaf.name] = _field(leaf, self.currency, channels)

    def document(self) -> Document:
        """Return the document as it was typed. Raises ImpossiblePolicy where it contradicts itself."""
        values = to_json(from_json(self.before))
        for leaf in LEAVES:
            typed = self.cleaned_data[leaf.name]
            inside: Any = values
            *way, last = leaf.path.split(".")
            for part in way:
                inside = inside[part]
            inside[last] = READ.get(leaf.kind, lambda plain, _currency: plain)(typed, self.currency)
        values["offers"] = [_with_author(offer, self.before["offers"]) for offer in values["offers"]]
        return from_json(values)


def _with_author(offer: dict[str, Any], before: Any) -> dict[str, Any]:
    """Keep who assumed an effect, and why, as long as the numbers stay; new numbers are those of the page's author."""
    for other in before:
        if other["name"] == offer["name"] and all(other["effect"][k] == v for k, v in offer["effect"].items()):
            return {**offer, "effect": other["effect"]}
    said = {"author": "the policy's author", "reason": "As this version of the policy says."}
    return {**offer, "effect": {**offer["effect"], **said}}


@dataclass(frozen=True, slots=True)
class Change:
    """One leaf that differs between two versions, in words."""

    section: str
    label: str
    before: str
    after: str


def changes(before: Document, after: Document) -> tuple[Change, ...]:
    """Return what differs between two documents, by section."""
    old, new = asdict(before), asdict(after)
    found = []
    for section in SECTIONS:
        for leaf in section.leaves:
            a, b = (shown(leaf, d, c) for d, c in ((old, before.firm.currency), (new, after.firm.currency)))
            if a != b:
                found.append(Change(section.title, leaf.label, _said(a), _said(b)))
    return tuple(found)


def _said(value: Any) -> str:
    return str(value).replace("\n", ", ") or "nothing"
