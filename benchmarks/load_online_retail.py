"""How fast and in how much memory `eigenform load` brings 541,909 invoice lines into SQLite, beside two rivals.

    python benchmarks/load_online_retail.py [FOLDER]

Each runs alone in a process of its own on the same file into an empty database. The rivals do less: neither checks a
row, keys it, links it to customers, orders and articles, nor could it be run again without doubling the lines.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EIGENFORM_SHARED_DATA", ROOT.parent / "shared" / "data")) / "online_retail"
ROWS = 541_909

PANDAS = """
import sqlite3, sys, pandas
pandas.read_parquet(sys.argv[1]).to_sql("lines", sqlite3.connect(sys.argv[2]), index=False)
"""
BULK_CREATE = """
import os, sys
import django
from django.conf import settings
database = {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[2]}
settings.configure(INSTALLED_APPS=[], DATABASES={"default": database})
django.setup()
from django.db import connection, models
import pyarrow.parquet as pq

class Line(models.Model):
    invoice = models.CharField(max_length=20); article = models.CharField(max_length=20)
    name = models.TextField(null=True)
    pieces = models.IntegerField(); at = models.DateTimeField(); price = models.FloatField()
    customer = models.IntegerField(null=True); country = models.TextField()
    class Meta: app_label = "rival"

with connection.schema_editor() as editor:
    editor.create_model(Line)
for batch in pq.ParquetFile(sys.argv[1]).iter_batches(50_000):
    rows = zip(*(column.to_pylist() for column in batch.columns))
    Line.objects.bulk_create([Line(None, *row) for row in rows], batch_size=5_000)
"""


def measured(command: list[str], home: Path) -> tuple[float, float, float]:
    """Run a command; return wall seconds, CPU seconds and peak memory in MB of its process."""
    started = time.perf_counter()
    env = {**os.environ, "EIGENFORM_HOME": str(home), "DATABASE_URL": ""}
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[:3]} failed with {status}")
    if b"rows_read" in output and json.loads(output)["rows_loaded"] not in (ROWS, 0):
        raise SystemExit("not every row was loaded")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def table(folder: Path = DATA) -> str:
    """Measure each and return a Markdown table."""
    file = str(folder / "online_retail.parquet")
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        home.mkdir()
        load = [sys.executable, "-m", "eigenform.cli.main", "load", "online_retail", str(folder), "--json"]
        objects = [sys.executable, "-c", BULK_CREATE, file, str(home / "objects.sqlite3")]
        runs = {
            "eigenform load, empty database": load,
            "eigenform load, the same again": load,
            "pandas to_sql, one flat table": [sys.executable, "-c", PANDAS, file, str(home / "pandas.sqlite3")],
            "Django bulk_create, one flat table": objects,
        }
        lines = ["| what | rows a second | wall s | CPU s | peak MB |", "|---|---:|---:|---:|---:|"]
        for name, command in runs.items():
            wall, cpu, peak = measured(command, home)
            lines.append(f"| {name} | {ROWS / wall:,.0f} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")
    load_1 = os.getloadavg()[0]
    lines.append(f"\nLoad average {load_1:.1f} at the end; start of the process and migrations included.")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA))
