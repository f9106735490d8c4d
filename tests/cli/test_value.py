"""`eigenform value` as people type it: the published numbers by one command each, refusals, wrong usage, what it costs."""

import json
import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from eigenform.cli.main import main
from eigenform.value.lifetime import bg_nbd

SCORES = "customer p_alive expected_purchases expected_purchases_low expected_purchases_high value value_low value_high"


def run(*words: object, status: int = 0):
    done = CliRunner().invoke(main, ["value", *map(str, words)])
    assert done.exit_code == status, done.output
    return done


def answer(*words: object) -> dict:
    done = run(*words, "--json")
    return json.loads(done.stdout)


def refusal(*words: object) -> dict:
    done = run(*words, "--json", status=1)
    assert done.stdout == ""
    refused = json.loads(done.stderr.strip().splitlines()[-1])
    assert set(refused) == {"code", "message", "facts"}
    return refused


@pytest.fixture(scope="module")
def sample(shared_data):
    """CDNOW's tenth: a file without a header, whose columns go by number."""
    return ("--data", shared_data / "cdnow" / "CDNOW_sample.txt", "--customer", "2", "--date", "3")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """A shop of 400 customers from the model itself: 40 weeks to judge from, 30 to be held against."""
    rng = np.random.default_rng(11)
    truth = bg_nbd.Parameters(0.6, 4.0, 0.6, 2.5)
    made = bg_nbd.simulate(truth, np.full(400, 70.0), rng)
    customer = np.concatenate([np.arange(400), made.customer])
    week = np.concatenate([np.zeros(400), made.week])
    day = [date(2024, 1, 1) + timedelta(days=int(d)) for d in np.floor(week * 7)]
    paid = np.round(rng.gamma(6.0, 30.0 / rng.gamma(4.0, 3.0, 400)[customer]), 2)
    file = tmp_path_factory.mktemp("log") / "log.parquet"
    pq.write_table(pa.table({"id": customer + 1, "day": day, "paid": paid}), file)
    return ("--data", file, "--customer", "id", "--date", "day")


# the published numbers, by one command each --------------------------------------------------------------------------

CDNOW = {
    "bg-nbd": ({"r": 0.242595, "alpha": 4.413602, "a": 0.792922, "b": 2.425907}, -9582.4292),
    "mbg-nbd": ({"r": 0.524843, "alpha": 6.183085, "a": 0.891359, "b": 1.614002}, -9582.1357),
    "pareto-nbd": ({"r": 0.553277, "alpha": 10.577683, "s": 0.606240, "beta": 11.668735}, -9594.9762),
}
MASTER = {
    "bg-nbd": ({"r": 0.2516, "alpha": 4.7889, "a": 0.7234, "b": 2.1611}, -95368.444),
    "mbg-nbd": ({"r": 0.6371, "alpha": 7.3103, "a": 0.8075, "b": 1.2284}, -95336.958),
    "pareto-nbd": ({"r": 0.5974, "alpha": 11.5857, "s": 0.5222, "beta": 8.8278}, -95415.119),
}


