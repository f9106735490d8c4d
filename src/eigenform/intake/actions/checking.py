"""Reads the files of a load into a stage and judges every row, writing nothing anywhere else.

stage      files → texts
lookups    files joined to others, completed by what earlier loads kept
compile    each section → typed rows and what is wrong with them
judge      duplicates, identifiers, the erased, references – until nothing new is refused
keep       which row stands for each key
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from eigenform.intake.actions.judging import Judge
from eigenform.intake.actions.lookups import file_of, stage_lookup
from eigenform.intake.actions.recorders import Known
from eigenform.intake.contracts import Mapping, MappingRefused, Section
from eigenform.intake.decisions import checks, sql
from eigenform.intake.decisions.expressions import Sheet, StagedLookup
from eigenform.intake.decisions.sections import Compiled, compile_section
from eigenform.intake.feedback.locating import Located
from eigenform.intake.feedback.staging import Stage, Staged

Report = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A section whose rows stand checked in table t<number> of the stage, those that stand for a key in k<number>."""

    number: int
    file: int  # number of the staged file; -1 for rows of the mapping itself
    compiled: Compiled

    @property
    def section(self) -> Section:
        """The section of the mapping."""
        return self.compiled.section

    @property
    def table(self) -> str:
        """Name of the staged table."""
        return f"t{self.number}"


@dataclass(slots=True)
class Checked:
    """A load that was read and judged, ready to be written."""

    mapping: Mapping
    stage: Stage
    files: dict[int, Staged]
    prepared: list[Prepared] = field(default_factory=list)
    strangers: list[tuple[str, int]] = field(
        default_factory=list
    )  # rows of a mended file that no file of the mapping fits
    lookups: dict[str, StagedLookup] = field(default_factory=dict)

    @property
    def rows_read(self) -> int:
        """Source rows of the files that fill a table, and refused ones of those that are only looked up."""
        filling = {p.file for p in self.prepared}
        found = self.stage.db.execute("SELECT file, count(DISTINCT id) FROM refused GROUP BY file").fetchall()
        beside = sum(n for file, n in found if file not in filling)
        return sum(s.rows for n, s in self.files.items() if n in filling) + beside + len(self.strangers)


def check(mapping: Mapping, located: Located, *, stage: Stage, known: Known, report: Report) -> Checked:
    """Read and judge. Raises what concerns whole files; single rows end in the stage's table `refused`."""
    checked = _staged(mapping, located, stage, report)
    stage.db.execute(checks.CREATE_REFUSED)
    for number, staged in checked.files.items():
        stage.db.execute(checks.unreadable(staged.table, number))
        _name_columns(stage, staged, number)
    for number, lookup in enumerate(mapping.lookups.values()):
        own, earlier = file_of(lookup, checked.files), known.lookup_rows(lookup.name)
        checked.lookups[lookup.name] = stage_lookup(stage.db, lookup, number, own, earlier)
    for section in _in_order(mapping.sections):
        _prepare(checked, section)
        report("checking", len(checked.prepared), len(mapping.sections))
    judge = Judge(checked, known)
    judge.judge()
    for one in checked.prepared:
        kept = checks.kept(one.table, one.file, one.section.repeat)
        stage.db.execute(f"CREATE TABLE k{one.number} AS {kept}")
    stage.db.execute("CREATE TABLE same (section INTEGER, id BIGINT)")
    return checked


def _staged(mapping: Mapping, located: Located, stage: Stage, report: Report) -> Checked:
    checked = Checked(mapping, stage, {})
    files = list(mapping.files.values())
    if located.mended:
        dealt, checked.strangers = stage.stage_mended(located.mended, files, lambda n: report("reading", n, None))
        checked.files = {files.index(staged.file): staged for staged in dealt}
        return checked
    before = 0
    for number, file in enumerate(files):
        parts = [part for part in located.parts if part.file == file]
        if parts:
            base = before
            staged = stage.stage(parts, number, lambda n, base=base: report("reading", base + n, None))  # type: ignore[misc]
            checked.files[number] = staged
            before += staged.rows
    return checked


def _name_columns(stage: Stage, staged: Staged, number: int) -> None:
    """The reader knows columns by their place: put their names, and none for a column that is not the source's."""
    named = " ".join(
        f"WHEN {sql.text(column.removeprefix('c'))} THEN {sql.text(name)}" for name, column in staged.columns.items()
    )
    if named:
        stage.db.execute(f"UPDATE refused SET columns = CASE columns {named} END WHERE file = ?", [number])


def _in_order(sections: tuple[Section, ...]) -> list[Section]:
    """Put a section after those whose key it takes from the same row; for the rest the order of the tables stays."""
    rest, done = list(sections), list[Section]()
    while rest:
        labels = {s.label for s in rest}
        ready = [s for s in rest if not any(spec.same_row in labels for spec in s.specs)]
        if not ready:
            raise MappingRefused(
                where=rest[0].label, problem="same_row goes round in a circle", remedy="Name the columns"
            )
        done += ready
        rest = [s for s in rest if s not in ready]
    return done


def _prepare(checked: Checked, section: Section) -> None:
    number = len(checked.prepared)
    if section.rows:
        names = tuple(dict.fromkeys(name for row in section.rows for name in row))
        staged, file = checked.stage.stage_rows([dict(row) for row in section.rows], names, number), -1 - number
    else:
        found = next(((n, s) for n, s in checked.files.items() if s.file.name == section.file), None)
        if found is None:
            return
        file, staged = found
    beside = {p.section.label: p.table for p in checked.prepared if p.file == file}
    compiled = compile_section(
        section,
        sheet=_sheet(staged),
        lookups=checked.lookups,
        keys_beside=beside,
        zone=checked.mapping.zone,
        currency=checked.mapping.currency,
    )
    prepared = Prepared(number, file, compiled)
    checked.stage.db.execute(f"CREATE TABLE {prepared.table} AS {compiled.select}")
    checked.prepared.append(prepared)


def _sheet(staged: Staged) -> Sheet:
    return Sheet(" and ".join(staged.labels[:3]), staged.table, staged.columns, staged.is_mended)


def open_stage(folder: Path | None) -> Stage:
    """Open a stage; its files lie in the folder until it is closed."""
    return Stage(folder)
