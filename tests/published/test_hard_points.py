"""22 histories at which public programs return NaN or infinity, against 80-digit arithmetic: none may be off by 1e-6."""

import csv

import numpy as np
import pytest

from eigenform.value.lifetime import Summary, bg_nbd, pareto_nbd

MODELS = {"bg-nbd": bg_nbd, "pareto-nbd": pareto_nbd}
RELATIVE_ERROR_MAX = 1e-6


@pytest.fixture(scope="module")
def points(shared_data):
    with (shared_data / "hard_points" / "hard_points.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", MODELS)
def test_none_of_33_numbers_is_off(points, name):
    model, mine = MODELS[name], [point for point in points if point["model"] == name]
    assert len(mine) == 11
    for point in mine:
        p = model.Parameters(*(float(point[f"p{i}"]) for i in (1, 2, 3, 4)))
        history = Summary([float(point["x"])], [float(point["t_x"])], [float(point["T"])])
        got = [
            model.log_likelihood(p, history)[0],
            model.probability_alive(p, history)[0],
            model.expected_purchases(p, history, float(point["t"]))[0],
        ]
        wanted = [float(point[column]) for column in ("log_likelihood", "p_alive", "expected_purchases")]
        np.testing.assert_allclose(got, wanted, rtol=RELATIVE_ERROR_MAX, atol=1e-290, err_msg=point["what"])
