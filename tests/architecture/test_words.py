"""What must not stand in any file: places of one machine, hosts of registries, faces and letters of others."""

import re

from tests.architecture.source import ROOT, tracked

MACHINE = re.compile(r"(?<![\w.])/(?:work|home|root|Users|tmp)/[\w.-]+")
REGISTRY = re.compile(r"pypi\.(?:org|python)|pythonhosted|registry\.npmjs|npmmirror|jsdelivr|unpkg\.com|cdnjs")
FACES = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".sql",
    ".html",
    ".css",
    ".js",
    ".mjs",
    ".json",
    ".sh",
    ".txt",
    ".lock",
    ".yml",
    ".csv",
    "",
}


def lines_with(pattern: re.Pattern[str], *, but: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{number}: {found.group()}"
        for file in tracked()
        if file.suffix in TEXT and file.relative_to(ROOT).as_posix() not in but
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (found := pattern.search(line))
    ]


def test_no_file_names_a_place_on_one_machine():
    assert lines_with(MACHINE, but=("tests/architecture/test_words.py",)) == []


def test_no_file_names_the_host_of_a_registry():
    assert lines_with(REGISTRY, but=("tests/architecture/test_words.py",)) == []


def test_no_file_shows_a_face():
    assert lines_with(FACES, but=("tests/architecture/test_words.py",)) == []
