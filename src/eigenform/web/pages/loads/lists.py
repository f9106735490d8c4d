"""The loads so far, and the form that starts one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from eigenform.base.errors import Refused
from eigenform.intake import actions as intake
from eigenform.intake import queries
from eigenform.intake.contracts import LoadRow, MappingRow, UploadRefused
from eigenform.records.scope import Scope
from eigenform.staff import queries as staff
from eigenform.web.pages.loads.wording import STATES, files
from eigenform.web.pages.rendering import Page, show, signed_in

LOADS_SHOWN = 50
MAPPING_BYTES_MAX = 1_000_000
OWN = "own"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list of loads."""

    href: str
    mapping: str
    files: str
    state: str
    is_bad: bool
    dry_run: bool
    rows_read: int | None
    rows_refused: int | None
    by: str
    started_at: datetime
    again_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadsPage(Page):
    """All that loads/index.html may show."""

    rows: tuple[Row, ...]
    sentence: str
    form: forms.Form | None
    problem: str
    now: datetime


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class UploadForm(forms.Form):
    """Files and the mapping that reads them."""

    mapping = forms.ChoiceField(label="What the files are", help_text="A mapping says which column means what.")
    own_mapping = forms.FileField(
        label="Your own mapping", required=False, help_text="A small TOML file. It is used instead of the choice above."
    )
    dry_run = forms.BooleanField(
        label="Look only: say what would be loaded and what refused, write nothing", required=False
    )

    def __init__(self, *args: Any, mappings: tuple[MappingRow, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = [
            *((m.name, f"{m.name}: {m.title}" if m.title else m.name) for m in mappings),
            (OWN, "my own mapping, below"),
        ]
        self.fields["own_mapping"].widget.attrs["accept"] = ".toml"


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """List loads and offer the upload."""
    return _show(request, scope, problem="")


def _show(request: HttpRequest, scope: Scope, *, problem: str) -> HttpResponse:
    found = queries.loads(LOADS_SHOWN)
    names = staff.names_by_actor({load.actor for load in found})
    form = None
    if scope.may_load:
        form = UploadForm(request.POST or None, mappings=queries.mappings())
    page = LoadsPage(
        rows=tuple(_row(load, names, scope) for load in found),
        sentence=_sentence(found),
        form=form,
        problem=problem,
        now=timezone.now(),
    )
    return show(request, "loads/index.html", page, status=422 if problem else 200)


def _sentence(found: tuple[LoadRow, ...]) -> str:
    running = sum(load.state in ("waiting", "running") for load in found)
    if running:
        return f"{running} under way."
    if not found:
        return "Nothing was loaded through this page yet. Orders are enough to begin with."
    refused = int(found[0].answer.get("rows_refused") or 0)
    return f"The last load refused {refused:,} rows." if refused else "The last load took every row."


def _row(load: LoadRow, names: dict[str, str], scope: Scope) -> Row:
    return Row(
        href=reverse("load", args=[load.load_id]),
        mapping=load.mapping,
        files=files(load),
        state=STATES[load.state],
        is_bad=load.state in ("failed", "interrupted"),
        dry_run=load.dry_run,
        rows_read=load.answer.get("rows_read"),
        rows_refused=load.answer.get("rows_refused"),
        by=names.get(load.actor, "the system"),
        started_at=load.started_at,
        again_href=reverse("load-again", args=[load.load_id]) if load.may_start_again and scope.may_load else "",
    )


@require_POST
@signed_in
def start(request: HttpRequest, load_id: int | None = None, *, scope: Scope) -> HttpResponse:
    """Take an upload, a mended file for an earlier load, or start an interrupted one again."""
    scope.require("load", "load files")
    if load_id is not None:
        queries.load(load_id)
    sent = request.FILES.getlist("files")
    if load_id is not None and not sent:
        intake.start_again(load_id, scope=scope, now=timezone.now())
        return redirect("load", load_id)
    try:
        text = queries.mapping_of(load_id).text if load_id is not None else _mapping(request)
        uploads = [(f.name or "", f.chunks()) for f in sent]
        dry_run = request.POST.get("dry_run") in ("on", "1")
        new = intake.enqueue(text, uploads, scope=scope, now=timezone.now(), dry_run=dry_run)
    except Refused as refusal:
        return _show(request, scope, problem=str(refusal))
    return redirect("load", new)


def _mapping(request: HttpRequest) -> str:
    """Return the text of the mapping chosen by name, or of the one uploaded; never a path that a request names."""
    own = request.FILES.get("own_mapping")
    if own is not None:
        return _own(own)
    asked = request.POST.get("mapping", "")
    known = {row.name: row.text for row in queries.mappings()}
    if asked not in known:
        remedy = "Choose one, or upload your own below it"
        raise UploadRefused(problem="no mapping came with it", remedy=remedy)
    return known[asked] + "\n"


def _own(upload: UploadedFile) -> str:
    if (upload.size or 0) > MAPPING_BYTES_MAX:
        remedy = "Choose the small TOML file that describes them, not the data"
        raise UploadRefused(problem=f"the mapping {upload.name} is larger than a megabyte", remedy=remedy)
    try:
        return upload.read().decode("utf-8-sig") + "\n"
    except UnicodeDecodeError:
        problem = f"the mapping {upload.name} is not UTF-8 text"
        raise UploadRefused(problem=problem, remedy="Save it as UTF-8") from None
