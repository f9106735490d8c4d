"""Judges staged rows: what is wrong in a row, between rows, against what is known, until nothing new is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from eigenform.intake.actions.recorders import Known
from eigenform.intake.contracts import MappingRefused
from eigenform.intake.decisions import checks, sql
from eigenform.intake.decisions.levels import levels_of
from eigenform.intake.decisions.sections import Reference
from eigenform.intake.decisions.typed import Check

if TYPE_CHECKING:
    from eigenform.intake.actions.checking import Checked, Prepared


class Judge:
    """Fills the stage's table `refused`."""

    def __init__(self, checked: Checked, known: Known) -> None:
        self._checked, self._known, self._db = checked, known, checked.stage.db

    def judge(self) -> None:
        """Run every check once, and the references as often as they refuse more."""
        self._refuse([row for one in self._checked.prepared for row in self._problems(one)])
        for one in self._checked.prepared:
            if one.section.repeat == "refuse":
                self._duplicates(one)
        self._identifiers()
        self._erased_customers()
        self._parents()
        self._known_tables()
        while sum(
            self._references(one, reference) for one in self._checked.prepared for reference in one.compiled.references
        ):
            pass

    def _problems(self, one: Prepared) -> list[tuple[int, int, str, str, str]]:
        """Tell what is wrong inside rows; a row that could not even be read says so already."""
        found = self._db.execute(
            f"SELECT _id, unnest(_problems) FROM {checks.good(one.table, one.file)} WHERE len(_problems) > 0"
        ).fetchall()
        if found and one.section.rows:
            check, value = self._told(one, found[0][1])
            raise MappingRefused(
                where=f"{one.section.label}.rows", problem=check.reason.format(value=value), remedy=check.remedy
            )
        rows = []
        for row_id, problem in found:
            check, value = self._told(one, problem)
            rows.append(
                (one.file, row_id, "; ".join(check.columns), check.reason.replace("{value}", value), check.remedy)
            )
        return rows

    @staticmethod
    def _told(one: Prepared, problem: str) -> tuple[Check, str]:
        number, _, value = problem.partition(":")
        return one.compiled.checks[int(number)], repr(value)

    def _refuse(self, rows: list[tuple[int, int, str, str, str]]) -> None:
        if not rows:
            return
        types = (pa.int32(), pa.int64(), pa.string(), pa.string(), pa.string())
        arrays = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), types, strict=True)]
        self._db.register("found", pa.table(arrays, names=["file", "id", "columns", "reason", "remedy"]))
        self._db.execute("INSERT INTO refused SELECT *, false FROM found")
        self._db.unregister("found")

    def _duplicates(self, one: Prepared) -> None:
        total, distinct = self._one(f"SELECT count(*), count(DISTINCT key) FROM {checks.good(one.table, one.file)}")
        if total == distinct:
            return
        if one.section.rows:
            raise MappingRefused(
                where=f"{one.section.label}.rows", problem="two rows have one key", remedy="Mend the key"
            )
        columns = "; ".join(dict.fromkeys(c for part in one.section.key for c in part.source_columns))
        sheet = self._checked.files[one.file].table
        self._db.execute(checks.duplicates(one.table, sheet, one.file, one.section.table, columns))

    def _identifiers(self) -> None:
        """Learn customers' other identifiers, and put keys where a mapping refers to customers by one of them."""
        self._db.execute(
            "CREATE TABLE identifiers (section INTEGER, id BIGINT, kind VARCHAR, value VARCHAR, key VARCHAR)"
        )
        for one in self._checked.prepared:
            for kind in one.section.identifiers:
                name = sql.name(f"i_{kind}")
                self._db.execute(
                    f"INSERT INTO identifiers SELECT {one.number}, _id, {sql.text(kind)}, {name}, key "
                    f"FROM {checks.good(one.table, one.file)} t WHERE {name} IS NOT NULL"
                )
        self._shared_identifiers()
        for one in self._checked.prepared:
            for reference in one.compiled.references:
                if reference.identifier:
                    self._resolve(one, reference)

    def _shared_identifiers(self) -> None:
        """Refuse rows that give a customer an identifier which an earlier row gave to another."""
        for one in self._checked.prepared:
            if one.section.identifiers:
                columns = "; ".join(c for spec in one.section.identifiers.values() for c in spec.source_columns)
                self._db.execute(checks.shared_identifiers(one.number, one.file, columns))
        self._db.execute(
            "DELETE FROM identifiers i USING (SELECT DISTINCT id FROM refused WHERE reason LIKE 'the identifier %') r "
            "WHERE r.id = i.id"
        )

    def _resolve(self, one: Prepared, reference: Reference) -> None:
        kind, column = sql.text(reference.identifier), sql.name(reference.column)
        self._db.execute(
            "CREATE OR REPLACE TABLE by_value AS "
            f"SELECT value, min(key) AS key FROM identifiers WHERE kind = {kind} GROUP BY value"
        )
        missing = self._column(
            f"SELECT DISTINCT {column} FROM {one.table} t ANTI JOIN by_value b ON b.value = t.{column} "
            f"WHERE {column} IS NOT NULL"
        )
        known = self._known.customers_by(reference.identifier, missing)
        self._fill("more", list(known.items()), ("value", "key"))
        self._db.execute("INSERT INTO by_value SELECT value, key FROM more")
        nowhere = [value for value in missing if value not in known]
        erased = self._known.erased(nowhere, reference.identifier)
        self._refuse_unknown(one, reference, nowhere, erased)
        self._db.execute(
            f"UPDATE {one.table} SET {column} = b.key FROM by_value b WHERE b.value = {one.table}.{column}"
        )

    def _erased_customers(self) -> None:
        for one in self._checked.prepared:
            if one.section.table != "customers":
                continue
            erased = self._known.erased(self._column(f"SELECT DISTINCT key FROM {one.table} WHERE key IS NOT NULL"))
            if erased:
                self._missing(erased, erased)
                self._db.execute(
                    checks.refuse_keys(
                        one.table, one.file, "key", "this customer was erased on request",
                        "Nothing: an erased customer does not come back", "", private=True,
                    )
                )  # fmt: skip

    def _parents(self) -> None:
        """Write parents before children; refuse those who are their own ancestor."""
        for one in self._checked.prepared:
            if one.section.table == "customers" and "parent_key" in one.compiled.outputs:
                pairs = self._db.execute(
                    f"SELECT key, min(parent_key) FROM {checks.good(one.table, one.file)} t "
                    "WHERE parent_key IS NOT NULL GROUP BY key"
                ).fetchall()
                levels, circular = levels_of(dict(pairs))
                self._fill(f"levels{one.number}", list(levels.items()), ("key", "level"))
                if circular:
                    self._missing(circular, set())
                    self._db.execute(
                        checks.refuse_keys(
                            one.table, one.file, "key", "the customer is its own parent, directly or round a circle",
                            "Mend parent_key", "; ".join(one.section.columns["parent_key"].source_columns),
                            private=False,
                        )
                    )  # fmt: skip

    def _known_tables(self) -> None:
        wanted = {r.table for one in self._checked.prepared for r in one.compiled.references}
        for table in wanted:
            self._db.execute(f"CREATE TABLE known_{table} (key VARCHAR)")

    def _references(self, one: Prepared, reference: Reference) -> int:
        """Refuse rows that name what is nowhere; return how many keys that were."""
        sources = [
            f"SELECT key FROM {checks.good(p.table, p.file)}"
            for p in self._checked.prepared
            if p.section.table == reference.table
        ]
        unknown = self._column(
            checks.unknown_keys(one.table, one.file, reference.column, sources, f"known_{reference.table}")
        )
        if not unknown:
            return 0
        known = self._known.keys(reference.table, unknown)
        self._fill("more", [(key,) for key in known], ("key",))
        self._db.execute(f"INSERT INTO known_{reference.table} SELECT key FROM more")
        nowhere = [key for key in unknown if key not in known]
        erased = self._known.erased(nowhere) if reference.table == "customers" else set()
        self._refuse_unknown(one, reference, nowhere, erased)
        return len(nowhere)

    def _refuse_unknown(self, one: Prepared, reference: Reference, nowhere: list[str], erased: set[str]) -> None:
        if nowhere and one.section.rows:
            raise MappingRefused(
                where=f"{one.section.label}.rows",
                problem=f"there is no row of {reference.table} called {nowhere[0]!r}",
                remedy="Mend it",
            )
        if nowhere:
            self._missing(nowhere, erased)
            columns = "; ".join(reference.columns)
            self._db.execute(checks.refuse_unknown(one.table, one.file, reference.column, reference.table, columns))

    def _missing(self, keys: list[str] | set[str], erased: set[str]) -> None:
        self._fill("missing", [(key, key in erased) for key in keys], ("key", "erased"))

    def _fill(self, table: str, rows: list[tuple[object, ...]], names: tuple[str, ...]) -> None:
        kinds = {"level": pa.int32(), "erased": pa.bool_()}
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        arrays = [pa.array(column, kinds.get(name, pa.string())) for name, column in zip(names, columns, strict=True)]
        self._db.register("incoming", pa.table(arrays, names=list(names)))
        self._db.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming")
        self._db.unregister("incoming")

    def _column(self, query: str) -> list[str]:
        return [value for (value,) in self._db.execute(query).fetchall()]

    def _one(self, query: str) -> tuple[int, int]:
        ((first, second),) = self._db.execute(query).fetchall()
        return first, second
