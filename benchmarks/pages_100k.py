"""How long the pages take with 100,000 customers.

Median server time, queries and size:

    python benchmarks/pages_100k.py [--customers 100000] [--home DIR] [--runs 21]

Builds a home of its own (kept and used again if --home is given): customers with contacts, three orders each with
lines, promises and deliveries, answers, touches, standings, a turn with estimates and decisions. Then asks each page
through Django's test client in this process, as a signed-in leader: routing, session, queries and template are all in
the time; the network is not. Prints a Markdown table.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ.setdefault("EIGENFORM_LOG", "ERROR")
OK = 200


def addresses(customers: int) -> list[tuple[str, str]]:
    """Return what is asked: a name and an address."""
    deep = _deep_places()
    return [
        ("cockpit", "/"),
        ("list, by worth", "/customers/"),
        *((f"list, page 1,000 {name}", f"/customers/?sort={sort}&at={at}") for name, sort, at in deep),
        ("list, by name", "/customers/?sort=name"),
        ("list, by revenue", "/customers/?sort=-revenue"),
        ("list, by last order", "/customers/?sort=-last_order"),
        ("list, one segment (20 %)", "/customers/?segment=north"),
        ("list, rare segment (0.1 %)", "/customers/?segment=rare"),
        ("list, segment, country and kind", "/customers/?segment=north&country=NO&kind=organisation"),
        ("search, few found", "/customers/?q=ada+hart+12"),
        ("search, many found", "/customers/?q=a"),
        ("search, many found, by name", "/customers/?q=ha&sort=name"),
        ("search, contact's address", "/customers/?q=agent5@example"),
        ("search, nobody found", "/customers/?q=zzzz"),
        ("customer", f"/customers/{customers // 2}/"),
        ("customer, older events", f"/customers/{customers // 3}/?kind=order"),
        ("who slips away", "/customers/?slipping=yes"),
        ("who slips away, one segment, by name", "/customers/?slipping=yes&segment=north&sort=name"),
        ("worth", "/worth/"),
        ("offerings", "/offerings/"),
        ("category", "/offerings/category/?category=Category+07"),
    ]


def _deep_places() -> list[tuple[str, str, str]]:
    from eigenform.customers import queries
    from eigenform.customers.contracts import CustomerFilter
    from eigenform.records.scope import SYSTEM

    found = []
    for sort in ("worth", "revenue", "name"):
        place = None
        for _page in range(20):  # 20 pages of 2,500 lead to row 50,000
            place = queries.listed(CustomerFilter(sort=sort), scope=SYSTEM, place=place, size=2500).next
        found.append((f"by {sort}", f"-{sort}", place.text() if place else ""))
    return found


def measure(customers: int, runs: int) -> list[dict[str, object]]:
    """Ask every address; return median times in milliseconds, queries, exact counts of whole tables and kilobytes."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(HTTP_HOST="localhost")
    client.force_login(_leader())
    rows = []
    for name, address in addresses(customers):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
            texts = [query["sql"] for query in connection.queries_log]
        wall, cpu = zip(*(_timed(client, address) for _run in range(runs)), strict=True)
        rows.append(
            {
                "page": name if answer.status_code == OK else f"{name} (status {answer.status_code})",
                "median_ms": round(statistics.median(wall), 1),
                "cpu_ms": round(statistics.median(cpu), 1),
                "queries": len(texts) - asked.initial_queries,
                "kb": round(len(answer.content) / 1000, 1),
            }
        )
    return rows


def _timed(client: Any, address: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    client.get(address)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def _leader():
    from django.contrib.auth import get_user_model

    people = get_user_model().objects
    return people.filter(username="bench").first() or people.create_user("bench", "benchmark-only", role="leader")


def run(home: Path, *, customers: int, runs: int, build_only: bool) -> list[dict[str, object]]:
    """Build in the home if there is nothing yet, then measure."""
    os.environ["EIGENFORM_HOME"] = str(home)
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks._pages_data import build
    from eigenform.customers import queries

    call_command("migrate", verbosity=0)
    if not queries.facets().customers_about:
        build(customers)
    _leader()
    return [] if build_only else measure(customers, runs)


def as_markdown(rows: list[dict[str, object]]) -> str:
    """Return the table."""
    head = ["| page | median ms | CPU ms | queries | kB |", "|---|---:|---:|---:|---:|"]
    return "\n".join([*head, *(f"| {' | '.join(str(value) for value in row.values())} |" for row in rows)])


def table() -> str:
    """Measure with 100,000 customers in a process of its own, since settings are read once."""
    text = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True).stdout
    return f"100,000 customers, 300,000 orders, SQLite, Django's test client: everything but the network.\n\n{text}"


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--build-only", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = asked.home or Path(scratch)
        rows = run(home, customers=asked.customers, runs=asked.runs, build_only=asked.build_only)
    print(as_markdown(rows))


if __name__ == "__main__":
    main()
