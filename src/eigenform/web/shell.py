"""What every page shows around its content."""

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, object]:
    """Return the shell's variables."""
    return {}
