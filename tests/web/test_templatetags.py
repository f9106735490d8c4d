"""The shared components say what they must, hold to the security policy and never over-promise digits."""

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import path
from django.utils import translation

from eigenform.web.components import (
    Chart,
    Chip,
    Choice,
    DecisionCard,
    Fact,
    Pager,
    Point,
    Progress,
    Series,
    TimelineEntry,
)
from eigenform.web.figures import Basis, CannotTell, Figure
from eigenform.web.gap import Gap

urlpatterns = [path("sign-out/", lambda request: None, name="sign-out")]


class _Unknown(str):
    """Stands in for an unknown template variable and stops the test."""

    __slots__ = ()

    def __mod__(self, name):
        raise AssertionError(f"a template names {name}, which nobody gave it")

    def __contains__(self, part):
        return True


@pytest.fixture(autouse=True)
def _unknown_variables_stop_the_test(monkeypatch, settings):
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", _Unknown("%s"))


def rendered(source: str, **context: object) -> str:
    return engines["django"].from_string("{% load eigenform %}" + source).render(context)


def words(html: str) -> str:
    """Return what a person reads, screen-reader texts included."""
    parts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = parts.append
    parser.feed(html)
    return " ".join(" ".join(parts).replace("\N{NO-BREAK SPACE}", " ").split())


def figure(mean, low, high, unit="days", **more) -> Figure:
    return Figure(mean, low, high, unit, **({"n": 312, "age_days": 4, "model_version": "kalman 1"} | more))


class TestEstimate:
    def test_its_bar_stands_on_the_common_scale(self):
        html = rendered("{% estimate e 0 200 %}", e=figure(60, 40, 120))

        assert 'x="20.00%" y="5" width="40.00%"' in html
        assert 'x1="30.00%" x2="30.00%"' in html

    def test_its_bar_is_drawn_alike_in_every_language(self):
        with translation.override("de"):
            assert 'x="33.33%"' in rendered("{% estimate e 0 3 %}", e=figure(2, 1, 3))

    def test_zero_is_marked_where_the_scale_crosses_it(self):
        assert '<line class="ef-bar-zero" x1="25.00%"' in rendered("{% estimate e -50 150 %}", e=figure(60, 40, 120))
        assert "ef-bar-zero" not in rendered("{% estimate e 0 150 %}", e=figure(60, 40, 120))

    def test_it_tells_n_age_model_and_basis(self):
        text = words(rendered("{% estimate e %}", e=figure(6.3, 5.8, 6.8, basis=Basis.ASSUMED, stale=True)))

        assert "6.3 days" in text
        assert "assumed stale" in text
        assert "80 % interval 5.8 to 6.8 days; n 312; 4 days old, stale; model kalman 1; assumed" in text

    def test_a_shortfall_is_told_by_a_sign_too(self):
        assert "▼" in rendered("{% estimate e %}", e=figure(-2, -3, -1, signed=True))
        assert "▲" in rendered("{% estimate e %}", e=figure(2, 1, 3, signed=True))
        assert not set("▼▲") & set(rendered("{% estimate e %}", e=figure(1, -1, 3, signed=True)))

    def test_cannot_tell_says_what_is_missing_and_what_would_decide(self):
        unknown = CannotTell("Nobody was asked.", "40 answers would decide.", "/survey", "Ask them")

        assert (
            words(rendered("{% estimate e %}", e=unknown)) == "Cannot tell Nobody was asked. 40 answers would decide."
        )
        assert '<a class="btn" href="/survey">Ask them</a>' in rendered("{% cannot_tell e %}", e=unknown)
        assert "Cannot tell" in rendered("{% estimate e 0 1 %}", e=None)


