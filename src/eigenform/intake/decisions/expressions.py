"""From specs to SQL: what text does a column of ours hold for each row of the source's file?"""

from collections.abc import Mapping as Named
from dataclasses import dataclass, field

from eigenform.intake.contracts import ColumnAbsent, Condition, LookedUp, Spec
from eigenform.intake.decisions import sql
from eigenform.intake.decisions.names import closest


@dataclass(frozen=True, slots=True)
class Sheet:
    """A staged file: what it is called for people, and under which column each of its names is staged."""

    file: str
    table: str
    columns: Named[str, str]
    is_mended: bool = False  # rows come from a file of refused rows


@dataclass(frozen=True, slots=True)
class StagedLookup:
    """A staged lookup: a table with `key` and a column for each wanted value."""

    table: str
    columns: Named[str, str]


@dataclass(frozen=True, slots=True)
class TextCheck:
    """A row is refused where `condition` (over the source's texts) holds."""

    condition: str
    columns: tuple[str, ...]
    value: str
    reason: str
    remedy: str


@dataclass(slots=True)
class Texts:
    """Collects, while a section is compiled, the joins and checks that its expressions need."""

    sheet: Sheet
    lookups: Named[str, StagedLookup]
    keys_beside: Named[str, str]  # label of another section on this file: its staged table
    where: str
    joins: list[str] = field(default_factory=list)
    checks: list[TextCheck] = field(default_factory=list)

    def of(self, spec: Spec) -> str:
        """Return SQL for the text of a spec, NULL where there is nothing."""
        found = self._origin(spec)
        if spec.empty:
            found = f"CASE WHEN {found} IN ({sql.texts(spec.empty)}) THEN NULL ELSE {found} END"
        if spec.empty_matches:
            found = f"CASE WHEN regexp_matches({found}, {sql.text(spec.empty_matches)}) THEN NULL ELSE {found} END"
        if spec.letters:
            found = f"{spec.letters}({found})"
        if spec.replace:
            found = self._replaced(spec, found)
        return f"coalesce({found}, {sql.text(spec.default)})" if spec.default is not None else found

    def holds(self, condition: Condition) -> str:
        """Return SQL for a test; an empty text passes only `empty`, `not` and `not_in`."""
        found, words = self.of(condition.operand), condition.words
        if condition.test == "empty":
            return f"({found} IS {'NOT ' if words == ('false',) else ''}NULL)"
        if condition.test in ("below", "above"):
            sign = "<" if condition.test == "below" else ">"
            return f"coalesce(try_cast({found} AS DOUBLE) {sign} try_cast({sql.text(words[0])} AS DOUBLE), false)"
        if condition.test == "starts":
            return f"coalesce(starts_with({found}, {sql.text(words[0])}), false)"
        if condition.test == "matches":
            return f"coalesce(regexp_matches({found}, {sql.text(words[0])}), false)"
        inside = f"coalesce({found} IN ({sql.texts(words)}), false)"
        return f"(NOT {inside})" if condition.test in ("not", "not_in") else inside

    def all_hold(self, conditions: tuple[Condition, ...]) -> str:
        """Return SQL for all tests together."""
        return " AND ".join(self.holds(c) for c in conditions) or "true"

    def _origin(self, spec: Spec) -> str:
        if spec.columns:
            cells = [self._cell(name, trim=spec.trim) for name in spec.columns]
            return cells[0] if len(cells) == 1 else f"nullif(concat_ws({sql.text(spec.join)}, {', '.join(cells)}), '')"
        if spec.value is not None:
            return f"CAST({sql.text(spec.value)} AS VARCHAR)" if spec.value else "CAST(NULL AS VARCHAR)"
        if spec.cases:
            whens = " ".join(f"WHEN {self.all_hold(c.when)} THEN {self.of(c.take)}" for c in spec.cases)
            return f"CASE {whens} ELSE {self.of(spec.otherwise) if spec.otherwise else 'NULL'} END"
        if spec.first:
            return f"coalesce({', '.join(self.of(part) for part in spec.first)})"
        if spec.looked_up:
            return self._looked_up(spec.looked_up)
        return self._same_row(spec.same_row)

    def _cell(self, name: str, *, trim: bool) -> str:
        if name not in self.sheet.columns:
            raise ColumnAbsent(
                file=self.sheet.file,
                column=name,
                section=self.where,
                columns=tuple(self.sheet.columns),
                meant=closest(name, self.sheet.columns),
            )
        cell = f"f.{sql.name(self.sheet.columns[name])}"
        return sql.trimmed(cell) if trim else f"nullif({cell}, '')"

    def _same_row(self, label: str) -> str:
        alias = f"s{len(self.joins)}"
        self.joins.append(f"LEFT JOIN {self.keys_beside[label]} {alias} ON {alias}._id = f._id")
        return f"{alias}.key"

    def _looked_up(self, wanted: LookedUp) -> str:
        staged = self.lookups[wanted.lookup]
        key = sql.joined_key([self.of(part) for part in wanted.key])
        alias = self._joined(staged, key)
        if wanted.missing == "refuse":
            self.checks.append(
                TextCheck(
                    condition=f"{alias}.key IS NULL AND {key} IS NOT NULL",
                    columns=tuple(c for part in wanted.key for c in part.source_columns),
                    value=key,
                    reason=f"{wanted.lookup} has no row for {{value}}",
                    remedy=f"Mend the cell, or add the row to the file of {wanted.lookup}",
                )
            )
        found = f"{alias}.{sql.name(staged.columns[wanted.take])}"
        return f"coalesce({found}, {key})" if wanted.missing == "keep" else found

    def _joined(self, staged: StagedLookup, key: str) -> str:
        """Return the alias of the lookup's row for a key; the same lookup by the same key is joined once."""
        for number in range(len(self.joins) + 1):
            alias = f"j{number}"
            join = f"LEFT JOIN {staged.table} {alias} ON {alias}.key = {key}"
            if number == len(self.joins):
                self.joins.append(join)
            if self.joins[number] == join:
                return alias
        raise AssertionError("the last join is always this one")

    def _replaced(self, spec: Spec, found: str) -> str:
        whens = " ".join(f"WHEN {sql.text(old)} THEN {sql.text(new)}" for old, new in spec.replace.items())
        if spec.replace_only:
            self.checks.append(
                TextCheck(
                    condition=f"{found} NOT IN ({sql.texts(spec.replace)})",
                    columns=spec.source_columns,
                    value=found,
                    reason="{value} is not among the words that the mapping knows",
                    remedy=f"Use one of {', '.join(spec.replace)}, or add the word to the mapping",
                )
            )
        return f"nullif(CASE {found} {whens} ELSE {found} END, '')"
