"""Payloads of one source, dropped or fetched, and landed as a run lands them, in a test's folder.

Not here: runs of the command (warehouse_runs.py), what a service answers (sdmx_server.py …).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.fetch import Client, FetchReport
from pipelines.landing import Landed, Landing
from pipelines.raw_store import RawStore, Receipt, now
from pipelines.settings import Settings
from pipelines.source import Source


class Inbox:
    """Takes files as payloads of a source and lands them."""

    def __init__(self, source: Source, home: Path) -> None:
        self.home = home
        self.source = source
        self.store = RawStore(home / "raw")
        self.landing = Landing(source, self.store, home / "landed")

    def drop(
        self, content: bytes, name: str, released: dt.date | None = None, url: str = ""
    ) -> list[Landed]:
        """Land one file; whatever comes in is accepted or quarantined.

        url: its place below raw/, where it is not its name.
        """
        digest, new = self.store.put(content)
        self.store.record(
            Receipt(
                source_id=self.source.id,
                outcome="stored" if new else "unchanged",
                name=name,
                url=url or name,
                requested_at=now(),
                finished_at=now(),
                licence=self.source.licence.id,
                sha256=digest,
                release_date=str(released) if released else None,
            )
        )
        landed = self.landing.run()
        assert all(x.rows_in == x.rows_accepted + x.rows_quarantined for x in landed)
        return landed

    def fetch(self, **changes: Any) -> FetchReport:
        """Ask the source's address for everything once, without pauses, and land what came."""
        settings = Settings(home=self.home, **{"backoff_seconds": 0, "retries": 2, **changes})
        client = Client(self.source, self.store, settings)
        assert self.source.fetch is not None
        self.source.fetch(client)
        landed = self.landing.run()
        assert all(x.rows_in == x.rows_accepted + x.rows_quarantined for x in landed)
        return client.report

    def cells(self, table: str = "observation") -> pl.DataFrame:
        """What landed."""
        return self.landing.accepted(table)

    def quarantine(self) -> pl.DataFrame:
        """What was kept out: raw_row, column_name, check, value and more."""
        folder = self.home / "landed" / "operations" / "quarantine"
        found = [pl.read_parquet(path) for path in sorted(folder.glob(f"{self.source.id}__*"))]
        return pl.concat(found) if found else pl.DataFrame()

    def findings(self) -> list[dict[str, object]]:
        """What the source's own review finds."""
        assert self.source.review is not None
        tables = {table: self.cells(table) for table in self.source.tables}
        return [dict(finding) for finding in self.source.review(tables)]
