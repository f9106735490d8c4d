"""Upsert in bulk, by SQL alone, on SQLite and PostgreSQL: rows in, what was new, changed or the same out.

    incoming   a temporary table, filled as it came (COPY on PostgreSQL)
    resolved   the same with keys of other tables turned into ids, and each row's status
    earlier    what the rows about to change held, with the load that changes them
    target     INSERT … ON CONFLICT DO UPDATE, only rows that are new or differ

Whoever loads the same rows twice changes nothing. One call is one transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

NEW, CHANGED, SAME = 0, 1, 2
_COUNTS = (
    "SELECT count(*), coalesce(sum(CASE WHEN _status = 0 THEN 1 ELSE 0 END), 0) "
    "FROM eigenform_resolved WHERE _lost IS NULL AND _status < 2"
)
_KEYS_PER_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class Target:
    """A table that facts are upserted into. `on_insert` is SQL for columns that only a new row needs."""

    model: type[models.Model]
    noun: str
    earlier: type[models.Model] | None = None
    unique: tuple[str, ...] = ("source", "key")
    on_insert: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.model._meta.db_table


@dataclass(frozen=True, slots=True)
class Incoming:
    """Rows for one table: each begins with a number by which it is reported back, then the columns in order.

    A column that ends in _key and names a foreign key holds the key that the other row has in the same source.
    """

    source: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    load_id: int | None
    at: datetime
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """A row that was not written because it names a row that is not there."""

    number: int
    column: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the rows."""

    new: int
    changed: int
    unchanged: tuple[int, ...]  # numbers of the rows that were there already, just so
    lost: tuple[Lost, ...] = ()


def upsert(target: Target, incoming: Incoming) -> Written:
    """Write the rows that are new or differ. A dry run compares in temporary tables and writes nothing."""
    if not incoming.rows:
        return Written(0, 0, ())
    plan = _Plan(target, incoming)
    with nullcontext() if incoming.dry_run else transaction.atomic(), connection.cursor() as cursor:
        _fill(cursor, plan)
        cursor.execute(*plan.resolve())
        if not incoming.dry_run:
            if target.earlier:
                cursor.execute(*plan.keep_earlier(target.earlier))
            cursor.execute(*plan.write())
        cursor.execute("SELECT _number, _status, _lost FROM eigenform_resolved WHERE _status = 2 OR _lost IS NOT NULL")
        told = cursor.fetchall()
        cursor.execute(_COUNTS)
        written, new = cursor.fetchone()
        _drop(cursor)
    lost = tuple(Lost(number, column) for number, _, column in told if column)
    return Written(new, written - new, tuple(number for number, _, column in told if not column), lost)


