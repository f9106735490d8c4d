"""What is shown where no view could answer. These pages stand without a database and without context."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return render(request, "shared/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return render(request, "shared/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500; the traceback is in the log."""
    return render(request, "shared/500.html", status=500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose secret does not match: mostly a page left open over a sign-out."""
    return render(request, "errors/form_expired.html", status=403)
