"""What is sold, and how what came differs from what was promised and expected."""

from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    """List categories."""
    return HttpResponse()


def detail(request: HttpRequest, category: str = "") -> HttpResponse:
    """Show one category; its name comes by the path or as `?category=`."""
    return HttpResponse()