def known_keys(target: Target, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        for some in in_chunks(keys):
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT key FROM {target.table} WHERE source = %s AND key IN ({marks})", [source, *some])
            found.update(key for (key,) in cursor.fetchall())
    return found


def refresh_statistics() -> None:
    """Let PostgreSQL count again after a load: until then it plans as if the tables were empty."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def in_chunks(items: Iterable[str], size: int = _KEYS_PER_QUERY) -> Iterator[list[str]]:
    """Yield the items in lists short enough for one query."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


class _Plan:
    """The statements of one upsert."""

    def __init__(self, target: Target, incoming: Incoming) -> None:
        self.target, self.incoming = target, incoming
        self.on_sqlite = connection.vendor == "sqlite"
        fields = {f.name: f for f in target.model._meta.concrete_fields}
        self.plain = [c for c in incoming.columns if c in fields]
        self.references = {c: fields[c.removesuffix("_key")] for c in incoming.columns if c not in fields}
        self.fields = fields

    def create(self) -> str:
        """Return the statement that makes an empty `incoming` with the target's own types."""
        parts = ["CAST(0 AS bigint) AS _number"]
        for column in self.incoming.columns:
            own = f't."{column}"' if column in self.plain else "CAST('' AS varchar(255))"
            parts.append(f'{own} AS "{column}"')
        listed = ", ".join(parts)
        return f"CREATE TEMPORARY TABLE eigenform_incoming AS SELECT {listed} FROM {self.target.table} t WHERE 1 = 0"

    def resolve(self) -> tuple[str, list[Any]]:
        """Return the statement that finds ids and compares with what is there."""
        parts, joins, differs, lost, given = ["i._number"], [], [], [], []
        for column in self.plain:
            parts.append(f'{self._value(column)} AS "{column}"')
            if column not in self.target.unique:
                differs.append(self._differs(column))
        for number, (column, foreign) in enumerate(self.references.items()):
            other = foreign.related_model._meta.db_table
            joins.append(f'LEFT JOIN {other} r{number} ON r{number}.source = %s AND r{number}.key = i."{column}"')
            given.append(self.incoming.source)
            parts.append(f'r{number}.id AS "{foreign.column}"')
            differs.append(f't."{foreign.column}" {self._is_not} r{number}.id')
            missing = f'i."{column}" IS NOT NULL AND r{number}.id IS NULL'
            differs.append(missing)  # in a dry run the other row may itself be new
            lost.append(f"WHEN {missing} THEN '{column}'")
        on = " AND ".join("t.source = %s" if c == "source" else f't."{c}" = i."{c}"' for c in self.target.unique)
        status = (
            f"CASE WHEN t.id IS NULL THEN {NEW} WHEN {' OR '.join(differs) or '1 = 0'} THEN {CHANGED} ELSE {SAME} END"
        )
        gone = f"CASE {' '.join(lost)} END" if lost and not self.incoming.dry_run else "NULL"
        return (
            f"CREATE TEMPORARY TABLE eigenform_resolved AS SELECT {', '.join(parts)}, t.id AS _id, "
            f"{status} AS _status, {gone} AS _lost FROM eigenform_incoming i {' '.join(joins)} "
            f"LEFT JOIN {self.target.table} t ON {on}",
            [*given, self.incoming.source],
        )

    def keep_earlier(self, earlier: type[models.Model]) -> tuple[str, list[Any]]:
        """Return the statement that copies what is about to change."""
        pairs = ", ".join(f"'{f.column}', {self._as_json(f)}" for f in self.fields.values())
        build = f"json_object({pairs})" if self.on_sqlite else f"jsonb_build_object({pairs})"
        return (
            f"INSERT INTO {earlier._meta.db_table} (noun, row_id, load_id, replaced_at, before) "
            f"SELECT %s, t.id, %s, %s, {build} FROM eigenform_resolved r JOIN {self.target.table} t ON t.id = r._id "
            f"WHERE r._status = {CHANGED} AND r._lost IS NULL",
            [self.target.noun, self.incoming.load_id, connection.ops.adapt_datetimefield_value(self.incoming.at)],
        )

    def write(self) -> tuple[str, list[Any]]:
        """Return the upsert itself."""
        columns = [*self.plain, *(f.column for f in self.references.values())]
        constants, given = {"source": "%s"}, [self.incoming.source]
        if "load_id" in self.fields:
            constants["load_id"], given = "%s", [*given, self.incoming.load_id]
        extra = {name: text for name, text in self._on_insert().items() if name not in columns}
        names = ", ".join(f'"{c}"' for c in (*columns, *constants, *extra))
        values = ", ".join([*(f'"{c}"' for c in columns), *constants.values(), *extra.values()])
        replaced = [c for c in (*columns, *constants) if c not in self.target.unique]
        update = ", ".join(f'"{c}" = excluded."{c}"' for c in replaced)
        # The extras may name the source; their marks come after those of the constants.
        given += [self.incoming.source] * sum(text.count("%s") for text in extra.values())
        return (
            f"INSERT INTO {self.target.table} ({names}) SELECT {values} FROM eigenform_resolved "
            f"WHERE _status < {SAME} AND _lost IS NULL ORDER BY _number "
            f"ON CONFLICT ({', '.join(self.target.unique)}) DO UPDATE SET {update}",
            given,
        )

    def _on_insert(self) -> dict[str, str]:
        empty = {"custom": "'{}'" if self.on_sqlite else "CAST('{}' AS jsonb)"} if "custom" in self.fields else {}
        return {**empty, **self.target.on_insert}

    @property
    def _is_not(self) -> str:
        return "IS NOT" if self.on_sqlite else "IS DISTINCT FROM"

    def _value(self, column: str) -> str:
        """Texts are never NULL in our tables: an empty cell is an empty text."""
        wants_text = (
            isinstance(self.fields[column], models.CharField | models.TextField) and not self.fields[column].null
        )
        return f"coalesce(i.\"{column}\", '')" if wants_text else f'i."{column}"'

    def _differs(self, column: str) -> str:
        if self.on_sqlite and isinstance(self.fields[column], models.JSONField):
            return f'json(t."{column}") IS NOT json(i."{column}")'
        return f't."{column}" {self._is_not} {self._value(column)}'

    def _as_json(self, one: Any) -> str:
        is_json = self.on_sqlite and isinstance(one, models.JSONField)
        return f'json(t."{one.column}")' if is_json else f't."{one.column}"'


def _fill(cursor: Any, plan: _Plan) -> None:
    _drop(cursor)
    cursor.execute(plan.create())
    names = ", ".join(f'"{c}"' for c in ("_number", *plan.incoming.columns))
    if plan.on_sqlite:
        marks = ", ".join(["%s"] * (len(plan.incoming.columns) + 1))
        cursor.executemany(f"INSERT INTO eigenform_incoming ({names}) VALUES ({marks})", plan.incoming.rows)
        return
    with cursor.copy(f"COPY eigenform_incoming ({names}) FROM STDIN") as copy:
        for row in plan.incoming.rows:
            copy.write_row(row)
    cursor.execute("ANALYZE eigenform_incoming")


def _drop(cursor: Any) -> None:
    """Temporary tables live as long as the connection: clear what an earlier call, or a failed one, left."""
    for name in ("eigenform_incoming", "eigenform_resolved"):
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
