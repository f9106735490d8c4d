"""Small files, small functions, a docstring for every package, one code for every refusal."""

import ast
import importlib
import pkgutil
from collections import defaultdict

import eigenform
from eigenform.base.errors import Refused
from tests.architecture.source import ROOT, SOURCE, functions, modules

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60


def test_no_file_is_longer_than_can_be_read_at_a_sitting():
    long = {
        str(file.relative_to(ROOT)): lines
        for file in modules()
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    }

    assert long == {}, "Make a folder of the same name out of it."


def test_no_function_is_longer_than_a_screen():
    long = [place for place, node in functions() if node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX]

    assert long == []


def test_every_package_says_what_it_is_for():
    silent = [
        str(file.relative_to(ROOT))
        for file in SOURCE.rglob("__init__.py")
        if not {"migrations", "templatetags"} & set(file.parts)
        if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_no_package_for_odds_and_ends():
    names = {"utils", "util", "helpers", "helper", "misc", "common", "managers", "services"}

    assert [str(f.relative_to(ROOT)) for f in modules() if names & {f.stem, *f.relative_to(ROOT).parts}] == []


def test_every_refusal_has_a_code_of_its_own():
    for found in pkgutil.walk_packages(eigenform.__path__, "eigenform."):
        if ".migrations" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    by_code = defaultdict(set)
    for kind in subclasses(Refused):
        if kind.__module__.startswith("eigenform."):
            by_code[kind.code].add(f"{kind.__module__}.{kind.__qualname__}")

    assert "refused" not in by_code, "A subclass without a code of its own."
    assert {code: kinds for code, kinds in by_code.items() if len(kinds) > 1} == {}
    assert len(by_code) > 10


def subclasses(kind: type) -> set[type]:
    return {found for child in kind.__subclasses__() for found in {child} | subclasses(child)}
