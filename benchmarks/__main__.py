"""Run every benchmark and write the latest table into the docs: `python -m benchmarks [NAME …]`."""

import importlib
import os
import pkgutil
import platform
import sys
from datetime import date
from pathlib import Path

import benchmarks

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Latest run of `make bench` on {day}: {cores} processors, Python {python}, {system}. Wall times depend on what else the
machine did; CPU seconds and ratios to the rival of the same run are the figures to trust.
"""


def main(wanted: list[str]) -> None:
    """Run the benchmarks named (all if none is) and write their tables; a part that was not run keeps its old table."""
    names = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_")]
    old = _parts(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    head = HEAD.format(
        day=date.today().isoformat(), cores=os.cpu_count(), python=platform.python_version(), system=platform.system()
    )
    parts = [head]
    for name in sorted(names):
        if wanted and name not in wanted:
            parts.append(old.get(name, ""))
            continue
        print(f"… {name}", file=sys.stderr)
        module = importlib.import_module(f"benchmarks.{name}")
        parts.append(f"<!-- {name} -->\n## {module.__doc__.strip().splitlines()[0]}\n\n{module.table().strip()}\n")
    PAGE.write_text("\n".join(part.rstrip() + "\n" for part in parts if part), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _parts(text: str) -> dict[str, str]:
    pieces = text.split("<!-- ")[1:]
    return {piece.partition(" -->")[0]: "<!-- " + piece for piece in pieces}


if __name__ == "__main__":
    main(sys.argv[1:])
