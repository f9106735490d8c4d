"""Where the home's database is, in the words of the analytics engine."""

from urllib.parse import quote, urlencode

from django.db import connection


def attach_url() -> str:
    """Return `sqlite:PATH` or `postgres:URI` of the default database, as it is now (a test's own database included)."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:{settings['NAME']}"
    given = settings.get("OPTIONS", {})
    host, port = given.get("host") or settings["HOST"] or "", str(given.get("port") or settings["PORT"] or "")
    login = quote(settings["USER"] or "")
    if settings["PASSWORD"]:
        login += ":" + quote(settings["PASSWORD"])
    place = {"host": host} if host.startswith("/") else {}
    address = "" if host.startswith("/") else host + (f":{port}" if port else "")
    if place and port:
        place["port"] = port
    query = f"?{urlencode(place)}" if place else ""
    return f"postgres:postgresql://{login}@{address}/{quote(settings['NAME'])}{query}"
