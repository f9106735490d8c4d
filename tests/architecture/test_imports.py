"""The import contracts of pyproject.toml hold, and name every package."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import ROOT, SOURCE

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
LOOP_FILES = {"contracts", "models", "feedback", "queries", "decisions", "actions"}
ALSO_ALLOWED = {"__init__", "apps", "admin", "migrations", "sql", "__pycache__"}


def test_the_import_contracts_hold():
    lint = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_has_its_layer():
    layers = {name.strip() for line in CONTRACTS[0]["layers"] for name in line.split("|")}
    there = {p.stem for p in SOURCE.iterdir() if (p.is_dir() and (p / "__init__.py").exists()) or p.suffix == ".py"}

    assert there - {"__init__"} <= layers


def test_a_package_with_tables_holds_only_the_files_of_the_loop():
    wrong = [
        str(child.relative_to(ROOT))
        for tables in SOURCE.rglob("models*")
        if tables.parent != SOURCE / "records" and tables.stem == "models"
        for child in tables.parent.iterdir()
        if child.stem not in LOOP_FILES | ALSO_ALLOWED and (child.suffix == ".py" or child.is_dir())
        if tables.parent.name != "intake" or child.name != "examples"
    ]

    assert wrong == []
