"""One payload's rows of one table, judged by the contract in one batch or many.

Accepted rows wait in a hidden folder until the whole payload is judged; then they replace what the
same payload landed before, or are thrown away. Not here: which payloads there are, or records of
what became of them (pipelines/landing.py).
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from contracts.base import (
    RAW_ROW,
    Contract,
    ContractError,
    Severity,
    judged,
    key,
    not_unique,
    polars_schema,
    reject_limit,
    split,
    terms_of,
)
from contracts.operations import OPERATIONS
from pipelines.files import settle, write_atomic, write_parquet
from pipelines.raw_store import Receipt, now

#: What the landing adds to each accepted row.
PROVENANCE: dict[str, pl.DataType] = {
    "release_date": pl.Date(),
    "raw_file": pl.String(),
    "raw_sha256": pl.String(),
    "retrieved_at": pl.String(),
}


@dataclass(frozen=True)
class Landed:
    """What became of one payload in one table; see contracts.operations.Landing."""

    source_id: str
    table_name: str
    file: str
    raw_sha256: str
    release_date: dt.date | None
    outcome: str
    rows_in: int
    rows_accepted: int
    rows_quarantined: int
    contract_version: str
    message: str | None
    landed_at: str
    retrieved_at: str


def landed(source_id: str, table: str, receipt: Receipt, **changes: object) -> Landed:
    """A result for a payload, landed with no rows unless `changes` say otherwise."""
    result = Landed(
        source_id=source_id,
        table_name=table,
        file=receipt.name,
        raw_sha256=str(receipt.sha256),
        release_date=None,
        outcome="landed",
        rows_in=0,
        rows_accepted=0,
        rows_quarantined=0,
        contract_version="",
        message=None,
        landed_at=now(),
        retrieved_at=receipt.finished_at,
    )
    return replace(result, **changes)  # type: ignore[arg-type]


class TableLanding:
    """Judges one payload's rows of one table; `add` batches, then `finish` or `discard`."""

    def __init__(
        self,
        folder: Path,
        stem: str,
        contract: type[Contract],
        blank: Landed,
        known: Mapping[str, pl.Series],
    ) -> None:
        self._folder = folder
        self._stem = stem
        self._contract = contract
        self._known = known
        self._result = replace(blank, contract_version=terms_of(contract)["version"])
        self._waiting = folder / f".{stem}"
        self._parts: list[Path] = []
        self._failures: list[Path] = []
        self._worst: dict[str, object] = {}
        self._broken: str | None = None
        self._fatal: pl.DataFrame | None = None
        self._warned: list[pl.DataFrame] = []
        #: Whether each batch begins at or after the row where the one before it ends, and the rows
        #: that stand in two batches.
        self._in_order, self._last, self._shared = True, 0, list[int]()
        shutil.rmtree(self._waiting, ignore_errors=True)

    def add(self, frame: pl.DataFrame, release_date: dt.date | None) -> None:
        """Judge a batch. Raises nothing for bad rows: they are kept out with their reasons."""
        self._result = replace(
            self._result, rows_in=self._result.rows_in + frame.height, release_date=release_date
        )
        try:
            verdict = split(frame, self._contract, self._known)
        except ContractError as error:
            self._broken = str(error)
            return
        severity = pl.col("severity")
        kept_out = verdict.failures.filter(severity != Severity.WARN)
        if not kept_out.is_empty():
            self._keep_out(kept_out, frame)
        landing = ~pl.col("_at").is_in(kept_out["_at"].implode())
        self._warned += _counted(verdict.failures.filter(landing))
        provenance = [
            pl.lit(release_date, dtype=pl.Date).alias("release_date"),
            pl.lit(self._result.file).alias("raw_file"),
            pl.lit(self._result.raw_sha256).alias("raw_sha256"),
            pl.lit(self._result.retrieved_at).alias("retrieved_at"),
        ]
        part = self._waiting / f"{len(self._parts):05d}.parquet"
        self._waiting.mkdir(parents=True, exist_ok=True)
        verdict.accepted.with_columns(provenance).write_parquet(part, compression="zstd")
        self._parts.append(part)
        self._see(verdict.accepted[RAW_ROW])
        self._count(verdict.accepted.height, verdict.rejected.height)

    def finish(self, quarantine: Path, message: str | None) -> Landed:
        """The verdict on all batches: put the accepted rows in place, or refuse the payload.

        quarantine: the file that takes this payload's failures of this table.
        """
        self._result = replace(self._result, message=message)
        if len(self._parts) > 1 and not self._broken:
            self._reject_repeats()
        if self._failures:
            gathered = pl.scan_parquet(self._failures)
            write_atomic(quarantine, lambda to: gathered.sink_parquet(to, compression="zstd"))
        else:
            quarantine.unlink(missing_ok=True)
        refusal = self._broken or self._failed() or self._over_the_limit() or self._emptied()
        if refusal:
            self.discard()
            self._warned = []
            return replace(self._result, outcome="refused", message=refusal)
        before = payload_files(self._folder, self._stem)
        # The first part overwrites what stood there: at no moment is the payload's place empty.
        places = [self._place(number) for number in range(len(self._parts))]
        for part, place in zip(self._parts, places, strict=True):
            settle(part, place)
        for old in set(before) - set(places):
            old.unlink()
        self.discard()
        return self._result

    def findings(self) -> list[dict[str, object]]:
        """What the rules that only warn found: one finding for each, whatever the number of rows.

        Rows of the findings table (contracts.operations.Finding).
        """
        if not self._warned:
            return []
        rules = (
            pl.concat(self._warned)
            .group_by("column", "check", maintain_order=True)
            .agg(pl.col("rows").sum(), pl.col(RAW_ROW, "value").first())
        )
        return [
            {
                "dataset": f"{self._result.source_id}.{self._result.table_name}",
                "file": self._result.file,
                "row": rule[RAW_ROW],
                "rule": rule["check"],
                "severity": "warning",
                "expected": None,
                "found": rule["value"],
                "message": f"{rule['rows']} rows break a rule that only warns; first: "
                f"row {rule[RAW_ROW]}, column {rule['column']}, value {rule['value']!r}, rule "
                f"{rule['check']}",
                "status": "open",
            }
            for rule in rules.iter_rows(named=True)
        ]

    def _place(self, number: int) -> Path:
        return self._folder / f"{self._stem}{f'.{number:05d}' if number else ''}.parquet"

    def discard(self) -> None:
        """Forget what waits."""
        shutil.rmtree(self._waiting, ignore_errors=True)

    def _count(self, accepted: int, rejected: int) -> None:
        self._result = replace(
            self._result,
            rows_accepted=self._result.rows_accepted + accepted,
            rows_quarantined=self._result.rows_quarantined + rejected,
        )

    def _failed(self) -> str | None:
        if self._fatal is None:
            return None
        first = self._fatal.row(0, named=True)
        return (
            "it breaks a rule that no row of a payload may break: "
            f"row {first[RAW_ROW]}, column {first['column']}, value {first['value']!r}, rule "
            f"{first['check']}"
        )

    def _over_the_limit(self) -> str | None:
        limit = reject_limit(self._contract)
        result = self._result
        if not limit.exceeded(result.rows_quarantined, result.rows_in):
            return None
        worst = self._worst
        return (
            f"{result.rows_quarantined} of {result.rows_in} rows break the contract (limit: "
            f"{limit.in_words}; {limit.because}); first: row {worst['raw_row']}, column "
            f"{worst['column_name']}, value {worst['value']!r}, rule {worst['check']}"
        )

    def _emptied(self) -> str | None:
        """A file that has lost its rows was cut off; it does not wipe out what is landed."""
        if self._result.rows_in or terms_of(self._contract)["may_be_empty"]:
            return None
        before = payload_files(self._folder, self._stem)
        rows = pl.scan_parquet(before).select(pl.len()).collect().item() if before else 0
        return f"it holds no rows, but {rows} of it are landed" if rows else None

    def _see(self, raw_rows: pl.Series) -> None:
        """Remember how the batch's rows follow on those of the batches before."""
        if raw_rows.is_empty():
            return
        first, last = int(raw_rows.min()), int(raw_rows.max())  # type: ignore[arg-type]
        self._in_order &= first >= self._last
        if first == self._last:
            self._shared.append(first)
        self._last = last

    def _keep_out(self, failures: pl.DataFrame, frame: pl.DataFrame) -> None:
        """Write failures with the rows they are about; `_at` is a row's place in `frame`."""
        fatal = failures.filter(pl.col("severity") == Severity.FAIL)
        if self._fatal is None and not fatal.is_empty():
            self._fatal = fatal
        places = failures["_at"].unique()
        # JSON has no word for what is no number: `value` tells it, as it breaks a rule itself.
        texts = frame[places].select(pl.struct(pl.all()).struct.json_encode()).to_series()
        kept_out = failures.select(
            pl.lit(self._result.source_id).alias("source_id"),
            pl.lit(self._result.table_name).alias("table_name"),
            pl.lit(self._result.file).alias("file"),
            pl.lit(self._result.raw_sha256).alias("raw_sha256"),
            pl.col(RAW_ROW).alias("raw_row"),
            pl.col("column").alias("column_name"),
            pl.col("check"),
            pl.col("value"),
            pl.col("_at").replace_strict(places, texts, return_dtype=pl.String).alias("row_json"),
        ).cast(pl.Schema(polars_schema(OPERATIONS["quarantine"])))
        self._worst = self._worst or kept_out.row(0, named=True)
        path = self._waiting / f"failures.{len(self._failures):05d}.parquet"
        write_parquet(path, kept_out)
        self._failures.append(path)

    def _reject_repeats(self) -> None:
        """A key that stands in two batches: no batch alone can see it, so all its rows go.

        Keys are compared by hashes of 8 bytes each, sorted in memory, and then as they are. Where
        the row of the file is part of the key and the batches follow it, only rows that two batches
        share can repeat.
        """
        names = key(self._contract)
        if RAW_ROW in names and self._in_order:
            suspects = [_keys(part, names, pl.col(RAW_ROW).is_in(self._shared))
                        for part in self._parts if self._shared]  # fmt: skip
        else:
            hashes = pl.concat([_hashes(part, names) for part in self._parts]).sort()
            repeated = hashes.filter(hashes == hashes.shift()).unique()
            suspects = [
                _keys(part, names, _hashes(part, names).is_in(repeated.implode()))
                for part in self._parts if not repeated.is_empty()
            ]  # fmt: skip
        if not suspects:
            return
        keys = pl.concat(
            suspect.with_columns(pl.lit(at).alias("part")) for at, suspect in enumerate(suspects)
        )
        again = keys.filter(keys.select(names).is_duplicated())
        for (at,), rows in again.group_by("part", maintain_order=True):
            self._reject(self._parts[int(str(at))], rows["_at"])

    def _reject(self, part: Path, places: pl.Series) -> None:
        """Keep out the rows at these places of an accepted batch: their keys are not unique."""
        rows = pl.read_parquet(part)
        again = rows[places].with_row_index("_at")
        failures = judged(not_unique(again, self._contract), self._contract)
        failures = failures.sort("_at").with_columns(again[RAW_ROW])
        self._keep_out(failures, again.drop("_at", *PROVENANCE))
        at = pl.int_range(pl.len(), dtype=pl.get_index_type())
        rows.filter(~at.is_in(places.implode())).write_parquet(part, compression="zstd")
        self._count(-again.height, again.height)


def _hashes(part: Path, names: list[str]) -> pl.Series:
    """A number for the key of each row of a batch: equal keys have equal ones."""
    return pl.read_parquet(part, columns=names).select(names).hash_rows()


def _keys(part: Path, names: list[str], which: pl.Expr | pl.Series) -> pl.DataFrame:
    """Keys of some rows of a batch, with their places in it."""
    rows = pl.read_parquet(part, columns=names).select(names).with_row_index("_at")
    return rows.filter(which)


def _counted(failures: pl.DataFrame) -> list[pl.DataFrame]:
    """For each rule the number of rows and the first of them; nothing where there are none."""
    if failures.is_empty():
        return []
    by_rule = failures.group_by("column", "check", maintain_order=True)
    return [by_rule.agg(pl.len().alias("rows"), pl.col(RAW_ROW, "value").first())]


def payload_files(folder: Path, stem: str) -> list[Path]:
    """The landed files of one payload and table."""
    return sorted([*folder.glob(f"{stem}.parquet"), *folder.glob(f"{stem}.[0-9]*.parquet")])
