"""Loads: bring files in, see how far they are, fetch what was refused."""

from datetime import UTC, datetime
from typing import Annotated

from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from eigenform.api.auth import scope_of
from eigenform.api.turns import BIGGEST, Seq
from eigenform.base.errors import Refused
from eigenform.intake import actions, queries
from eigenform.intake.contracts import LoadRow, MappingRow, RefusalPage

router = Router(tags=["loads"])


class NoSuchMapping(Refused):
    """There is no mapping of that name here."""

    code = "api.no_such_mapping"

    def __init__(self, *, mapping: str, known: list[str]) -> None:
        self.mapping, self.known = mapping[:80], known
        super().__init__(f"There is no mapping {mapping[:80]}. Known: {', '.join(known)}. Or send its text.")


class Started(Schema):
    """A load that the background worker runs."""

    load_id: int


class LoadOrder(Schema):
    """What to load: the name of a mapping that `GET /mappings` lists, or the text of another."""

    mapping: str = Field(min_length=1, max_length=200_000)
    dry_run: bool = False


@router.get("/mappings", response=list[MappingRow])
def list_mappings(request: HttpRequest) -> list[MappingRow]:
    """List the mappings that are shipped or were used here."""
    scope_of(request)
    return list(queries.mappings())


@router.get("/loads", response=list[LoadRow])
def list_loads(request: HttpRequest, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> list[LoadRow]:
    """List the latest loads, newest first."""
    scope_of(request)
    return list(queries.loads(limit))


@router.post("/loads", response={202: Started})
def start_load(request: HttpRequest, order: Form[LoadOrder], files: File[list[UploadedFile]]) -> Status[Started]:
    """Upload files and let the background worker load them; `GET /loads/{id}` says how far it is."""
    scope = scope_of(request)
    uploads = [(file.name or "upload", file.chunks()) for file in files]
    text = _mapping_text(order.mapping)
    load_id = actions.enqueue(text, uploads, scope=scope, now=datetime.now(UTC), dry_run=order.dry_run)
    return Status(202, Started(load_id=load_id))


def _mapping_text(given: str) -> str:
    """Return a mapping's text; a single line is a name, and never a path on this machine."""
    if "\n" in given.strip():
        return given
    known = {row.name: row.text for row in queries.mappings()}
    if given.strip() not in known:
        raise NoSuchMapping(mapping=given.strip(), known=list(known))
    return known[given.strip()]


@router.get("/loads/{load_id}", response=LoadRow)
def get_load(request: HttpRequest, load_id: Seq) -> LoadRow:
    """Return one load: how far it is, and its answer once it ended."""
    scope_of(request)
    return queries.load(load_id)


@router.post("/loads/{load_id}/start-again", response={202: Started})
def start_load_again(request: HttpRequest, load_id: Seq) -> Status[Started]:
    """Run a load again that failed or was broken off: it ends as if it had not been."""
    actions.start_again(load_id, scope=scope_of(request), now=datetime.now(UTC))
    return Status(202, Started(load_id=load_id))


@router.get("/loads/{load_id}/refused", response=RefusalPage)
def list_refused(
    request: HttpRequest,
    load_id: Seq,
    after: Annotated[int, Query(ge=0, le=BIGGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RefusalPage:
    """Return a page of the rows that were refused, in file order, each with its reason and remedy."""
    scope_of(request).require("load", "look at refused rows")
    queries.load(load_id)
    return queries.refused_rows(load_id, after_id=after, limit=limit)


@router.get("/loads/{load_id}/errors.csv", response=str)
def get_errors_file(request: HttpRequest, load_id: Seq) -> StreamingHttpResponse:
    """Return the refused rows as csv: mend it and load it again by the same mapping."""
    scope_of(request).require("load", "download refused rows")
    queries.load(load_id)
    answer = StreamingHttpResponse(queries.errors_csv(load_id), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="load-{load_id}-errors.csv"'
    return answer
