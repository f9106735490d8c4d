"""Where commands write: a place that cannot be used is named, with what helps, before anything happens."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from eigenform.cli.main import main


@pytest.fixture
def closed(monkeypatch):
    """Fail if a command goes as far as opening the installation."""
    from eigenform.cli import export, load

    def never() -> None:
        raise AssertionError("the installation was opened")

    monkeypatch.setattr(export, "open_home", never)
    monkeypatch.setattr(load, "open_home", never)


def refused(*words: object) -> dict:
    said = CliRunner().invoke(main, [*map(str, words)])
    assert (said.exit_code, said.stdout) == (1, "")
    return json.loads(said.stderr.strip().splitlines()[-1])


def test_an_export_below_a_file_is_refused_with_the_folder(closed, tmp_path):
    (tmp_path / "file").touch()

    told = refused("export", tmp_path / "file" / "new", "--json")

    assert told["code"] == "cli.folder_unusable"
    assert told["facts"]["folder"] == str(tmp_path / "file" / "new")
    assert told["facts"]["folder"] in told["message"]
    assert "Name a folder in which you may write" in told["message"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system has no /proc")
def test_an_export_where_no_folder_can_be_made_is_refused(closed):
    assert refused("export", "/proc/xx", "--json")["code"] == "cli.folder_unusable"


def test_an_export_into_an_empty_folder_that_takes_no_file_is_refused(closed, tmp_path, monkeypatch):
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)

    told = refused("export", tmp_path, "--json")

    assert (told["code"], told["facts"]["problem"]) == ("cli.folder_unusable", "No space left on device")


def test_refused_rows_for_a_folder_that_is_not_there_are_refused_before_loading(closed, tmp_path):
    file = tmp_path / "absent" / "refused.csv"

    told = refused("load", "cdnow", tmp_path, "--errors", file, "--json")

    assert told["code"] == "cli.errors_file_unusable"
    assert told["facts"]["folder"] == str(tmp_path / "absent")
    assert f"Make the folder {tmp_path / 'absent'}" in told["message"]
    assert not (tmp_path / "absent").exists()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system has no /proc")
def test_refused_rows_for_a_folder_that_takes_none_are_refused_before_loading(closed, tmp_path):
    assert refused("load", "cdnow", tmp_path, "--errors", "/proc/refused.csv")["code"] == "cli.errors_file_unusable"


def test_trying_out_an_errors_file_leaves_everything_as_it_was(tmp_path):
    from eigenform.cli.load import _try_out

    (tmp_path / "old.csv").write_text("kept")

    _try_out(tmp_path / "old.csv")
    _try_out(tmp_path / "new.csv")

    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"old.csv": "kept"}
