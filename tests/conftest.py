"""What every test room may use. Not here: samples of one room."""

import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import warehouse_runs
from filelock import FileLock
from pytest_httpserver import HTTPServer
from regional_drops import Drop, contents, drop

from pipelines.sources import cn_yearbook, nbs_province, nbs_rd_bulletin

_SHARED = Path(__file__).resolve().parents[2] / "shared"
# Benchmarks are no tests, but what they stand on is tested. Last: one has the name of a package,
# which is imported by now.
sys.path.append(str(Path(__file__).parent / "bench"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: a workbook made now holds the time, and each process has its own."""
    return argname if isinstance(val, bytes) else None


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


@pytest.fixture(scope="session")
def http() -> Iterator[HTTPServer]:
    """One server on loopback, which a test clears first: stopping one takes half a second."""
    with HTTPServer(host="127.0.0.1", threaded=True) as running:
        yield running


# Published warehouses: made once by the real command, offline, for all processes that test. Read
# only; `warehouse_runs.copy` gives a test one that it may change.

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
    return once(tmp_path_factory, "published", warehouse_runs.run)


@pytest.fixture(scope="session")
def simulated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An IPW_HOME as `make run` leaves it: with a simulated register of 20,000 patents."""

    def make(home: Path) -> None:
        done = warehouse_runs.ipw(home, "simulate", "--patents", "20000", "--seed", "1")
        assert done.returncode == 0, done.stdout + done.stderr
        warehouse_runs.run(home)

    return once(tmp_path_factory, "simulated", make)


@pytest.fixture(scope="session")
def world_bank_home(
    tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]
) -> Path:
    """An IPW_HOME with the official figures and two World Bank releases, dropped as csv and zip."""

    def make(home: Path) -> None:
        inbox = home / "raw" / "inbox" / "world_bank"
        inbox.mkdir(parents=True)
        for name in WORLD_BANK:
            shutil.copy(shared_path(f"data/world_bank/{name}"), inbox)
        with zipfile.ZipFile(inbox / "API_IP.PAT.RESD_DS2_en_csv_v2_226.zip", "w") as bundle:
            for name in WORLD_BANK_ZIPPED:
                path = shared_path(f"data/world_bank/{name}")
                bundle.write(path, path.name)
        warehouse_runs.run(home)

    return once(tmp_path_factory, "world_bank", make)


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A home that whichever process needs it first makes, and the others wait for."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    home, whole = root / name, root / f"{name}.whole"
    with FileLock(root / f"{name}.lock"):
        if not whole.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            make(home)
            whole.touch()
    return home


# The real files of each source of tables by province, landed once. Read only.


@pytest.fixture(scope="session")
def yearbook(tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]) -> Drop:
    """All files of the yearbook, own sheets and tidy form, dropped together."""
    files = contents(shared_path("data/cn_yearbook"))
    return drop(tmp_path_factory.mktemp("yearbook"), cn_yearbook.SOURCE, files)


@pytest.fixture(scope="session")
def provinces(tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]) -> Drop:
    """All files of residents and GDP, in every vintage."""
    files = {
        **contents(shared_path("data/nbs_province_2024")),
        **contents(shared_path("data/cn_province_population_gdp")),
    }
    return drop(tmp_path_factory.mktemp("provinces"), nbs_province.SOURCE, files)


@pytest.fixture(scope="session")
def bulletins(tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]) -> Drop:
    """All pages and sheets of the R&D bulletins."""
    files = contents(shared_path("data/nbs_rd_bulletin"))
    return drop(tmp_path_factory.mktemp("bulletins"), nbs_rd_bulletin.SOURCE, files)


#: A few real sheets, so that provinces have every indicator of the index in 2022 and 2023.
REGIONAL = {
    "cn_yearbook": (
        "cn_yearbook/raw/patent_01-accept_raw-2014.xlsx",
        "cn_yearbook/raw/patent_02-authority_raw-2022.xlsx",
        "cn_yearbook/raw/patent_02-authority_raw-2023.xlsx",
        "cn_yearbook/raw/patent_03-valid_raw-2021.xlsx",
        "cn_yearbook/raw/patent_03-valid_raw-2022.xlsx",
        "cn_yearbook/raw/patent_03-valid_raw-2023.xlsx",
        "cn_yearbook/raw/plant-variety_raw-2022.xlsx",
        "cn_yearbook/raw/plant-variety_raw-2023.xlsx",
        "cn_yearbook/raw/techmarket-pull_raw-type-funds-2023.xlsx",
        "cn_yearbook/raw/techmarket-push_raw-type-funds-2023.xlsx",
        "cn_yearbook/tidy/hitech-operation_2022.xlsx",
        "cn_yearbook/tidy/hitech-operation_2023.xlsx",
    ),
    "nbs_rd_bulletin": (
        "nbs_rd_bulletin/raw_raw-2022.xlsx",
        "nbs_rd_bulletin/raw_raw-2023.xlsx",
    ),
    "nbs_province": (
        "nbs_province_2024/historical_population.csv",
        "nbs_province_2024/historical_gdp.csv",
    ),
}


@pytest.fixture(scope="session")
def region_marts(
    tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]
) -> dict[str, list[warehouse_runs.Row]]:
    """The rows of the marts of regions on those sheets and the official figures, by mart."""
    home = tmp_path_factory.mktemp("regions")
    for source_id, names in REGIONAL.items():
        inbox = home / "raw" / "inbox" / source_id
        inbox.mkdir(parents=True)
        for name in names:
            shutil.copy(shared_path(f"data/{name}"), inbox)
    marts = (
        "mart_region_measure",
        "mart_region_profile",
        "mart_region_index",
        "mart_region_index_sensitivity",
    )
    database = warehouse_runs.models(warehouse_runs.land(home), home, *marts)
    with duckdb.connect(str(database), read_only=True) as connection:
        return {mart: warehouse_runs.fetch(connection, f"from main.{mart}") for mart in marts}
