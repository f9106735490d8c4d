"""Pages for people: one line an address, by domain."""

from django.contrib.auth.views import LogoutView
from django.urls import path, register_converter

from eigenform.web.converters import NumberConverter
from eigenform.web.pages import (
    cockpit,
    customers,
    decisions,
    effort,
    loads,
    offerings,
    policy,
    sign_in,
    turn_runs,
    turns,
    what_worked,
    work,
    worth,
)

register_converter(NumberConverter, "number")

urlpatterns = [
    path("", cockpit.index, name="cockpit"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("set-up/<str:token>/", sign_in.set_up, name="set-up"),
    path("customers/", customers.index, name="customers"),
    path("customers.csv", customers.csv, name="customers-csv"),
    path("customers/<number:customer_id>/", customers.detail, name="customer"),
    path("customers/<number:customer_id>/consent", customers.note, name="customer-consent"),
    path("customers/<number:customer_id>/erase", customers.erase, name="customer-erase"),
    path("offerings/", offerings.index, name="offerings"),
    path("offerings/category/", offerings.detail, name="offering"),
    path("offerings/category/<path:category>/", offerings.detail, name="offering"),
    path("turns/", turns.index, name="turns"),
    path("turns/run", turn_runs.run, name="turn-run"),
    path("turns/job/<str:job_id>/", turn_runs.job, name="turn-job"),
    path("turns/<number:number>/", turns.detail, name="turn"),
    path("turns/<number:number>/worth.csv", turns.worth_csv, name="turn-worth-csv"),
    path("turns/<number:number>/replay", turn_runs.replay, name="turn-replay"),
    path("decisions/<number:seq>/", decisions.decision, name="decision"),
    path("decisions/<number:seq>/approve", decisions.approve, name="decision-approve"),
    path("decisions/<number:seq>/decline", decisions.decline, name="decision-decline"),
    path("decisions/<number:seq>/later", decisions.later, name="decision-later"),
    path("decisions/<number:seq>/report", decisions.report, name="decision-report"),
    path("worth/", worth.index, name="worth"),
    path("worth/<number:number>/<slug:part>.csv", worth.csv, name="worth-csv"),
    path("effort/", effort.index, name="effort"),
    path("effort/approve", effort.approve, name="effort-approve"),
    path("effort/<str:part>.csv", effort.csv, name="effort-csv"),
    path("work/", work.index, name="work-list"),
    path("work.csv", work.csv, name="work-list-csv"),
    path("load/", loads.index, name="loads"),
    path("load/start", loads.start, name="load-start"),
    path("load/<number:load_id>/", loads.detail, name="load"),
    path("load/<number:load_id>/again", loads.start, name="load-again"),
    path("load/<number:load_id>/progress", loads.progress, name="load-progress"),
    path("load/<number:load_id>/errors.csv", loads.errors_csv, name="load-errors"),
    path("what-worked/", what_worked.index, name="what-worked"),
    path("what-worked/<str:part>.csv", what_worked.csv, name="what-worked-csv"),
    path("policy/", policy.index, name="policy"),
]
