"""The intake tables: what a mapping may fill, with types, units and limits. `docs/guide/loading.md` shows the same."""

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

KEY_CHARS_MAX = 255


class Kind(Enum):
    """How a column's text is read."""

    TEXT = "text"
    REFERENCE = "reference"  # the key of a row of another table
    NUMBER = "number"  # finite
    QUANTITY = "quantity"  # decimal, four places
    PRICE = "price"  # decimal amount of the currency per piece, six places
    MONEY = "money"  # decimal amount of the currency; kept in minor units
    DAY = "day"  # a date; a time of day is kept as well if the table has room for it
    INSTANT = "instant"  # a time, local to the mapping's zone unless it says its own offset
    CHOICE = "choice"  # one of a few words
    LEVEL = "level"  # a number, or a day if the unit is "date"
    CURRENCY = "currency"  # three capital letters (ISO 4217)


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a mapping may fill."""

    name: str
    kind: Kind
    required: bool = False
    stored_as: str = ""  # the column of our table, if it is called otherwise
    refers_to: str = ""  # table; "subject" means the order, line or shipment that the section names
    choices: tuple[str, ...] = ()
    default: str | None = None
    chars_max: int = 300
    low: float | None = None
    high: float | None = None
    positive: bool = False  # above zero
    instant: str = ""  # for days: the column that takes the time of day, if the source has one

    @property
    def target(self) -> str:
        """Name of the column of our table."""
        return self.stored_as or self.name


@dataclass(frozen=True, slots=True)
class Table:
    """One intake table and its rules across columns."""

    name: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[str, ...], ...] = ()  # at least one column of each group must be mapped
    ordered: tuple[tuple[str, str], ...] = ()  # (earlier, later) days
    has_subject: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name; mappings were checked to name no other."""
        return next(c for c in self.columns if c.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all columns."""
        return tuple(c.name for c in self.columns)


def _text(name: str, chars_max: int = 300, *, required: bool = False, stored_as: str = "") -> Column:
    return Column(name, Kind.TEXT, required=required, chars_max=chars_max, stored_as=stored_as)


def _ref(name: str, table: str, *, required: bool = False) -> Column:
    return Column(name, Kind.REFERENCE, required=required, refers_to=table, chars_max=KEY_CHARS_MAX)


def _day(name: str, *, required: bool = False, instant: str = "") -> Column:
    return Column(name, Kind.DAY, required=required, instant=instant)


def _choice(name: str, *choices: str, default: str | None = None) -> Column:
    return Column(name, Kind.CHOICE, required=True, choices=choices, default=default)


_WEIGHT = Column("weight", Kind.NUMBER, positive=True)
_CURRENCY = Column("currency", Kind.CURRENCY, required=True)
_CUSTOMER = _ref("customer_key", "customers")
_OFFERING = _ref("offering_key", "offerings")
_SUBJECT = _ref("subject_key", "subject", required=True)
_ATTRIBUTE = _text("attribute", 120, required=True)
_CHANNEL = _text("channel", 64)
_SCALE = (Column("scale_min", Kind.NUMBER), Column("scale_max", Kind.NUMBER))
_SCALE_REQUIRED = tuple(Column(c.name, Kind.NUMBER, required=True) for c in _SCALE)
ANSWER_KINDS = ("will", "should", "promised", "delivered", "experience", "satisfaction", "importance")


def _table(
    name: str,
    *columns: Column,
    one_of: tuple[tuple[str, ...], ...] = (),
    ordered: tuple[tuple[str, str], ...] = (),
    has_subject: bool = False,
) -> Table:
    return Table(name, (*columns, _WEIGHT), one_of=one_of, ordered=ordered, has_subject=has_subject)


_ALL = (
    _table(
        "customers",
        _choice("kind", "organisation", "person", default="person"),
        _text("name"),
        _ref("parent_key", "customers"),
        _text("segment", 120),
        _text("country", 120),
    ),
    _table("contacts", _CUSTOMER, _text("name"), _text("email", 320), _text("phone", 64), _text("role", 120)),
    _table("staff", _text("name", 200, required=True), _text("team", 120)),
    _table("partners", _text("name"), _text("role", 64), _text("country", 120)),
    _table("offerings", _text("name"), _text("category", 120)),
    _table(
        "attributes",
        _OFFERING,
        _text("category", 120),
        _ATTRIBUTE,
        _text("unit", 32, required=True),
        _choice("better", "higher", "lower"),
        *_SCALE,
    ),
    _table(
        "orders",
        _CUSTOMER,
        _day("ordered_on", required=True, instant="ordered_at"),
        _choice("state", "open", "done", "withdrawn", default="done"),
        _CHANNEL,
        _ref("partner_key", "partners"),
        _CURRENCY,
    ),
    _table(
        "order_lines",
        _ref("order_key", "orders", required=True),
        _OFFERING,
        _choice("kind", "sale", "return", "adjustment", default="sale"),
        Column("quantity", Kind.QUANTITY, required=True, default="1"),
        Column("unit_price", Kind.PRICE),
        Column("amount", Kind.MONEY, stored_as="amount_minor"),
        Column("margin", Kind.MONEY, stored_as="margin_minor"),
        _CURRENCY,
        one_of=(("unit_price", "amount"),),
    ),
    _table(
        "promises",
        _SUBJECT,
        _ATTRIBUTE,
        Column("level", Kind.LEVEL, required=True),
        _text("unit", 32, required=True),
        _day("made_on"),
        has_subject=True,
    ),
    _table(
        "deliveries",
        _SUBJECT,
        _ref("partner_key", "partners"),
        _ATTRIBUTE,
        Column("level", Kind.NUMBER),
        _day("delivered_on", instant="delivered_at"),
        has_subject=True,
    ),
    _table(
        "answers",
        _CUSTOMER,
        _ref("subject_key", "subject"),
        _OFFERING,
        _ATTRIBUTE,
        _choice("kind", *ANSWER_KINDS),
        Column("score", Kind.NUMBER, required=True),
        *_SCALE_REQUIRED,
        _CHANNEL,
        _text("half", 16),
        _day("answered_on", required=True, instant="answered_at"),
        _text("text", 1_000_000),
        has_subject=True,
    ),
    _table(
        "touches",
        _CUSTOMER,
        _text("channel", 64, required=True),
        _choice("direction", "out", "in", "withheld", default="out"),
        _text("campaign", 120),
        _day("touched_on", required=True),
        Column("propensity", Kind.NUMBER, low=0.0, high=1.0),
    ),
    _table(
        "leads",
        _CUSTOMER,
        _text("source", 120, stored_as="origin"),
        _CHANNEL,
        _day("created_on", required=True),
        _text("state", 32, required=True),
        _day("closed_on"),
        ordered=(("created_on", "closed_on"),),
    ),
    _table(
        "opportunities",
        _CUSTOMER,
        _OFFERING,
        _ref("owner_key", "staff"),
        _text("stage", 64, required=True),
        _day("opened_on"),
        _day("closed_on"),
        Column("amount", Kind.MONEY, stored_as="amount_minor"),
        _CURRENCY,
        ordered=(("opened_on", "closed_on"),),
    ),
    _table(
        "cases",
        _CUSTOMER,
        _OFFERING,
        _text("kind", 120, required=True),
        _day("opened_on", required=True),
        _day("closed_on"),
        _CHANNEL,
        _text("text", 1_000_000),
        ordered=(("opened_on", "closed_on"),),
    ),
    _table(
        "case_events",
        _ref("case_key", "cases", required=True),
        _text("event", 120, required=True),
        Column("occurred_at", Kind.INSTANT, required=True),
    ),
)

TABLES = MappingProxyType({table.name: table for table in _ALL})
"""Every intake table by name, in the order in which they are written: whatever is referred to comes first."""

SUBJECTS = MappingProxyType({"order": "orders", "line": "order_lines", "shipment": ""})
"""What a promise or delivery can be about, and the table whose keys name it (a shipment has no table)."""
