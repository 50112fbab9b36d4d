"""Where things lie on disk and what can be set from outside, all through IPW_* variables.

Not here: anything about one source but its address; secrets, which a source reads by itself.
"""

from __future__ import annotations

import datetime as dt
import os
from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One run's settings. Everything the program writes hangs under `home`."""

    model_config = SettingsConfigDict(env_prefix="IPW_", extra="ignore")

    home: Path = Field(default=CHECKOUT, description="root of raw/ and warehouse/")
    evaluation_date: dt.date = Field(
        default_factory=lambda: dt.datetime.now(dt.UTC).date(),
        description="plans are judged as of this day, on what was published by then",
    )
    keep_builds: int = Field(default=5, ge=1, description="published builds kept on disk")
    keep_log_days: int = Field(default=90, ge=0, description="days that logs of runs are kept")
    grace_seconds: float = Field(
        default=900.0,
        ge=0,
        description="how long a build stays after another took its place, for whoever found it "
        "just before",
    )
    max_download_bytes: int = Field(
        default=256 * 2**20,
        ge=1,
        description="largest body, and largest sum of bodies that land together",
    )
    max_file_bytes: int = Field(default=64 * 2**30, ge=1, description="largest dropped file")
    request_seconds: float = Field(default=30.0, gt=0, description="longest silence of a server")
    download_seconds: float = Field(default=300.0, gt=0, description="longest time for one body")
    unit_seconds: float = Field(
        default=1800.0, gt=0, description="longest time for what lands together, such as all pages"
    )
    max_retry_after_seconds: int = Field(default=120, ge=0)
    retries: int = Field(default=4, ge=0)
    backoff_seconds: float = Field(default=0.5, ge=0)
    lock_seconds: float = Field(default=600.0, ge=0, description="how long to wait for a writer")
    query_memory_bytes: int = Field(
        default=2 * 2**30,
        ge=64 * 2**20,
        description="memory of a typed query: a scan of ten million patents takes 0.4 GB",
    )
    query_threads: int = Field(
        default=2, ge=1, description="processors of a typed query; the others are left to a run"
    )
    query_seconds: float = Field(
        default=60.0,
        gt=0,
        description="longest time of a typed query: the widest question to ten million patents "
        "takes 5 s",
    )
    query_rows: int = Field(
        default=1_000_000, ge=1, description="most rows that a typed query gives: they are held"
    )
    world_bank_countries: str = Field(
        default="all",
        pattern="^[A-Za-z0-9]{2,3}(;[A-Za-z0-9]{2,3})*$",
        description="`all` or ISO3 codes joined by ;",
    )
    whole_lists: str = Field(
        default="",
        pattern="^((pledges|awards):[A-Z]{2}(;(pledges|awards):[A-Z]{2})*)?$",
        description="dropped lists that name every pledged or awarded patent of an office, such as "
        "pledges:CN;awards:CN: patents that are not on them have none, rather than not known",
    )
    nbs_easyquery_live: bool = Field(
        default=False,
        description="whether a live run asks data.stats.gov.cn, which shuts out who asks quickly",
    )
    world_bank_per_page: int = Field(default=20000, ge=1, description="rows of one answer")

    @cached_property
    def _root(self) -> Path:
        return self.home.expanduser().resolve()

    @property
    def raw(self) -> Path:
        """Landed bytes and receipts."""
        return self._root / "raw"

    @property
    def inbox(self) -> Path:
        """inbox/<source>/ is where people drop files."""
        return self.raw / "inbox"

    @property
    def warehouse(self) -> Path:
        """Landed tables, builds and the pointer `current`."""
        return self._root / "warehouse"

    @property
    def landed(self) -> Path:
        """Accepted rows, one Parquet file per payload and table."""
        return self.warehouse / "landed"

    @property
    def builds(self) -> Path:
        """builds/<build_id>/: what was published."""
        return self.warehouse / "builds"

    @property
    def retired(self) -> Path:
        """retired/<build_id>/: what builds that are gone said of themselves."""
        return self.warehouse / "retired"

    @property
    def dbt_target(self) -> Path:
        """dbt's log and compiled SQL of the last build."""
        return self.warehouse / "dbt"

    @property
    def current(self) -> Path:
        """The pointer that readers follow."""
        return self.warehouse / "current"

    @property
    def served(self) -> Path:
        """The database file that readers open, read-only."""
        return self.current / "ip_warehouse.duckdb"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage."""
        return self._root / ".dagster"

    def base_url(self, source_id: str, default: str) -> str:
        """A source's address: IPW_<SOURCE>_BASE_URL, or its own."""
        return os.environ.get(f"IPW_{source_id.upper()}_BASE_URL", default).rstrip("/")
