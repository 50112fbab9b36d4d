"""dbt's own unit tests: made-up figures through single models, written beside the models.

Here: that they run and hold. Not here: the cases (*__unit_tests.yml), real figures.
"""

import datetime as dt
import json
import shutil
from pathlib import Path

import warehouse_runs as wr
import yaml

from pipelines.build import DBT_PROJECT


def test_unit_tests_of_the_models_hold(published_home: Path, tmp_path: Path) -> None:
    written = [
        test["name"]
        for path in DBT_PROJECT.glob("models/**/*__unit_tests.yml")
        for test in yaml.safe_load(path.read_text())["unit_tests"]
    ]
    # dbt reads the types of the models' inputs from a built file.
    database = Path(shutil.copy(wr.served(published_home), tmp_path))
    wr.dbt(
        published_home, database, "test", "--select", "test_type:unit", day=dt.date(2026, 11, 22)
    )
    results = json.loads((tmp_path / "target" / "run_results.json").read_text())["results"]
    outcome = {result["unique_id"].split(".")[-1]: result["status"] for result in results}
    assert outcome == dict.fromkeys(written, "pass")
    assert "verdicts_of_an_ended_plan" in outcome
