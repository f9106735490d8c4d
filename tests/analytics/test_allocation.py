"""Allocation from a file: the chosen rows, the prices by name, and every refusal with row and remedy."""

import json

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from eigenform.analytics.allocation import allocate
from eigenform.analytics.allocation.refusals import (
    CandidatesCellWrong,
    CandidatesColumnMissing,
    CandidatesUnreadable,
    LimitsWrong,
)
from eigenform.cli.main import main

HEAD = "customer,offer,value,cost,channel,minutes"
KNAPSACK = [("1", "a", 10, 5), ("2", "b", 6, 2), ("3", "c", 7, 3), ("4", "d", 1, 1)]


@pytest.fixture
def files(tmp_path):
    """Return a writer of candidates and limits that answers with the arguments of `allocate`."""

    def write(rows, limits="", *, head=HEAD, name="candidates.csv"):
        lines = [head, *(",".join(map(str, row)) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        (tmp_path / "limits.toml").write_text(limits, encoding="utf-8")
        return tmp_path / name, tmp_path / "limits.toml", tmp_path / "chosen.csv"

    return write


def rows_of(path):
    return pacsv.read_csv(
        path, convert_options=pacsv.ConvertOptions(column_types={"customer": pa.string()})
    ).to_pylist()


def knapsack():
    return [(*row, "phone", 1) for row in KNAPSACK]


def test_the_knapsack_by_value_takes_b_c_and_d(files):
    paths = files(knapsack(), "budget = 6")
    found = allocate(*paths, objective="value")

    assert (found.chosen, found.objective, found.gap) == (3, 14.0, 0.0)
    assert [row["offer"] for row in rows_of(paths[2])] == ["b", "c", "d"]


def test_by_net_gain_what_only_pays_for_itself_is_left_alone(files):
    paths = files(knapsack(), "budget = 6")
    found = allocate(*paths)

    assert found.objective == 8.0  # b and c: 6 - 2 + 7 - 3; d adds as much as it costs
    assert [row["offer"] for row in rows_of(paths[2])] == ["b", "c"]
    assert found.used == {"budget": 5.0, "contacts": 2, "minutes": {}}


def test_a_limit_that_is_not_named_is_none(files):
    found = allocate(*files(knapsack()))

    assert found.chosen == 3
    assert found.prices == {"budget": 0.0, "contacts": 0.0, "minutes": {}}


def test_minutes_are_limited_by_channel_and_priced_by_name(files):
    rows = [(i, "call", 100 - i, 1, "phone", 10) for i in range(20)] + [
        (i, "mail", 5, 1, "email", 1) for i in range(20)
    ]
    paths = files(rows, "[minutes]\nphone = 50\n")
    found = allocate(*paths)

    chosen = rows_of(paths[2])
    assert [r["customer"] for r in chosen if r["offer"] == "call"] == ["0", "1", "2", "3", "4"]
    assert sum(r["offer"] == "mail" for r in chosen) == 15
    assert 9.0 <= found.prices["minutes"]["phone"] <= 9.2  # the sixth call instead of a mail: 94 - 4, for ten minutes
    assert found.used["minutes"] == {"phone": 50.0}


def test_exclusions_hold_for_a_customer_who_may_get_two(files):
    rows = [("x", "visit", 50, 1, "road", 60), ("x", "call", 30, 1, "phone", 10), ("x", "mail", 5, 1, "email", 1)]
    paths = files(rows, 'per_customer = 2\n[exclude]\nvisit = ["call"]\n')
    found = allocate(*paths)

    assert [r["offer"] for r in rows_of(paths[2])] == ["visit", "mail"]
    assert found.objective == 53.0


def test_a_floor_gives_its_segment_a_share(files):
    rows = [(i, "call", 100 if i < 10 else 20, 1, "phone", 10, "north" if i < 10 else "south") for i in range(20)]
    paths = files(rows, "contacts = 10\n[floors]\nsouth = 0.3\n", head=HEAD + ",segment")
    allocate(*paths)

    assert sum(r["segment"] == "south" for r in rows_of(paths[2])) == 3


def test_parquet_in_parquet_out_keeps_every_column_and_order(tmp_path):
    given = pa.table(
        {
            "note": ["n1", "n2", "n3"],
            "customer": [7, 3, 7],
            "offer": pa.array(["call", "call", "mail"]).dictionary_encode(),
            "value": [9.0, 8.0, 20.0],
            "cost": [1, 1, 1],
            "channel": ["phone", "phone", "email"],
            "minutes": [1.0, 1.0, 1.0],
        }
    )
    pq.write_table(given, tmp_path / "c.parquet")
    (tmp_path / "l.toml").write_text("")
    allocate(tmp_path / "c.parquet", tmp_path / "l.toml", tmp_path / "o.parquet")

    out = pq.read_table(tmp_path / "o.parquet")
    assert out.schema.names == given.schema.names
    assert out.column("note").to_pylist() == ["n2", "n3"]


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        (("9", "a", "nan", 1, "phone", 1), "value", "finite"),
        (("9", "a", "", 1, "phone", 1), "value", "finite"),
        (("9", "a", "inf", 1, "phone", 1), "value", "finite"),
        (("9", "a", 3, -1, "phone", 1), "cost", "below 0"),
        (("9", "a", 3, 1, "phone", -2), "minutes", "below 0"),
        (("9", "a", "much", 1, "phone", 1), "value", "'much' is no number"),
        (("", "a", 3, 1, "phone", 1), "customer", "empty"),
        (("9", "a", 3, 1, "", 1), "channel", "empty"),
    ],
)
def test_a_cell_that_cannot_be_reckoned_with_is_refused_by_its_row(files, row, column, told):
    with pytest.raises(CandidatesCellWrong, match=told) as refused:
        allocate(*files([*knapsack(), row]))

    assert (refused.value.row, refused.value.column) == (5, column)
    assert refused.value.remedy


