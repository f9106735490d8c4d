"""What the guide and the notebook on lifetime value tell people to type works, as it stands there."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from eigenform.cli.main import main
from eigenform.value.lifetime import bg_nbd
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guide" / "lifetime-value.md").read_text(encoding="utf-8")
NOTEBOOK = ROOT / "examples" / "lifetime_value.ipynb"
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines() if line.strip()
]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with the files that the guide speaks of."""
    rng = np.random.default_rng(3)
    made = bg_nbd.simulate(bg_nbd.Parameters(0.6, 4.0, 0.6, 2.5), np.full(500, 80.0), rng)
    customer = np.concatenate([np.arange(500), made.customer])
    day = np.datetime64("2024-01-01") + np.floor(np.concatenate([np.zeros(500), made.week]) * 7).astype(int)
    paid = rng.gamma(6.0, 5.0, len(day))
    rows = (f"{c},{d},{p:.2f}" for c, d, p in zip(customer, day, paid, strict=True))
    (tmp_path / "log.csv").write_text("customer,date,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    histories = ["0,0,6,3464", "1,1,6,1091", "2,2,6,509", "3,6,6,1029", "6,6,6,1203", "2,6,6,600", "4,5,6,400"]
    (tmp_path / "histories.csv").write_text("x,t_x,n,customers\n" + "\n".join(histories) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_guide_works(line, folder):
    program, *words = shlex.split(line)

    done = CliRunner().invoke(main, words)

    assert (program, done.exit_code) == ("eigenform", 0), done.output
    assert done.stdout


def test_the_guide_names_every_column_and_key(folder):
    words = shlex.split(COMMANDS[1])[1:]
    holdout = json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)["holdout"]
    CliRunner().invoke(main, shlex.split(COMMANDS[3])[1:])
    columns = pq.read_schema(folder / "scores.parquet").names

    told = set(re.findall(r"`(\w+)`", GUIDE))
    expanded = {f"{name}{end}" for name in told for end in ("", "_low", "_high")}
    assert set(columns) <= expanded
    assert set(holdout) - {"from", "to", "weeks", "customers"} <= expanded


def test_the_python_of_the_guide_runs(folder):
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names: dict = {}

    exec(code, names)

    assert names["fit"].converged
    assert names["table"].column_names == ["customer", "p_alive"]
    assert names["table"].num_rows == 500


def test_the_notebook_runs_and_shows_what_it_says(capsys):
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    names: dict = {}
    for cell in cells:
        exec("".join(cell["source"]), names)
        told = capsys.readouterr().out
        kept = "".join("".join(output["text"]) for output in cell["outputs"])
        assert re.sub(NUMBER, "#", told) == re.sub(NUMBER, "#", kept)
        np.testing.assert_allclose(numbers_in(told), numbers_in(kept), rtol=0.03, atol=0.03)

    assert names["compared"].best == "bg-nbd"  # the model that the shop was made with
    assert names["inside"].mean() >= 0.8
    assert names["total"].low <= names["brought"] <= names["total"].high


NUMBER = r"[\d,]*\.?\d+"


def numbers_in(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(NUMBER, text)]
