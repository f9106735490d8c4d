"""The built wheel, installed into an empty environment, starts and brings its templates, assets and mappings."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
UV = next(filter(None, [shutil.which(ROOT / ".venv-tools/bin/uv"), shutil.which("uv")]), "uv")
PATIENCE_SECONDS = 90

pytestmark = pytest.mark.wheel


def uv(*words: str) -> None:
    """Run uv from its cache, and from the registry only if something is not there."""
    for way in (["--offline"], []):
        done = subprocess.run([UV, *words, *way, "--quiet"], capture_output=True, text=True, cwd=ROOT, check=False)
        if done.returncode == 0:
            return
    pytest.fail(f"uv {' '.join(words)}: {done.stderr}")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--wheel", "--out-dir", str(folder), str(ROOT))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that holds the wheel and what it depends on, and nothing else."""
    place = tmp_path_factory.mktemp("empty") / "venv"
    uv("venv", "--python", sys.executable, str(place))
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    uv("pip", "install", "--python", str(python), "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    uv("pip", "install", "--python", str(python), "--no-deps", str(wheel))
    return python.parent


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("EIGENFORM", "DATABASE_URL", "PYTHON"))}
    return kept | {"EIGENFORM_HOME": str(tmp_path / "home")}


def test_the_wheel_holds_what_is_not_code(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    for wanted in (
        r"eigenform/web/templates/shared/base\.html",
        r"eigenform/web/static/eigenform/dist/app\.css",
        r"eigenform/web/static/eigenform/dist/app\.js",
        r"eigenform/analytics/sql/.*\.sql",
        r"eigenform/intake/examples/olist\.toml",
        r"config/settings\.py",
        r".*dist-info/licenses/LICENSE",
    ):
        assert any(re.fullmatch(wanted, name) for name in names), wanted
    assert not [n for n in names if "node_modules" in n or n.startswith("tests/") or "sqlite3" in n]


def test_the_installed_command_answers(installed, env, tmp_path):
    said = subprocess.run(
        [installed / "eigenform", "--help"], env=env, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "eigenform demo" in said.stdout
    version = subprocess.run(
        [installed / "eigenform", "--version"], env=env, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert re.fullmatch(r"Eigenform \d+\.\d+\.\d+\S*\n", version.stdout)


def test_the_installed_site_starts_with_its_style(installed, env, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [installed / "eigenform", "serve", "--port", str(port)], env=env, stdout=out, stderr=out, cwd=tmp_path
        )
    try:
        assert '"database": "ok"' in fetched(f"http://127.0.0.1:{port}/healthz", log)
        page = fetched(f"http://127.0.0.1:{port}/sign-in/", log)
        sheet = re.search(r'href="(/static/eigenform/dist/[^"]+\.css[^"]*)"', page)
        assert sheet, page
        assert len(fetched(f"http://127.0.0.1:{port}{sheet.group(1)}", log)) > 10_000
        assert "/set-up/" in log.read_text()
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def fetched(url: str, log: Path) -> str:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return urlopen(url, timeout=10).read().decode()
        except (URLError, OSError) as error:
            if time.monotonic() > end:
                pytest.fail(f"{url}: {error}\n{log.read_text()}")
            time.sleep(0.2)
