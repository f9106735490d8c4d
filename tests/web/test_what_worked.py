"""What worked: the answer in words, what cannot be told and what would decide, and csv behind every figure."""

import pytest

from eigenform.control.actions.summary import _effects
from eigenform.control.contracts import EffectRow, Learnt, Measured, Uplift
from tests.web import conftest as firm
from tests.web.conftest import words

SHARES = tuple(i / 20 for i in range(21))


def row(scope, name, *, mean=900.0, half=300.0, outcome="margin", method="cuped", treated=900, withheld=100, **facts):
    unit = "GBP" if outcome == "margin" else "share"
    dated = {"first_on": "2025-10-01", "last_on": "2025-11-20", "open": 0, "decides": None, "is_sound": True}
    ends = (None, None, None, None) if mean is None else (mean, mean - half, mean + half, half / 1.28)
    low_high = (ends[0], ends[1], ends[2], ends[3])
    return EffectRow(
        scope, name, outcome, *low_high, unit, method if mean is not None else "", treated, withheld, 91, dated | facts
    )


def both(scope, name, **changes):
    bought = {**changes, "mean": 0.012, "half": 0.004} if changes.get("mean", 1) is not None else changes
    return [row(scope, name, **changes), row(scope, name, outcome="bought", **bought)]


FEW = {
    "mean": None, "treated": 45, "withheld": 5, "reason": "5 were withheld, at least 20 are needed",
    "decides": "About 150 more customers, some 30 weeks as now, would decide.",
}  # fmt: skip


def curve(name, area=200.0, half=100.0):
    gain = tuple(900.0 * s + 4 * area * s * (1 - s) for s in SHARES)
    return Uplift(
        "campaign" if name != "contact_customer" else "all", name, "margin", 800, SHARES, gain,
        tuple(g - 50 for g in gain), tuple(g + 50 for g in gain), area, area - half, area + half, -110.0, 120.0, 0.02,
    )  # fmt: skip


def learnt(segment="", basis="measured", weight=0.8):
    return Learnt("contact_customer", segment, 0.02, 0.02, 0.05, 0.01, 0.044, 0.009, 0.032, 0.056, weight, 1_000, basis)


def measured(*rows, uplifts=(), lines=()):
    found = Measured(91, "GBP", tuple(r for pair in rows for r in pair), tuple(uplifts), tuple(lines))
    return {"effects": _effects(found)}


@pytest.fixture
def told(people, firm_policy, now):
    def write(effects, **changes):
        firm.write_turn(now, firm.summary("partner:" + "0" * 32) | effects | changes)

    return write


@pytest.fixture
def everything(told):
    told(
        measured(
            both("all", "contact_customer"),
            both("plan", "7", **FEW),
            both("segment", "|north"),
            both("segment", "|south", mean=-100.0),
            both("campaign", "Spring letter", mean=3_000.0),
            both(
                "campaign",
                "Autumn | letter",
                mean=100.0,
                decides="About 4,000 more customers would decide.",
                is_sound=False,
            ),
            both("segment", "Spring letter|north", mean=3_500.0),
            both("segment", "Spring letter|south", mean=2_500.0, half=900.0),
            uplifts=[curve("Spring letter"), curve("contact_customer", area=-20.0)],
            lines=[learnt(), learnt("north", "assumed", 0.3)],
        )
    )


def test_the_answer_stands_in_words(everything, as_person):
    said = words(as_person("Rita").get("/what-worked/"))

    assert (
        "Our contacts bring £9.0 more per customer chosen within 91 days (£6.0 to £12.0). 1 of 2 campaigns brought "
        "more, if the 80 % interval holds; most, Spring letter: £30.0 per customer chosen (£27.0 to £33.0). Turn 1, as of 27 Feb 2026."
    ) in said


def test_each_effect_has_its_interval_n_method_and_arms(everything, as_person):
    said = words(as_person("Rita").get("/what-worked/"))

    assert "80 % interval £6.0 to £12.0; n 1,000; 8 days old; model CUPED; measured" in said
    assert "▲ £8.1k £5.4k to £10.8k" in said  # 900 chosen, £9 each
    assert "▲ 1.2 points" in said
    assert "900 / 100 CUPED, 1 Oct 2025 to 20 Nov 2025" in said
    assert "By assignment, not by what was carried out" in said


def test_what_cannot_be_told_says_what_would_decide(everything, as_person):
    response = as_person("Rita").get("/what-worked/")
    said = words(response)

    assert "Plan of turn 7 Plan Cannot tell 5 were withheld, at least 20 are needed." in said
    assert "45 / 5 1 Oct 2025 to 20 Nov 2025 About 150 more customers, some 30 weeks as now, would decide." in said
    assert 'href="/turns/7/"' in response.content.decode()


def test_an_assignment_that_was_not_drawn_as_stated_is_marked(everything, as_person):
    said = words(as_person("Rita").get("/what-worked/"))

    assert said.count("The arms differ more than chance would let them") == 1