class TestGap:
    def test_names_the_widest_step_and_its_owner(self):
        late = Gap(
            "delivery", "days", "lower", expected=4.0, promised=5.0, delivered=figure(6.3, 5.8, 6.8), experienced=6
        )

        assert late.widest.size == pytest.approx(-1.3)
        text = words(rendered("{% gap g %}", g=late))
        assert "▼ Widest step: Delivered 6.3 days, promised 5: operations." in text

    def test_a_better_direction_turns_the_sign(self):
        finish = Gap("finish", "points", "higher", expected=8.0, promised=8.5)

        assert finish.widest.size == pytest.approx(0.5)
        assert "▲" in rendered("{% gap g %}", g=finish)

    def test_what_is_not_known_is_said_and_not_bridged(self):
        holes = Gap("delivery", "days", "lower", expected=4.0, delivered=6.0)

        assert holes.widest is None
        assert words(rendered("{% gap g %}", g=holes)).count("not known") == 2


ACTIONS = {"approve_action": "/d/41/approve", "decline_action": "/d/41/decline", "later_action": "/d/41/later"}


def card(**more) -> DecisionCard:
    gain = figure(120_000, 20_000, 340_000, "GBP", basis=more.pop("basis", Basis.ASSUMED))
    facts = tuple(Fact(f"reason {i}", f"/{i}") for i in range(5))
    return DecisionCard("41", "Contact customer", "<Ada>", facts, gain, "£4", "waiting for a person", **more)


class TestDecisionCard:
    def test_offers_three_verbs_and_a_reason(self):
        html = rendered("{% decision_card c %}", c=card(**ACTIONS, reasons=("Spoke last week",)))

        assert re.findall(r'data-verb="(\w+)"', html) == ["approve", "decline", "later"]
        assert re.findall(r'<form[^>]* action="([^"]+)"', html) == [*ACTIONS.values()]
        assert 'name="reason" type="text" required' in html
        assert '<option value="Spoke last week">' in html

    def test_work_that_was_approved_is_reported_as_done_or_failed(self):
        html = rendered("{% decision_card c %}", c=card(report_action="/d/41/report", done_on="2026-03-02"))

        assert re.findall(r'name="outcome" value="(\w+)"', html) == ["done", "failed"]
        assert re.findall(r'hx-target="([^"]+)"', html) == ["#decision-41"] * 2

    def test_the_work_goes_to_a_named_person_by_a_day(self):
        people = (Choice("7", "Ada"), Choice("8", "Grace"))
        html = rendered("{% decision_card c %}", c=card(**ACTIONS, assignees=people, due_on="2026-03-09"))

        assert re.findall(r'<option value="(\d)">(\w+)</option>', html) == [("7", "Ada"), ("8", "Grace")]
        assert 'name="due_on" value="2026-03-09"' in html

    def test_only_tells_where_nobody_may_act(self):
        assert "<button" not in rendered("{% decision_card c %}", c=card())

    def test_an_assumed_gain_is_not_yet_measured(self):
        assert "not yet measured" in rendered("{% decision_card c %}", c=card())
        assert "not yet measured" not in rendered("{% decision_card c %}", c=card(basis=Basis.MEASURED))

    def test_gives_three_reasons_at_most_and_escapes_names(self):
        html = rendered("{% decision_card c %}", c=card())

        assert html.count("reason ") == 3
        assert "&lt;Ada&gt;" in html
        assert "<Ada>" not in html


