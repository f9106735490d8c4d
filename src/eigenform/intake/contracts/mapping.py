"""A mapping, read and checked: frozen values that say where each column of ours comes from."""

from collections.abc import Mapping as Named
from dataclasses import dataclass, field

Text = str


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one text: `is`, `not`, `in`, `not_in`, `empty`, `starts`, `matches`, `below`, `above`."""

    operand: "Spec"
    test: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """`take` where every condition holds."""

    when: tuple[Condition, ...]
    take: "Spec"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A column of another file's row, found by its key."""

    lookup: str
    key: tuple["Spec", ...]
    take: str
    missing: str = "refuse"  # refuse, empty, keep (the key itself)


@dataclass(frozen=True, slots=True)
class Spec:
    """Where the text of one column comes from, and what is done to it before it is read as its type.

    Exactly one origin is set: columns, value, cases, first, looked_up, or same_row.
    """

    columns: tuple[str, ...] = ()  # several are joined by `join`
    value: str | None = None
    cases: tuple[Case, ...] = ()
    otherwise: "Spec | None" = None
    first: tuple["Spec", ...] = ()  # the first that is not empty
    looked_up: LookedUp | None = None
    same_row: str = ""  # the key that this same source row has in another section
    join: str = " "
    trim: bool = True
    empty: tuple[str, ...] = ()  # words that mean "nothing here"
    empty_matches: str = ""  # the same as a regular expression
    replace: Named[str, str] = field(default_factory=dict)  # whole text to whole text
    replace_only: bool = False  # refuse a text that `replace` does not name
    default: str | None = None
    letters: str = ""  # "lower" or "upper"
    format: tuple[str, ...] = ()  # of dates and times, as strptime writes them
    decimal: str = "."
    thousands: str = ""
    scale: float = 1.0  # number is multiplied by this: unit conversion
    identifier: str = ""  # for customer_key: the text is this kind of identifier, not the key

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Return every column of the source's file that this rests on, in order, each once."""
        parts: list[str] = list(self.columns)
        for part in self.parts:
            parts.extend(part.source_columns)
        return tuple(dict.fromkeys(parts))

    @property
    def parts(self) -> tuple["Spec", ...]:
        """Return the specs inside this one."""
        inside: list[Spec] = list(self.first)
        for case in self.cases:
            inside.extend(c.operand for c in case.when)
            inside.append(case.take)
        if self.otherwise:
            inside.append(self.otherwise)
        if self.looked_up:
            inside.extend(self.looked_up.key)
        return tuple(inside)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file, or all files of one form, of the source."""

    name: str
    path: str  # a glob inside the folder
    delimiter: str = ","  # "whitespace" for runs of blanks
    encoding: str = "utf-8"
    quote: str = '"'
    sheet: str = ""
    columns: tuple[str, ...] = ()  # if the file has no header line
    optional: bool = False

    @property
    def has_header(self) -> bool:
        """Whether the first line names the columns."""
        return not self.columns


@dataclass(frozen=True, slots=True)
class LookupFile:
    """A file joined to others by a key, with the columns that are wanted of it."""

    name: str
    file: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    repeat: str = "refuse"  # refuse, first, last


@dataclass(frozen=True, slots=True)
class Section:
    """How one intake table is filled from one file, or from rows written in the mapping."""

    label: str  # as a person finds it in the mapping: "orders", "customers 2"
    table: str
    file: str  # "" if `rows` are given
    key: tuple[Spec, ...]
    columns: Named[str, Spec]
    repeat: str = "refuse"  # refuse, first, last, ordinal
    only: tuple[Condition, ...] = ()
    custom: Named[str, Spec] = field(default_factory=dict)
    identifiers: Named[str, Spec] = field(default_factory=dict)  # kind of identifier: where it stands
    subject: str = ""  # order, line or shipment
    rows: tuple[Named[str, str], ...] = ()

    @property
    def specs(self) -> tuple[Spec, ...]:
        """Return every spec of the section."""
        tests = tuple(c.operand for c in self.only)
        return (*self.key, *self.columns.values(), *self.custom.values(), *self.identifiers.values(), *tests)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping. Its name is the source under which every row is known."""

    name: str
    zone: str
    currency: str
    files: Named[str, SourceFile]
    lookups: Named[str, LookupFile]
    sections: tuple[Section, ...]
    histories: str = "complete"  # or "sampled": then worth cannot be told
    simulated: bool = False
    item_pairs: tuple[tuple[str, str], ...] = ()
    text: str = ""
