"""The command as a whole: what it lists, what it costs to ask, how it says no."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from eigenform.cli.main import COMMANDS, main

CONTEXT = click.Context(main)


def every_command() -> dict[str, click.Command]:
    found = {}
    for name in COMMANDS:
        command = main.get_command(CONTEXT, name)
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": child for sub, child in command.commands.items()}
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_itself_says(name):
    assert main.get_command(CONTEXT, name).get_short_help_str(200) == COMMANDS[name][1]


@pytest.mark.parametrize("name", every_command())
def test_every_command_has_an_example_and_json(name):
    command = every_command()[name]
    said = CliRunner().invoke(main, [*name.split(), "--help"])

    assert said.exit_code == 0
    assert f"Example: eigenform {name}" in said.output
    if not isinstance(command, click.Group):
        assert "--json" in said.output


def test_asking_for_help_loads_neither_django_nor_numbers():
    code = (
        "import sys\nfrom eigenform.cli.main import main\nmain(['--help'], standalone_mode=False)\n"
        "print(sorted({'django', 'duckdb', 'numpy', 'rich'} & set(sys.modules)))"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip().splitlines()[-1] == "[]"
    assert all(name in said for name in COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["turn", "--nonsense"],
        ["turn", "--as-of", "2018-13-01"],
        ["turn", "--as-of", "01.11.2018"],
        ["turn", "--seed", "-1"],
        ["turn", "--replay", "0"],
        ["turn", "--replay", "1", "--dry-run"],
        ["serve", "--port", "0"],
        ["staff", "add"],
        ["staff", "add", "Ada", "--role", "king"],
        ["backup"],
        ["load", "one"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(words):
    said = CliRunner().invoke(main, words)

    assert said.exit_code == 2
    assert said.stdout == ""
    assert "Usage: " in said.stderr


def test_a_refusal_is_one_object_on_standard_error_and_1(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()

    said = CliRunner().invoke(main, ["export", str(tmp_path / "full"), "--json"])

    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr.count("\n") == 1
    assert '"code": "cli.folder_not_empty"' in said.stderr


def test_a_fault_is_logged_and_told_as_one(monkeypatch, tmp_path, caplog):
    from eigenform.cli import export

    monkeypatch.setattr(export, "open_home", lambda: 1 / 0)

    said = CliRunner().invoke(main, ["export", str(tmp_path / "new")])

    last = said.stderr.strip().splitlines()[-1]
    assert said.exit_code == 1
    assert last.startswith('{"code": "internal"')
    assert "ZeroDivisionError" in caplog.text