class TestHistoryAndLists:
    def test_the_timeline_keeps_the_two_sides_apart(self, now):
        entries = [
            TimelineEntry(datetime(2026, 3, 1, 8, tzinfo=UTC), "customer", "Answer", "2 of 5", detail="Late."),
            TimelineEntry(date(2026, 2, 25), "firm", "Delivery", "Parcel", "supply", "/o/1"),
        ]

        text = words(rendered("{% timeline e k n %}", e=entries, k=[Chip("All", "?", True)], n=now))

        assert "Customer: Answer · yesterday 2 of 5 Late." in text
        assert "We: Delivery · 5 days ago Parcel" in text

    @pytest.mark.parametrize(
        ("day", "said"),
        [
            (date(2026, 3, 2), "today"),
            (date(2026, 3, 3), "tomorrow"),
            (date(2026, 2, 16), "14 days ago"),
            (date(2026, 2, 15), "15 Feb 2026"),
            (date(2026, 3, 9), "in 7 days"),
            (None, "no date"),
        ],
    )
    def test_days_are_said_as_people_say_them(self, day, said, now):
        assert words(rendered("{% when d n %}", d=day, n=now)) == said

    def test_search_keeps_the_rest_of_the_address(self):
        html = rendered('{% quick_search action="/c/" value=q keep=k %}', q='a"b', k={"segment": "north", "sort": ""})

        assert '<input type="hidden" name="segment" value="north">' in html
        assert 'name="sort"' not in html
        assert "a&quot;b" in html

    def test_the_pager_links_only_to_pages_there_are(self):
        assert "Previous" not in rendered("{% pager p %}", p=Pager("Rows 1 to 50", next_href="?after=50"))

    def test_progress_asks_again_only_while_it_runs(self):
        running = Progress("1", "Loading", "running", 12_000, "/job/1", 541_909, "9,000 rows a second", "59 s left")
        done = Progress("1", "Loading", "done", 541_909, "/job/1")

        assert 'hx-get="/job/1"' in rendered("{% progress j %}", j=running)
        assert 'max="541909" value="12000"' in rendered("{% progress j %}", j=running)
        assert running.words == "12,000 of 541,909, 9,000 rows a second, 59 s left"
        assert "hx-get" not in rendered("{% progress j %}", j=done)


class TestChart:
    CHART = Chart(
        "worth", "bars", "Worth", "North holds most.", "segment", "worth", csv_href="/worth.csv", y_currency="GBP",
        series=(Series("worth", (Point("North", 4_821_300, 3_120_000, 6_690_000, 88), Point("</script>", 100_000))),),
    )  # fmt: skip

    def test_data_and_table_hold_the_same_words(self):
        html = rendered("{% chart c %}", c=self.CHART)
        spec = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html).group(1))

        assert spec["series"][0]["points"][0]["texts"] == ["£48k", "£31k", "£67k"]
        assert spec["series"][0]["points"][1] == {
            "x": "</script>", "mean": 100_000, "low": None, "high": None, "n": None, "texts": ["£1,000", "–", "–"],
        }  # fmt: skip
        assert (spec["y_divide"], spec["y_prefix"]) == (100, "£")
        assert "North £48k £31k £67k 88" in words(html)
        assert 'href="/worth.csv"' in html

    def test_nothing_to_draw_is_said(self):
        nothing = Chart("worth", "line_band", "Worth", "No turn has run yet.", "week", "worth", series=())

        assert words(rendered("{% chart c %}", c=nothing)) == "Worth No turn has run yet."

    def test_a_point_that_is_no_number_is_refused(self):
        with pytest.raises(ValueError, match="finite"):
            Point("North", float("nan"))


class TestFrame:
    def test_needs_nothing_but_itself(self):
        page = "{% extends 'shared/base.html' %}{% block title %}A &amp; <em>B</em>{% endblock %}"
        html = engines["django"].from_string(page).render({})

        assert "<title>A &amp; B · Eigenform</title>" in " ".join(html.split())
        assert "<h1>A &amp; <em>B</em></h1>" in html
        assert "Simulated company" not in html

    def test_marks_the_entry_the_reader_is_on_and_what_waits(self):
        entries = [
            {"label": "Cockpit", "href": "/", "icon": "cockpit", "active": True, "count": None, "section": ""},
            {"label": "Turns", "href": "/turns/", "icon": "turns", "active": False, "count": 1200, "section": "Steer"},
        ]
        html = get_template("shared/navigation.html").render({"navigation": entries, "staff_name": "Grace"})

        assert re.findall(r'href="([^"]+)" aria-current="page"', html) == ["/"]
        assert "Turns 1,200 to do" in words(html)

    def test_a_chosen_theme_is_rendered_and_anything_else_is_not(self):
        request = RequestFactory().get("/")
        for value, expected in [("dark", True), ('dark"><script>', False)]:
            request.COOKIES["eigenform_theme"] = value
            html = get_template("shared/404.html").render({"request": request})
            assert ('data-bs-theme="dark"' in html) is expected

    @pytest.mark.parametrize("code", [403, 404, 500])
    def test_error_pages_need_no_context(self, code):
        assert f"Error {code}" in get_template(f"shared/{code}.html").render()
