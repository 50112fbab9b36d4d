"""What every test room may use. Not here: samples of one room."""

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_path() -> Callable[[str], Path]:
    """Path of a file of the shared reference material, which a user's clone does not have.

    A missing file skips the test; in CI (environment CI=true) it fails it.
    """

    def find(relative: str) -> Path:
        path = _SHARED / relative
        if not path.exists():
            if os.environ.get("CI") == "true":
                pytest.fail(f"reference material is missing: {relative}")
            pytest.skip(f"reference material is not here: {relative}")
        return path

    return find


# Published warehouses: made once by the real command, offline. Read only; `warehouse_runs.copy`
# gives a test one that it may change.

WORLD_BANK = (
    "ds2_release_2021-09/science-and-technology-raw-2021.csv",
    "ds2_release_2021-09/Metadata_Country_API_14_DS2_en_csv_v2_3054360.csv",
    "ds2_release_2021-09/Metadata_Indicator_API_14_DS2_en_csv_v2_3054360.csv",
    "ds2_release_2026-01/API_SP.POP.TOTL_DS2_en_csv_v2_45183.csv",
    "ds2_release_2026-01/Metadata_Country_API_SP.POP.TOTL_DS2_en_csv_v2_45183.csv",
)
WORLD_BANK_ZIPPED = (
    "ds2_release_2026-01/API_IP.PAT.RESD_DS2_en_csv_v2_226.csv",
    "ds2_release_2026-01/Metadata_Country_API_IP.PAT.RESD_DS2_en_csv_v2_226.csv",
    "ds2_release_2026-01/Metadata_Indicator_API_IP.PAT.RESD_DS2_en_csv_v2_226.csv",
)


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An IPW_HOME on which `ipw run` was run once: the official figures alone."""
    return warehouse_runs.run(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def simulated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An IPW_HOME as `make run` leaves it: with a simulated register of 20,000 patents."""
    home = tmp_path_factory.mktemp("simulated")
    done = warehouse_runs.ipw(home, "simulate", "--patents", "20000", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    return warehouse_runs.run(home)


@pytest.fixture(scope="session")
def world_bank_home(
    tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]
) -> Path:
    """An IPW_HOME with the official figures and two World Bank releases, dropped as csv and zip."""
    home = tmp_path_factory.mktemp("world_bank")
    inbox = home / "raw" / "inbox" / "world_bank"
    inbox.mkdir(parents=True)
    for name in WORLD_BANK:
        shutil.copy(shared_path(f"data/world_bank/{name}"), inbox)
    with zipfile.ZipFile(inbox / "API_IP.PAT.RESD_DS2_en_csv_v2_226.zip", "w") as bundle:
        for name in WORLD_BANK_ZIPPED:
            path = shared_path(f"data/world_bank/{name}")
            bundle.write(path, path.name)
    return warehouse_runs.run(home)
