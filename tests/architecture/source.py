"""Where the source stands, read as text and as syntax."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "eigenform"


def modules(*, migrations: bool = False) -> list[Path]:
    """Return our Python files; migrations are written once and left alone, so most rules pass them by."""
    files = [*SOURCE.rglob("*.py"), *(ROOT / "config").glob("*.py")]
    return sorted(f for f in files if migrations or "migrations" not in f.parts)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Return every function with the place where it stands."""
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", node


def tracked() -> list[Path]:
    """Return the files that git knows, or all that are not ignored where there is no git."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        kept = ("src", "config", "docs", "tests", "examples", "scripts", "frontend/src", "benchmarks")
        return [f for part in kept for f in (ROOT / part).rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