def test_segments_and_the_ranking_are_those_of_the_campaign_asked_for(everything, as_person):
    reader = as_person("Rita")
    spring, ours = words(reader.get("/what-worked/")), words(reader.get("/what-worked/?of="))

    assert "Highest with north: £35.0 (£32.0 to £38.0). In 2 of 2 segments the interval leaves zero out." in spring
    assert (
        "The area between the lines is £2.0 per customer (£1.0 to £3.0): ranking customers by what was known" in spring
    )
    assert "80 % of such areas would lie between −£1.1 and £1.2, and 2 % would be at least this large." in spring
    assert "Highest with north: £9.0 (£6.0 to £12.0). In 1 of 2 segments" in ours
    assert "nobody can tell that ranking customers" in ours
    none = words(reader.get("/what-worked/?of=Autumn+%7C+letter"))
    assert "The customers of Autumn | letter are all of one segment." in none
    assert "it takes 100 customers in each arm" in none
    assert words(reader.get("/what-worked/?of=nobody-s")) == spring


def test_what_is_reckoned_with_stands_between_assumed_and_measured(everything, as_person):
    said = words(as_person("Rita").get("/what-worked/"))
    line = said[said.index("Weight of measuring") :]

    assert "Contact customer all together; any other segment" in line and "80 %" in line
    assert "model policy; assumed" in line
    assert "model measured against the hold-out; measured" in line
    assert "north" in line and "30 %" in line


def test_numbers_can_be_downloaded(everything, as_person):
    reader = as_person("Rita")

    def lines(part, of=""):
        response = reader.get(f"/what-worked/{part}.csv", {"of": of})
        return response.content.decode("utf-8-sig").splitlines()

    effects = lines("effects")
    assert effects[0].startswith(
        "scope,name,outcome,mean,low,high,sd,unit,method,treated,withheld,window_days,first_on"
    )
    assert effects[1].startswith("all,contact_customer,margin,900.0,600.0,1200.0,")
    assert len(effects) == 1 + 2 * 4
    assert [x.split(",")[1] for x in lines("segments", "Spring letter")[1:]] == ["Spring letter|north"] * 2 + [
        "Spring letter|south"
    ] * 2
    assert lines("curve", "Spring letter")[-1] == "1.0,900.0,850.0,950.0"
    assert lines("curve", "Autumn | letter") == ["share,gain,gain_low,gain_high"]
    assert lines("learnt")[1].startswith("contact_customer,,0.02,0.02,0.05,0.01,0.044")
    assert reader.get("/what-worked/secrets.csv").status_code == 404


def test_contacts_within_their_doubt_are_not_praised(told, as_person):
    told(measured(both("all", "contact_customer", mean=100.0)))

    assert "Whether our contacts work is within the doubt: −£2.0 to £4.0 per customer." in words(
        as_person("Rita").get("/what-worked/")
    )


def test_contacts_and_campaigns_that_do_harm_are_told(told, as_person):
    told(measured(both("all", "contact_customer", mean=-900.0), both("campaign", "Spring", mean=-700.0)))
    said = words(as_person("Rita").get("/what-worked/"))

    assert "Our contacts bring £9.0 less per customer chosen within 91 days (−£12.0 to −£6.0)." in said
    assert "The campaign Spring has not surely brought more. Less came of Spring, if the 80 % interval holds." in said
    assert "▼ −£9.0" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"held_out": 1}, "The first decisions with a hold-out are of turn 1; their 91 days end on 29 May 2026."),
        ({"held_out": 0}, "No contact that was left out by chance is on record, so there is nobody to compare with."),
    ],
)
def test_before_the_first_measurement_it_says_when_or_how_one_comes(told, as_person, changes, said):
    told({}, **changes)
    page = words(as_person("Rita").get("/what-worked/"))

    assert "Nothing was measured yet." in page
    assert said in page
    assert "Load a campaign" in page


def test_before_the_first_turn_the_page_stands(people, firm_policy, as_person):
    assert "No turn was made yet." in words(as_person("Rita").get("/what-worked/"))
    assert as_person("Rita").get("/what-worked/effects.csv").status_code == 200


def test_simulated_effects_are_labelled(told, as_person):
    told(measured(both("all", "contact_customer")), simulated=True)

    assert "model CUPED; simulated" in words(as_person("Rita").get("/what-worked/"))


def test_strangers_are_sent_to_sign_in(everything, client):
    for path in ("/what-worked/", "/what-worked/effects.csv"):
        assert client.get(path).status_code == 302


def test_the_page_asks_the_database_as_often_for_many_plans(told, as_person, django_assert_max_num_queries):
    told(measured(*(both("plan", str(i)) for i in range(30)), both("all", "contact_customer")))
    client = as_person("Rita")

    with django_assert_max_num_queries(8):
        client.get("/what-worked/")
