"""The real files of each regional source, landed once for all tests of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from drops import Drop, contents, drop

from pipelines.sources import cn_yearbook, nbs_province, nbs_rd_bulletin

Shared = Callable[[str], Path]


@pytest.fixture(scope="session")
def yearbook(tmp_path_factory: pytest.TempPathFactory, shared_path: Shared) -> Drop:
    """All files of the yearbook, own sheets and tidy form, dropped together."""
    files = contents(shared_path("data/cn_yearbook"))
    return drop(tmp_path_factory.mktemp("yearbook"), cn_yearbook.SOURCE, files)


@pytest.fixture(scope="session")
def provinces(tmp_path_factory: pytest.TempPathFactory, shared_path: Shared) -> Drop:
    """All files of residents and GDP, in every vintage."""
    files = {
        **contents(shared_path("data/nbs_province_2024")),
        **contents(shared_path("data/cn_province_population_gdp")),
    }
    return drop(tmp_path_factory.mktemp("provinces"), nbs_province.SOURCE, files)


@pytest.fixture(scope="session")
def bulletins(tmp_path_factory: pytest.TempPathFactory, shared_path: Shared) -> Drop:
    """All pages and sheets of the R&D bulletins."""
    files = contents(shared_path("data/nbs_rd_bulletin"))
    return drop(tmp_path_factory.mktemp("bulletins"), nbs_rd_bulletin.SOURCE, files)
