"""The page Worth: the answer in words, charts with tables and files behind them, who slips away, what can be trusted."""

from datetime import date

import pytest

from eigenform.customers.models import Customer, Standing
from tests.web.conftest import summary, words, write_turn

DAY = date(2026, 1, 10)


def interval(mean, spread=0.2):
    return {"mean": mean, "low": mean * (1 - spread), "high": mean * (1 + spread)}


def trial(**changes):
    return {
        "cut_on": "2025-08-29", "weeks": 26, "customers": 250, "purchases": 400, "model": "mbg-nbd",
        "tried": [
            {"model": "bg-nbd", "score": 0.51234, "mae": 0.81, "expected": 380.4, "low": 350.0, "high": 411.0, "coverage_80": 0.78, "coverage_80_interval": 0.86},
            {"model": "mbg-nbd", "score": 0.50111, "mae": 0.80, "expected": 391.2, "low": 360.0, "high": 422.0, "coverage_80": 0.81, "coverage_80_interval": 0.88},
        ],
        "by_week": [{"predicted": 15.0, "low": 9.0, "high": 21.0, "actual": n} for n in (14, 22, 8)],
        "by_group": [
            {"customers": 125.0, "predicted": 0.4, "actual": 0.5, "low": 0.3, "high": 0.7},
            {"customers": 125.0, "predicted": 2.7, "actual": 2.7, "low": 2.2, "high": 3.2},
        ],
        "coverage_80": 0.81, "coverage_80_interval": 0.88, "mae": 0.80, "naive_mae": 0.95, "naive_wins": False, "drift": "",
    } | changes  # fmt: skip


def report(**changes):
    return {
        "alive": interval(280.0, 0.01),
        "edges_minor": [0.0, 10_000.0, 20_000.0, 50_000.0],
        "counts": [100, 180, 32],
        "concentration": [[0.0, 0.0], [0.1, 0.48], [0.2, 0.64], [1.0, 1.0]],
        "top_tenth": {"mean": 0.48, "low": 0.46, "high": 0.5},
        "cohorts": [
            {"name": "2025 Q3", "customers": 212, "alive": interval(188.0, 0.01), "worth_minor": interval(30_000_000.0)},
            {"name": "2025 Q4", "customers": 100, "alive": interval(92.0, 0.01), "worth_minor": interval(18_213_000.0)},
        ],
        "slipping": {"customers": 2, "worth_minor": interval(150_000.0), "lost_minor": 90_000.0},
        "model": "mbg-nbd",
        "because": "MBG/NBD told the hold-out best.",
        "trial": trial(),
    } | changes  # fmt: skip


@pytest.fixture
def tell(small_firm, now):
    """Write a later turn with a report on worth, as changed."""

    def _tell(*, worth_report=None, **changes):
        told = summary(small_firm.partner_subject)
        told["worth"] |= {"horizon_weeks": 52, "model_version": "mbg-nbd r 1"}
        return write_turn(now, told | {"worth_report": worth_report or report(), **changes}, number=2)

    return _tell


def slips(customer, *, lost, worth=100_000.0, **fields):
    values = {
        "turn_number": 2,
        "as_of": date(2026, 2, 27),
        "orders_count": 9,
        "purchase_days": 8,
        "first_order_on": date(2025, 7, 5),
        "last_order_on": DAY,
        "spend_minor": 4_800.0,
        "revenue_52w_minor": 12_345,
        "worth_mean_minor": worth,
        "worth_low_minor": worth * 0.2,
        "worth_high_minor": worth * 2,
        "p_alive": 0.41,
        "p_alive_before": 0.996,
        "expected_purchases": 4.0,
        "expected_purchases_low": 0.0,
        "expected_purchases_high": 9.0,
        "slipping_minor": lost,
        "model_version": "mbg-nbd r 0.2; gamma-gamma p 1",
    }
    return Standing.objects.create(customer=customer, **values | fields)