def test_missing_columns_are_named(files):
    with pytest.raises(CandidatesColumnMissing, match="cost, minutes"):
        allocate(*files([("1", "a", 3, "phone")], head="customer,offer,value,channel"))


@pytest.mark.parametrize(
    ("limits", "key", "told"),
    [
        ("bugdet = 6", "bugdet", "Did you mean budget"),
        ("budget = -1", "budget", "no number from 0 up"),
        ("budget = nan", "budget", "no number from 0 up"),
        ("contacts = 1.5", "contacts", "whole number"),
        ("minutes = 5", "minutes", "no table"),
        ("[minutes]\nphone = true", "minutes.phone", "no number"),
        ('[exclude]\ncall = "mail"', "exclude.call", "no list"),
        ('[exclude]\ncall = ["call"]', "exclude.call", "itself"),
        ("[floors]\na = 0.7\nb = 0.7", "floors", "more than 1"),
        ("budget = = 6", "file", "no TOML"),
    ],
)
def test_what_is_no_limit_is_refused_by_its_key(files, limits, key, told):
    with pytest.raises(LimitsWrong, match=told) as refused:
        allocate(*files(knapsack(), limits))

    assert refused.value.key == key


def test_a_name_of_the_limits_that_no_candidate_has_is_told(files):
    found = allocate(*files(knapsack(), '[minutes]\nphnoe = 5\n[exclude]\na = ["z"]\n'))

    assert found.prices["minutes"] == {"phnoe": 0.0}
    assert len(found.warnings) == 2
    assert "phnoe" in found.warnings[0]


def test_an_empty_file_chooses_nothing(files):
    paths = files([], "budget = 5")
    assert allocate(*paths).chosen == 0


def test_other_names_are_refused(files, tmp_path):
    paths = files(knapsack())
    with pytest.raises(CandidatesUnreadable, match="no format"):
        allocate(paths[0], paths[1], tmp_path / "chosen.xlsx")
    with pytest.raises(CandidatesUnreadable):
        allocate(tmp_path / "none.csv", paths[1], paths[2])


def test_the_command_answers_with_the_promised_keys(files):
    candidates, limits, out = files(knapsack(), "budget = 6")
    names = ["--candidates", str(candidates), "--limits", str(limits), "--out", str(out)]
    told = CliRunner().invoke(main, ["value", "allocate", *names, "--objective", "value", "--json"])

    assert told.exit_code == 0
    answer = json.loads(told.stdout)
    assert {"chosen", "objective", "bound", "gap", "prices", "seconds"} <= set(answer)
    assert set(answer["prices"]) == {"budget", "contacts", "minutes"}
    assert (answer["chosen"], answer["objective"]) == (3, 14.0)


def test_the_command_refuses_with_status_1_and_misuse_with_2(files):
    candidates, limits, out = files([("1", "a", "x", 1, "phone", 1)])
    names = ["--candidates", str(candidates), "--limits", str(limits)]
    refused = CliRunner().invoke(main, ["value", "allocate", *names, "--out", str(out)])
    misused = CliRunner().invoke(main, ["value", "allocate", *names])

    assert refused.exit_code == 1
    last = json.loads(refused.stderr.strip().splitlines()[-1])
    assert last["code"] == "analytics.candidates_cell_wrong"
    assert last["facts"]["row"] == 1
    assert misused.exit_code == 2
