"""Bring files in, see what was refused, mend it and load it again."""

from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    """List loads and offer the upload."""
    return HttpResponse()


def start(request: HttpRequest, load_id: int | None = None) -> HttpResponse:
    """Take an upload (POST), or start an interrupted load again."""
    return HttpResponse()


def detail(request: HttpRequest, load_id: int) -> HttpResponse:
    """Show one load."""
    return HttpResponse()


def progress(request: HttpRequest, load_id: int) -> HttpResponse:
    """Answer with the load's bar alone."""
    return HttpResponse()


def errors_csv(request: HttpRequest, load_id: int) -> HttpResponse:
    """Download the refused rows."""
    return HttpResponse()