class TestAnswer:
    def test_says_in_one_sentence_what_the_base_is_worth(self, tell, as_person):
        tell()
        said = words(as_person("Rita").get("/worth/"))
        assert (
            "312 customers are worth £480k over 52 weeks (80 % interval £310k to £670k); the best 10 % hold 48.0 %."
            in said
        )
        assert "2 customers worth £1,500 are slipping away. Turn 2, as of 27 Feb 2026." in said
        assert "Worth, as revenue over 52 weeks" in said

    def test_tells_spread_and_concentration_with_tables_and_files(self, tell, as_person):
        tell()
        response = as_person("Rita").get("/worth/")
        said, html = words(response), response.content.decode()
        assert "180 of 312 customers are worth £100 to £200 each." in said
        assert "£200 and more 32" in said
        assert "The best 20 % of customers hold half of the worth." in said
        assert 'href="/worth/2/distribution.csv"' in html
        assert 'href="/worth/2/concentration.csv"' in html

    def test_tells_cohorts(self, tell, as_person):
        tell()
        said = words(as_person("Rita").get("/worth/"))
        assert "Customers who came in 2025 Q3 are worth most" in said
        assert "2025 Q4 100 92.0 %" in said

    def test_one_cohort_needs_no_chart_and_nobody_slips_in_words(self, tell, as_person):
        one = report()["cohorts"][:1]
        tell(
            worth_report=report(cohorts=one, slipping={"customers": 0, "worth_minor": interval(0.0), "lost_minor": 0.0})
        )
        response = as_person("Rita").get("/worth/")
        said = words(response)
        assert "Nobody is slipping away." in said
        assert "Nobody: no customer's silence is long for them." in said
        assert 'id="chart-cohorts"' not in response.content.decode()

    def test_tables_that_may_scroll_can_be_reached_and_are_named(self, tell, as_person):
        tell()
        html = as_person("Rita").get("/worth/").content.decode()
        for name in ("Customers by when they first bought", "Models compared on the hold-out"):
            assert f'tabindex="0" role="region" aria-label="{name}"' in html


class TestTrust:
    def test_models_are_compared_and_the_one_in_use_is_named(self, tell, as_person):
        tell()
        said = words(as_person("Rita").get("/worth/"))
        assert "fitted to what was known on 29 Aug 2025 and tried on the 26 weeks since" in said
        assert "250 customers made 400 purchases. MBG/NBD told the hold-out best." in said
        assert "MBG/NBD in use 0.5011 0.800 391 360 to 422" in said
        assert "BG/NBD 0.5123 0.810 380 350 to 411" in said
        assert "Of 100 customers 81 did what the 80 % intervals say. That is as it should be." in said
        assert "2 of 3 weeks lie outside the band" in said

    def test_drift_and_a_better_naive_rule_are_said_aloud(self, tell, as_person):
        drift = "Fewer purchases were expected than made: 15 % in the second half."
        tell(worth_report=report(trial=trial(drift=drift, naive_wins=True, naive_mae=0.7)))
        said = words(as_person("Rita").get("/worth/"))
        assert drift in said
        assert "the simple rule wins. Take single worths with care." in said

    @pytest.mark.parametrize(
        ("coverage", "words_said"),
        [(0.6, "the intervals are too narrow"), (0.9, "the intervals are wider than need be")],
    )
    def test_coverage_is_judged_in_words(self, tell, as_person, coverage, words_said):
        tell(worth_report=report(trial=trial(coverage_80=coverage)))
        assert words_said in words(as_person("Rita").get("/worth/"))

    def test_a_history_too_short_to_try_models_is_told(self, tell, as_person):
        tell(worth_report=report(trial=None, because="The history is 12 weeks long, 26 are needed."))
        said = words(as_person("Rita").get("/worth/"))
        assert "Not yet tried. The history is 12 weeks long, 26 are needed." in said
        assert "0.5011" not in said


