"""What README and guide tell people to type exists: commands, their options, targets of make."""

import re

import click
import pytest

from eigenform.cli.main import COMMANDS, main
from tests.architecture.source import ROOT

PAGES = sorted(p for p in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")] if p.is_file())
TYPED = re.compile(r"(?:^|[`$ /])eigenform ((?:[a-z]+)(?: [^`\n|&;#]*)?)", re.MULTILINE)
MADE = re.compile(r"(?:^|[`$ ])make ([a-z]+(?:-[a-z]+)?)(?=[`\s])", re.MULTILINE)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def code_in(text: str) -> str:
    """Return what stands in code blocks and in code marks."""
    blocks = re.findall(r"```.*?```", text, re.DOTALL)
    return "\n".join(
        [*blocks, *(f"`{c}`" for c in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))]
    )


def typed_in(text: str) -> list[list[str]]:
    return [found.group(1).split() for found in TYPED.finditer(code_in(text))]


@pytest.mark.parametrize("document", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_and_options_that_a_page_names_exist(document):
    wrong = []
    for words in typed_in(document.read_text(encoding="utf-8")):
        if words[0] not in COMMANDS:
            wrong.append(f"eigenform {words[0]}")
            continue
        command = main.get_command(click.Context(main), words[0])
        if isinstance(command, click.Group) and len(words) > 1 and words[1] in command.commands:
            command = command.commands[words[1]]
        known = {"--help", *(o for p in command.params for o in p.opts + p.secondary_opts)}
        wrong += [
            f"eigenform {words[0]} {w}"
            for w in words[1:]
            if w.startswith("--") and w.split("=")[0].rstrip(",.") not in known
        ]

    assert wrong == []


@pytest.mark.parametrize("document", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_targets_of_make_that_a_page_names_exist(document):
    named = {m.group(1) for m in MADE.finditer(code_in(document.read_text(encoding="utf-8")))}

    assert named <= TARGETS


def test_the_reader_of_pages_sees_what_is_typed():
    assert typed_in("Type `eigenform load a.toml --dry-run` or:\n```sh\n.venv/bin/eigenform serve\n```") == [
        ["serve"],
        ["load", "a.toml", "--dry-run"],
    ]
