"""What import-linter cannot say: whose tables, and which way foreign keys point."""

import grimp
from django.apps import apps

from tests.architecture.test_imports import CONTRACTS

LAYERS = CONTRACTS[0]["layers"]  # highest first
RANK = {name.strip(): -depth for depth, line in enumerate(LAYERS) for name in line.split("|")}


def package(module: str) -> str:
    return module.split(".")[1]


def test_a_package_touches_only_its_own_tables():
    graph = grimp.build_graph("eigenform")
    foreign = [
        f"{importer} -> {tables}"
        for tables in graph.find_matching_modules("eigenform.*.models")
        for importer in graph.find_modules_that_directly_import(tables)
        if package(importer) != package(tables) and package(tables) != "records"  # its models are abstract
    ]

    assert foreign == []


def test_every_package_with_tables_is_under_the_inner_contract():
    with_tables = {m.__module__.rpartition(".models")[0] for m in apps.get_models() if "eigenform" in m.__module__}

    assert with_tables <= set(CONTRACTS[1]["containers"])


def test_foreign_keys_point_down_and_leave_no_way_back():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("eigenform.")
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created
        if points_up(model, field) or not (field.remote_field.related_name or "").endswith("+")
    ]

    assert wrong == []


def points_up(model, field) -> bool:
    mine, theirs = package(model.__module__), package(field.related_model.__module__)
    return mine != theirs and RANK[theirs] >= RANK[mine]
