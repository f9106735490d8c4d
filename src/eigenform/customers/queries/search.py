"""Find customers by beginnings of words in name, key, segment and their contacts' names and e-mail addresses.

SQLite answers from full-text tables that triggers keep (migration 0003), PostgreSQL from its own text index: both look
a beginning up instead of reading every row. All words must begin something in one customer or in one contact.
"""

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

WORDS_MAX = 8
_PARTING = str.maketrans("@.-_+/\\", "       ")  # what parts words; PostgreSQL would take "C-7" for a number
_SQLITE = {
    "customer": "SELECT rowid FROM customers_customer_words WHERE customers_customer_words MATCH %s",
    "contact": (
        "SELECT customer_id FROM customers_contact WHERE customer_id IS NOT NULL AND id IN "
        "(SELECT rowid FROM customers_contact_words WHERE customers_contact_words MATCH %s)"
    ),
}
_POSTGRESQL = {
    "customer": (
        "SELECT id FROM customers_customer WHERE to_tsvector('simple', "
        "translate(name || ' ' || key || ' ' || segment, '@.-_+/', '      ')) @@ to_tsquery('simple', %s)"
    ),
    "contact": (
        "SELECT customer_id FROM customers_contact WHERE customer_id IS NOT NULL "
        "AND to_tsvector('simple', translate(name || ' ' || email, '@.-_+/', '      ')) @@ to_tsquery('simple', %s)"
    ),
}


def _words(q: str) -> list[str]:
    return [word for word in q.split() if any(c.isalnum() for c in word)][:WORDS_MAX]


def _sql(q: str) -> tuple[str, list[str]] | None:
    is_sqlite = connection.vendor == "sqlite"  # its tokenizer parts words by itself, in text and question alike
    words = _words(q if is_sqlite else q.translate(_PARTING))
    if not words:
        return None
    if is_sqlite:
        texts, asked = _SQLITE, " ".join('"' + word.replace('"', '""') + '"*' for word in words)
    else:
        texts, asked = _POSTGRESQL, " & ".join("'" + word.replace("'", "''") + "':*" for word in words)
    return f"{texts['customer']} UNION ALL {texts['contact']}", [asked, asked]


def some_ids(q: str, *, limit: int) -> list[int]:
    """Return the first `limit` hits as ids of customers, in no order that means anything; one may be hit twice."""
    composed = _sql(q)
    if composed is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{composed[0]} LIMIT %s", [*composed[1], limit])
        return [row[0] for row in cursor.fetchall()]


def found(q: str, field: str) -> Q:
    """Return the condition that the field holds the id of a customer found; to be asked if many are."""
    composed = _sql(q)
    return Q(pk__in=[]) if composed is None else Q(**{f"{field}__in": RawSQL(*composed)})  # noqa: S611 - our own texts, bound words