class TestSlipping:
    def test_lists_who_lost_most_first_with_the_three_facts(self, tell, small_firm, as_person):
        tell()
        slips(small_firm.customers["Ada Hart"], lost=20_000.0)
        slips(small_firm.customers["Ben Stone"], lost=70_000.0)
        Standing.objects.create(
            customer=small_firm.customers["Dora Lind"], turn_number=2, as_of=DAY, orders_count=1, revenue_52w_minor=0
        )
        response = as_person("Rita").get("/worth/")
        said = words(response)
        assert said.index("Ben Stone") < said.index("Ada Hart")
        assert "Dora Lind" not in said
        assert "over 99 % → 41 %" in said
        assert "Last bought 7 weeks ago; they used to buy every 27 days." in said
        assert "8 purchases since 5 Jul 2025; 4 more expected over 52 weeks (0 to 9)." in said
        assert "£48 a purchase over 7 purchases after the first." in said
        assert "▼ £700" in said

    def test_pages_by_place_not_by_offset(self, tell, as_person, django_assert_max_num_queries):
        tell(worth_report=report(slipping={"customers": 45, "worth_minor": interval(1e6), "lost_minor": 1e5}))
        for i in range(45):
            slips(Customer.objects.create(source="t", key=f"n{i}", name=f"N {i}"), lost=float(i + 1))
        reader = as_person("Rita")
        with django_assert_max_num_queries(14) as asked:
            first = reader.get("/worth/")
        assert not any("OFFSET" in q["sql"] for q in asked.captured_queries)
        assert [row.name for row in first.context["rows"]][:2] == ["N 44", "N 43"]
        second = reader.get(f"/worth/{first.context['pager'].next_href.split('#')[0]}")
        assert [row.name for row in second.context["rows"]][:2] == ["N 32", "N 31"]
        assert "12 customers of 45" in words(second)
        back = reader.get(f"/worth/{second.context['pager'].previous_href.split('#')[0]}")
        assert [row.name for row in back.context["rows"]][:2] == ["N 44", "N 43"]

    def test_the_filter_is_offered_only_if_somebody_slips(self, tell, small_firm, as_person):
        assert "Slipping away" not in words(as_person("Rita").get("/customers/"))
        tell()
        assert "Slipping away" in words(as_person("Rita").get("/customers/"))

    def test_the_list_of_customers_can_be_narrowed_to_them_and_downloaded(self, tell, small_firm, as_person):
        tell()
        slips(small_firm.customers["Ada Hart"], lost=20_000.0)
        slips(small_firm.customers["Ben Stone"], lost=70_000.0)
        reader = as_person("Rita")
        response = reader.get("/customers/?slipping=yes")
        assert [row.name for row in response.context["rows"]] == ["Ben Stone", "Ada Hart"]
        assert '<a class="ef-chip" href="/customers/" aria-current="true">Slipping away' in response.content.decode()
        by_name = reader.get("/customers/?slipping=yes&sort=name")
        assert [row.name for row in by_name.context["rows"]] == ["Ada Hart", "Ben Stone"]
        lines = b"".join(reader.get("/customers.csv?slipping=yes").streaming_content).decode().splitlines()
        assert len(lines) == 3
        assert lines[1].endswith(",700.00,0.41,0.996")


class TestCustomer:
    def test_shows_what_their_worth_rests_on_and_the_formula_with_their_numbers(self, tell, small_firm, as_person):
        tell()
        ada = small_firm.customers["Ada Hart"]
        slips(ada, lost=20_000.0)
        response = as_person("Rita").get(f"/customers/{ada.pk}/")
        said = words(response)
        assert "Chance that they are still there, before and now over 99 % → 41 %" in said
        assert "Last bought 7 weeks ago; they used to buy every 27 days." in said
        assert f'href="/customers/{ada.pk}/?kind=orders"' in response.content.decode()
        assert "Purchases if they are 9.76" in said
        assert "Amount a purchase, discounted £250 gamma-gamma: theirs was £48" in said

    def test_who_bought_once_has_no_rhythm(self, tell, small_firm, as_person):
        tell()
        ada = small_firm.customers["Ada Hart"]
        slips(ada, lost=None, purchase_days=1, spend_minor=None, first_order_on=DAY)
        said = words(as_person("Rita").get(f"/customers/{ada.pk}/"))
        assert "Bought once, 7 weeks ago." in said
        assert "£250 a purchase, as customers in general: of theirs only the first is known." in said
        assert "Chance that they are still there 41 %" in said

    def test_a_mean_above_an_interval_of_nothing_is_explained(self, tell, small_firm, as_person):
        tell()
        ada, ben = small_firm.customers["Ada Hart"], small_firm.customers["Ben Stone"]
        slips(ada, lost=None, worth=9_634.0, worth_low_minor=0.0, worth_high_minor=0.0)
        slips(ben, lost=None, worth=9_634.0, worth_low_minor=0.0)
        said = words(as_person("Rita").get(f"/customers/{ada.pk}/"))
        assert (
            "Most likely nothing: no more than one in ten such customers is expected to buy again within 52 weeks; "
            "the mean of all such customers is £96." in said
        )
        assert "most likely nothing; 80" in said
        assert "ost likely nothing" not in words(as_person("Rita").get(f"/customers/{ben.pk}/"))

    def test_an_older_standing_without_these_facts_is_borne(self, tell, small_firm, as_person):
        tell()
        ada = small_firm.customers["Ada Hart"]
        slips(ada, lost=None, purchase_days=None, first_order_on=None, expected_purchases=None, p_alive=None)
        assert "What their worth rests on" not in words(as_person("Rita").get(f"/customers/{ada.pk}/"))