@pytest.mark.parametrize("model", CDNOW)
def test_the_sample_gives_the_published_fit(model, sample):
    found = answer("fit", "--model", model, *sample, "--to", "1997-09-30")

    parameters, log_likelihood = CDNOW[model]
    assert found["parameters"] == pytest.approx(parameters, rel=2e-5)
    assert found["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-4)
    assert (found["model"], found["customers"], found["status"]) == (model, 2357, "converged")
    assert (found["holdout"], found["unit"], found["prior"]) == (None, "week", "none")
    assert set(found["standard_errors"]) == set(parameters)


def test_the_published_standard_errors(sample):
    found = answer("fit", "--model", "pareto-nbd", *sample, "--to", "1997-09-30")

    published = {"r": 0.0476264, "alpha": 0.8427222, "s": 0.1872594, "beta": 6.2105448}
    assert found["standard_errors"] == pytest.approx(published, rel=2e-3)


@pytest.mark.parametrize("model", MASTER)
def test_the_whole_log_gives_what_all_programs_agree_on(model, shared_data):
    log = ("--data", shared_data / "cdnow" / "CDNOW_master.txt.gz", "--customer", "customer_id", "--date", "date")
    found = answer("fit", "--model", model, *log, "--to", "1997-09-30")

    parameters, log_likelihood = MASTER[model]
    assert found["parameters"] == pytest.approx(parameters, rel=3e-4)
    assert found["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-3)
    assert found["customers"] == 23570


def test_spend_of_the_sample_and_of_the_whole_log_with_its_free_orders(sample, shared_data):
    found = answer("fit", "--model", "gamma-gamma", *sample, "--amount", "5", "--to", "1997-09-30")
    assert found["parameters"] == pytest.approx({"p": 6.24958, "q": 3.74422, "gamma": 15.44350}, rel=1e-4)
    assert (found["log_likelihood"], found["customers"]) == (pytest.approx(-4055.9177, abs=1e-4), 946)

    log = ("--data", shared_data / "cdnow" / "CDNOW_master.txt.gz", "--customer", "customer_id", "--date", "date")
    found = answer("fit", "--model", "gamma-gamma", *log, "--amount", "dollar_value", "--to", "1997-09-30")
    assert found["parameters"] == pytest.approx({"p": 6.2754, "q": 3.6244, "gamma": 14.9837}, rel=1e-4)
    assert (found["log_likelihood"], found["customers"]) == (pytest.approx(-40763.476, abs=1e-3), 9450)
    assert any("1 customers cannot be described by gamma-gamma" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("model", "parameters", "log_likelihood"),
    [
        ("pareto-nbd", {"r": 1.448977, "alpha": 48.63608, "s": 0.5612598, "beta": 46.88436}, -5848.098),
        ("bg-nbd", {"r": 0.6073108, "alpha": 20.95673, "a": 1.275543, "b": 8.860816}, -5857.020),
        ("gamma-gamma", {"p": 3.099033, "q": 5.653673, "gamma": 56.50408}, -1670.663),
    ],
)
def test_the_apparel_retailer(model, parameters, log_likelihood, shared_data):
    log = ("--data", shared_data / "apparel" / "apparel_transactions.csv", "--customer", "Id", "--date", "Date")
    found = answer("fit", "--model", model, *log, "--amount", "Price", "--to", "2006-12-31")

    assert found["parameters"] == pytest.approx(parameters, rel=1e-3)
    assert found["log_likelihood"] == pytest.approx(log_likelihood, abs=2e-3)


def test_donations_are_a_file_of_histories_with_weights(shared_data):
    file = shared_data / "donations_1995" / "donations.csv"
    named = ("--repeats", "frequency", "--last", "recency", "--age", "periods", "--weight", "weights")
    found = answer("fit", "--model", "bg-bb", "--data", file, *named, "--unit", "year")

    published = {"alpha": 1.2035, "beta": 0.7497, "gamma": 0.6567, "delta": 2.7834}
    assert found["parameters"] == pytest.approx(published, rel=2e-4)
    assert (found["log_likelihood"], found["customers"]) == (pytest.approx(-33225.58, abs=0.01), 11104)


def test_a_wholesaler_whose_customers_do_not_leave_is_told_honestly(shared_data):
    file = shared_data / "online_retail" / "online_retail.parquet"
    log = ("--data", file, "--customer", "CustomerID", "--date", "InvoiceDate", "--amount", "Quantity*UnitPrice")

    found = answer("fit", "--model", "bg-nbd", *log)

    assert found["status"] == "not converged: the histories do not pin down b"
    assert set(found["standard_errors"].values()) == {None}
    assert any("do not use its parameters" in warning for warning in found["warnings"])


# held against later days ---------------------------------------------------------------------------------------------

HOLDOUT = "from to predicted actual mae rmse naive_mae coverage_80 coverage_80_interval"
HELD = {"bg-nbd": (1653, 0.7855, 1.6080), "mbg-nbd": (1577, 0.7648, 1.6072), "pareto-nbd": (1666, 0.7545, 1.6028)}
HELD_MASTER = {"bg-nbd": (16874, 0.8187, 1.7329), "mbg-nbd": (15934, 0.7945, 1.7396),
               "pareto-nbd": (17153, 0.7938, 1.7262)}  # fmt: skip


@pytest.mark.parametrize("model", HELD)
def test_the_hold_out_of_the_sample_is_what_others_found(model, sample):
    held = answer("fit", "--model", model, *sample, "--until", "1997-09-30")["holdout"]

    assert set(HOLDOUT.split()) <= set(held)
    assert (held["from"], held["to"], held["actual"]) == ("1997-10-01", "1998-06-30", 1882)
    assert (round(held["predicted"]), round(held["mae"], 4), round(held["rmse"], 4)) == HELD[model]
    assert 0.75 <= held["coverage_80"] <= 0.85
    assert held["coverage_80_interval"] >= 0.8
    assert sum(week["actual"] for week in held["by_week"]) == 1882
    assert len(held["by_week"]) == 39
    assert sum(week["predicted"] for week in held["by_week"]) == pytest.approx(held["predicted"], rel=0.02)
    assert held["naive_mae"] == pytest.approx(1.0237, abs=1e-4)


def test_models_are_compared_on_the_whole_log(shared_data):
    log = ("--data", shared_data / "cdnow" / "CDNOW_master.txt.gz", "--customer", "customer_id", "--date", "date")
    found = answer("compare", *log, "--until", "1997-09-30")

    held = {each["model"]: each["holdout"] for each in found["models"]}
    assert {m: (round(h["predicted"]), round(h["mae"], 4), round(h["rmse"], 4)) for m, h in held.items()} == HELD_MASTER
    assert all(h["actual"] == 19684 for h in held.values())
    assert found["best"] == min(held, key=lambda model: held[model]["crps"]) == "pareto-nbd"
    assert found["models"][0]["model"] == "pareto-nbd"  # best first
    assert "smallest calibrated error" in found["because"]
    assert sum("Drift" in warning for warning in found["warnings"]) == 3  # all foretell too few, by 13 to 19 %


def test_a_model_that_is_true_covers_and_does_not_drift(simulated):
    found = answer("compare", *simulated, "--until", "2024-10-06", "--model", "bg-nbd", "--model", "mbg-nbd")

    assert {each["model"] for each in found["models"]} == {"bg-nbd", "mbg-nbd"}
    (held,) = (each["holdout"] for each in found["models"] if each["model"] == "bg-nbd")
    assert 0.74 <= held["coverage_80"] <= 0.86
    assert held["drift"] is None
    assert held["predicted_low"] <= held["actual"] <= held["predicted_high"]
    assert not held["naive_wins"]


def test_the_naive_rule_is_named_when_it_wins(tmp_path):
    steady = [f"{n},{date(2024, 1, 1) + timedelta(days=7 * w + n % 3)},5" for n in range(60) for w in range(30)]
    found = answer("fit", "--model", "bg-nbd", "--prior", "weak", *log_of(tmp_path, *steady), "--until", "2024-05-26")

    assert found["holdout"]["naive_wins"] is True
    assert any("Carrying each customer's past rate on errs less" in warning for warning in found["warnings"])


@pytest.mark.parametrize("model", ["bg-nbd", "pareto-nbd"])
def test_a_weak_prior_believes_the_same_in_days_as_in_weeks(tmp_path, model):
    rows = [
        f"{n},{date(2024, 1, 1) + timedelta(days=int(d))},5" for n in range(25) for d in range(0, 90 + n, 9 + 4 * n)
    ]
    log = log_of(tmp_path, *rows)

    weeks, days = (answer("fit", "--model", model, "--prior", "weak", *log, "--unit", unit) for unit in ("week", "day"))

    assert days["status"] == weeks["status"] == "converged"
    assert days["parameters"]["alpha"] == pytest.approx(7.0 * weeks["parameters"]["alpha"], rel=1e-3)
    assert days["parameters"]["r"] == pytest.approx(weeks["parameters"]["r"], rel=1e-3)


def test_occasions_by_the_year_are_held_against_later_years(tmp_path):
    rng = np.random.default_rng(5)
    gives = [(n, year) for n in range(300) for year in range(2015, 2024) if year == 2015 or rng.random() < 0.4]
    log = log_of(tmp_path, *(f"{n},{year}-{1 + n % 12:02d}-09,5" for n, year in gives))

    found = answer("fit", "--model", "bg-bb", "--unit", "year", *log, "--until", "2020-12-31", "--prior", "weak")

    assert (found["holdout"]["weeks"], found["holdout"]["actual"]) == (3, sum(year > 2020 for _, year in gives))
    assert found["holdout"]["predicted"] == pytest.approx(300 * 3 * 0.4, rel=0.15)


# scores --------------------------------------------------------------------------------------------------------------


def test_scores_are_written_with_the_columns_in_order(simulated, tmp_path):
    out = tmp_path / "scores.parquet"
    found = answer("score", "--model", "pareto-nbd", *simulated, "--amount", "paid", "--out", out)

    table = pq.read_table(out)
    assert table.column_names == SCORES.split()
    assert (table.num_rows, found["customers"]) == (400, 400)
    assert table.column("customer").to_pylist() == list(range(1, 401))
    scores = {name: table.column(name).to_numpy() for name in table.column_names}
    assert all(np.isfinite(values).all() for values in scores.values())
    assert ((scores["p_alive"] > 0) & (scores["p_alive"] <= 1)).all()
    for low, high in (("expected_purchases_low", "expected_purchases_high"), ("value_low", "value_high")):
        assert (scores[low] <= scores[high]).all()
        assert (scores[low] >= 0).all()
    assert found["totals"]["value"]["mean"] == pytest.approx(scores["value"].sum(), rel=0.01)
    assert {"customers", "seconds", "cpu_seconds", "peak_mb", "models", "warnings"} <= set(found)
    assert [model["model"] for model in found["models"]] == ["pareto-nbd", "gamma-gamma"]


def test_a_score_is_the_same_in_any_unit_and_twice(simulated, tmp_path):
    weeks, days, again = (tmp_path / name for name in ("weeks.parquet", "days.parquet", "again.parquet"))
    common = (*simulated, "--amount", "paid", "--discount-per-year", "0.1", "--horizon-weeks", "26")
    for out, unit in ((weeks, "week"), (days, "day"), (again, "week")):
        run("score", "--model", "bg-nbd", *common, "--unit", unit, "--out", out)

    assert weeks.read_bytes() == again.read_bytes()
    for name in ("p_alive", "expected_purchases", "value"):
        in_weeks, in_days = (pq.read_table(file).column(name).to_numpy() for file in (weeks, days))
        np.testing.assert_allclose(in_weeks, in_days, rtol=2e-3)


def test_without_amounts_values_are_empty_and_it_is_said(simulated, tmp_path):
    found = answer("score", "--model", "bg-nbd", *simulated, "--out", tmp_path / "scores.parquet")

    table = pq.read_table(tmp_path / "scores.parquet")
    assert table.column("value").null_count == 400
    assert any("--amount" in warning for warning in found["warnings"])
    assert "value" not in found["totals"]


def test_occasions_are_scored_in_whole_ones_and_undiscounted(tmp_path, shared_data):
    file = shared_data / "donations_1995" / "donations.csv"
    named = ("--repeats", "frequency", "--last", "recency", "--age", "periods", "--weight", "weights", "--unit", "year")
    out = tmp_path / "scores.parquet"
    found = answer("score", "--model", "bg-bb", "--data", file, *named, "--horizon-weeks", "261", "--out", out)

    expected = dict(
        zip(
            pq.read_table(out).column("customer").to_pylist(),
            pq.read_table(out).column("expected_purchases").to_pylist(),
            strict=True,
        )
    )
    assert found["customers"] == 22
    assert max(expected.values()) == pytest.approx(3.75, abs=0.02)  # gave each year: printed 3.75 of the next 5 years
    refused = refusal("score", "--model", "bg-bb", "--data", file, *named, "--discount-per-year", "0.1", "--out", out)
    assert "not discounted" in refused["message"]


def test_losses_are_said_and_can_be_fitted_as_they_are(tmp_path):
    rng = np.random.default_rng(8)
    days = [date(2024, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 180, 5)]
    lines = [f"{n},{day},{rng.normal(10 if n % 5 else -4, 3):.2f}" for n in range(80) for day in days[: 2 + n % 4]]
    log = (*log_of(tmp_path, *lines), "--amount", "paid", "--negative", "purchase")

    found = answer("fit", "--model", "normal-normal", *log)
    assert found["status"] == "converged"
    assert found["parameters"]["mean"] == pytest.approx(10 * 0.8 - 4 * 0.2, abs=1.5)
    assert found["parameters"]["within_sd"] == pytest.approx(3, rel=0.3)

    scored = answer("score", "--prior", "weak", *log, "--out", tmp_path / "scores.parquet")
    assert any("brought nothing or a loss" in warning for warning in scored["warnings"])


def shop(customers: int, *, paid: str | None = None) -> list[str]:
    """Return lines of a shop whose amounts vary as much between customers as within them, or are all the same."""
    rng = np.random.default_rng(3)
    days = [np.sort(rng.integers(0, 300, 1 + rng.poisson(2.0))) for _ in range(customers)]
    return [
        f"{n},{date(2024, 1, 1) + timedelta(days=int(d))},{paid or round(float(rng.gamma(9.0, 5.0)), 2)}"
        for n in range(customers)
        for d in days[n]
    ]


@pytest.mark.parametrize("customers", [20, 60, 400])
def test_an_ordinary_base_is_scored_with_the_weak_prior_where_it_must_be(customers, tmp_path):
    out = tmp_path / "scores.parquet"
    log = (*log_of(tmp_path, *shop(customers)), "--amount", "paid")

    found = answer("score", *log, "--out", out)

    scores = pq.read_table(out)
    assert (found["customers"], scores.num_rows) == (customers, customers)
    assert all(np.isfinite(scores.column(name).to_numpy()).all() for name in SCORES.split()[1:])
    assert "weak" in {model["prior"] for model in found["models"]}
    for model in found["models"]:
        assert model["status"] == "converged"
        said = f"Plain maximum likelihood of {model['model']} was "
        assert any(text.startswith(said) for text in found["warnings"]) == (model["prior"] == "weak")


def test_amounts_that_are_all_0_leave_the_values_empty_and_it_is_said(tmp_path):
    out = tmp_path / "scores.parquet"
    found = answer("score", *log_of(tmp_path, *shop(60, paid="0")), "--amount", "paid", "--out", out)

    scores = pq.read_table(out)
    assert np.isfinite(scores.column("expected_purchases").to_numpy()).all()
    assert scores.column("value").null_count == 60
    assert any("no customer's repeat purchases brought more than 0" in warning for warning in found["warnings"])
    assert "value" not in found["totals"]


def test_a_forecast_beyond_the_log_is_not_laid_at_the_customers_door(simulated):
    words = ("fit", "--model", "bg-nbd", *simulated, "--until", "2024-10-06", "--to", "2026-06-30")
    found = answer(*words)

    assert any(warning.startswith("The log ends on 2025-") for warning in found["warnings"])
    assert any("may be off for that alone" in warning for warning in found["warnings"])
    assert not any(warning.startswith("Drift") for warning in found["warnings"])


def test_a_century_is_foretold(sample, tmp_path):
    century = ("--horizon-weeks", "5200", "--out", tmp_path / "s.parquet")
    found = answer("score", "--model", "pareto-nbd", *sample, *century)

    mean = pq.read_table(tmp_path / "s.parquet").column("expected_purchases").to_numpy().sum()
    assert found["totals"]["expected_purchases"]["mean"] == pytest.approx(mean, rel=1e-9)
    assert found["totals"]["expected_purchases"]["low"] < mean < found["totals"]["expected_purchases"]["high"]


# refusals and wrong usage --------------------------------------------------------------------------------------------


def log_of(folder, *lines: str):
    file = folder / "log.csv"
    file.write_text("id,day,paid\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return ("--data", file, "--customer", "id", "--date", "day")


FEW = [f"{n},2024-01-{1 + n % 20:02d},5" for n in range(30)]


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        (["1,2024-01-01,5", "1,2024-02-01,5"], "value.cannot_tell_worth", "there is one customer"),
        (FEW, "value.cannot_tell_worth", "nobody has bought a second time"),
        ([f"{n},2024-01-01,5" for n in range(30)] * 3, "value.cannot_tell_worth", "nobody has bought a second time"),
        (["1,2024-01-01,5", "2,whenever,5"], "analytics.log_cell_unreadable", "row 3"),
        (["1,2024-01-01,5", "2,2024-01-02,NaN USD 5"], "analytics.log_cell_unreadable", "row 3"),
        ([",2024-01-01,5"], "analytics.log_window_empty", "nobody had bought"),
    ],
    ids=["one customer", "everyone once", "duplicate lines, T = 0", "a date", "an amount", "no customer"],
)
def test_what_cannot_be_told_is_refused_as_json(lines, code, said, tmp_path):
    refused = refusal("fit", "--model", "bg-nbd", *log_of(tmp_path, *lines), "--amount", "paid")

    assert refused["code"] == code
    assert said in refused["message"]


def test_one_customer_is_refused_in_the_same_words_by_fit_and_score(tmp_path):
    log = log_of(tmp_path, "1,2024-01-01,5", "1,2024-02-01,5")

    fitted, scored = refusal("fit", "--model", "bg-nbd", *log), refusal("score", *log, "--out", tmp_path / "s.parquet")

    assert scored["message"] == fitted["message"]
    assert "there is one customer" in scored["message"]


def test_amounts_of_people_who_bought_once_cannot_tell(tmp_path):
    refused = refusal("fit", "--model", "gamma-gamma", *log_of(tmp_path, *FEW), "--amount", "paid")

    assert refused["code"] == "value.cannot_tell_worth"
    assert "nobody has bought a second time" in refused["message"]


def test_a_missing_column_names_those_that_are_there(tmp_path):
    file = log_of(tmp_path, "1,2024-01-01,5")
    refused = refusal("fit", "--model", "bg-nbd", *file[:3], "ID", *file[4:])

    assert refused["code"] == "analytics.log_column_unknown"
    assert refused["facts"]["known"] == ["id", "day", "paid"]
    assert "Did you mean id?" in refused["message"]


def test_a_model_that_needs_amounts_says_so(simulated):
    assert "--amount" in refusal("fit", "--model", "gamma-gamma", *simulated)["message"]


def test_too_few_to_score_and_no_place_to_write_are_refused(tmp_path, simulated):
    few = log_of(tmp_path, *FEW[:10], "1,2024-03-01,5")
    refused = refusal("score", "--model", "bg-nbd", *few, "--out", tmp_path / "s.parquet")
    assert (refused["code"], (tmp_path / "s.parquet").exists()) == ("value.cannot_tell_worth", False)

    nowhere = tmp_path / "not" / "there.parquet"
    refused = refusal("score", "--model", "bg-nbd", *simulated, "--out", nowhere)
    assert refused["code"] == "analytics.scores_unwritable"


def test_a_small_base_is_fitted_with_the_weak_prior_only_when_asked(tmp_path):
    lines = [*FEW, "1,2024-02-01,5", "2,2024-02-11,5", "2,2024-03-01,5", "7,2024-02-01,5"]
    log = log_of(tmp_path, *lines)

    plain = answer("fit", "--model", "bg-nbd", *log, "--until", "2024-04-01")
    weak = answer("fit", "--model", "bg-nbd", *log, "--until", "2024-04-01", "--prior", "weak")

    assert plain["status"].startswith("not converged")
    assert any("--prior weak" in warning for warning in plain["warnings"])
    assert (weak["status"], weak["prior"]) == ("converged", "weak")
    assert any("The weak prior of bg-nbd was used" in warning for warning in weak["warnings"])


@pytest.mark.parametrize(
    "words",
    [
        ["fit", "--model", "bg-nbd", "--data", "x.csv"],
        ["fit", "--model", "bg-nbd", "--data", "x.csv", "--customer", "id"],
        ["fit", "--model", "nonsense", "--data", "x.csv", "--customer", "id", "--date", "day"],
        ["fit", "--data", "x.csv", "--customer", "id", "--date", "day"],
        ["fit", "--model", "bg-nbd", "--customer", "id", "--date", "day"],
        ["fit", "--model", "bg-nbd", "--data", "x.csv", "--customer", "id", "--date", "day", "--until", "yesterday"],
        ["fit", "--model", "bg-nbd", "--data", "x.csv", "--customer", "id", "--date", "day", "--unit", "hour"],
        ["fit", "--model", "bg-bb", "--data", "x.csv", "--repeats", "x"],
        ["fit", "--model", "bg-bb", "--data", "x.csv", "--repeats", "x", "--last", "t", "--age", "T", "--date", "day"],
        ["score", "--model", "bg-nbd", "--data", "x.csv", "--customer", "id", "--date", "day"],
        ["score", "--model", "gamma-gamma", "--data", "x.csv", "--customer", "id", "--date", "day", "--out", "s"],
        ["compare", "--data", "x.csv", "--customer", "id", "--date", "day"],
        *(
            ["score", "--data", "x.csv", "--customer", "id", "--date", "day", "--out", "s", option, number]
            for option, number in (
                ("--horizon-weeks", "nan"),
                ("--horizon-weeks", "inf"),
                ("--horizon-weeks", "5201"),
                ("--discount-per-year", "nan"),
                ("--discount-per-year", "inf"),
            )
        ),
    ],
    ids=lambda words: " ".join(words[:1] + words[-2:]),
)
def test_wrong_usage_ends_with_2(words):
    done = run(*words, status=2)

    assert "Usage: " in done.stderr


# what it costs to start ----------------------------------------------------------------------------------------------


def test_a_fit_loads_neither_django_nor_pandas(tmp_path):
    lines = [f"{n},2024-0{m}-{1 + n % 9:02d},5" for n in range(40) for m in range(1, 2 + n % 5)]
    words = ["value", "fit", "--model", "bg-nbd", *map(str, log_of(tmp_path, *lines))]
    code = (
        f"import sys\nfrom eigenform.cli.main import main\nmain({words!r}, standalone_mode=False)\n"
        "print(sorted({'django', 'pandas', 'matplotlib', 'pyspark', 'sqlglot'} & set(sys.modules)))"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip().splitlines()[-1] == "[]"
    assert said.startswith("bg-nbd: 40 customers")