class TestCannotTell:
    def test_before_the_first_turn(self, firm_policy, as_person):
        said = words(as_person("Rita").get("/worth/"))
        assert "Cannot tell No turn was made yet. One turn would decide it. Run a turn" in said

    def test_after_a_turn_that_could_not_tell(self, tell, as_person):
        tell(worth=None, worth_reason="Nobody has bought a second time yet.", worth_decides="More orders.")
        assert "Cannot tell Nobody has bought a second time yet. More orders. Load a file" in words(
            as_person("Rita").get("/worth/")
        )

    def test_after_a_turn_that_made_no_report(self, small_firm, as_person):
        said = words(as_person("Rita").get("/worth/"))
        assert "Turn 1 was made before turns reported on worth. The next turn will tell." in said


class TestFiles:
    @pytest.mark.parametrize(
        ("part", "lines"),
        [
            ("distribution", ["worth_from_minor,worth_to_minor,customers", "0.0,10000.0,100", "10000.0,20000.0,180", "20000.0,,32"]),
            ("concentration", ["share_of_customers,share_of_worth", "0.0,0.0", "0.1,0.48", "0.2,0.64", "1.0,1.0"]),
            ("weeks", ["week,expected,low,high,made", "1,15.0,9.0,21.0,14", "2,15.0,9.0,21.0,22", "3,15.0,9.0,21.0,8"]),
            ("groups", ["group,customers,expected_each,made_each,low,high", "1,125,0.4,0.5,0.3,0.7", "2,125,2.7,2.7,2.2,3.2"]),
            (
                "models",
                [
                    "model,crps,mae,expected,low,high,made,coverage_80,coverage_80_interval",
                    "bg-nbd,0.51234,0.81,380.4,350.0,411.0,400,0.78,0.86",
                    "mbg-nbd,0.50111,0.8,391.2,360.0,422.0,400,0.81,0.88",
                ],
            ),
        ],
    )  # fmt: skip
    def test_hold_what_the_charts_show(self, tell, as_person, part, lines):
        tell()
        response = as_person("Rita").get(f"/worth/2/{part}.csv")
        assert response.content.decode("utf-8-sig").splitlines() == lines

    def test_of_cohorts_name_every_end(self, tell, as_person):
        tell()
        _, first, _ = as_person("Rita").get("/worth/2/cohorts.csv").content.decode("utf-8-sig").splitlines()
        assert first.startswith("2025 Q3,212,188.0,")

    def test_of_a_turn_without_a_report_are_empty_and_unknown_ones_are_not_there(self, tell, as_person):
        tell()
        reader = as_person("Rita")
        assert len(reader.get("/worth/1/weeks.csv").content.splitlines()) == 1
        assert reader.get("/worth/2/nothing.csv").status_code == 404
        assert reader.get("/worth/9/weeks.csv").status_code == 404


def test_strangers_see_nothing(tell, client):
    tell()
    assert client.get("/worth/").status_code == 302
    assert client.get("/worth/2/weeks.csv").status_code == 302


def test_it_stands_in_the_navigation_and_costs_few_queries(tell, as_person, django_assert_max_num_queries):
    tell()
    reader = as_person("Rita")
    reader.get("/worth/")
    with django_assert_max_num_queries(12):
        html = reader.get("/worth/").content.decode()
    assert 'href="/worth/"' in html
    assert 'aria-current="page"' in html
