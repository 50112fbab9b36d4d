"""From stored bytes to landed rows: parse, judge by contract, keep accepted and quarantined apart.

Under warehouse/: landed/<source>/<table>/<key>.parquet (accepted rows and where they come from),
landed/operations/{landing,quarantine}/<source>__<table>__<key>.parquet (what became of a payload).
A payload that its contract refuses changes nothing that was landed before.
Not here: fetching, what a table must look like, what rows mean.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from contracts.base import polars_schema, terms_of
from contracts.operations import OPERATIONS
from pipelines import headings
from pipelines.files import is_parquet, sha256_of, write_parquet
from pipelines.landed_files import empty, ensure_tables, files_of, findings_of
from pipelines.landing_table import PROVENANCE, Landed, TableLanding, landed, payload_files
from pipelines.raw_store import DamagedObject, RawStore, Receipt
from pipelines.settings import CHECKOUT
from pipelines.source import (
    Batch,
    Drifted,
    Keep,
    Notes,
    Parsed,
    Payload,
    Source,
    SourceFormatError,
)

__all__ = ["PROVENANCE", "Landed", "Landing"]

log = logging.getLogger("ipw")
#: Between two words on how far a large file is.
PROGRESS_SECONDS = 5.0
#: Bytes of a file's name that are kept in the names of what is written about it.
_LONGEST = 120
#: How the receipt of a dropped file's url begins; the file's place below raw/ follows.
INBOX = "inbox/"


class Landing:
    """Lands one source's payloads under the folder `root` (warehouse/landed)."""

    def __init__(self, source: Source, store: RawStore, root: Path) -> None:
        self.source = source
        self._store = store
        self._root = root
        self._code = _fingerprint(source)

    def run(self, offered: Collection[str] | None = None) -> list[Landed]:
        """Land whatever is new; returns what was tried now (empty: nothing changed).

        offered: the inbox files that lie there now (as their receipts' url names them). A dropped
        file that never landed counts only while it is on offer: taking it away, or giving it a
        date, ends the matter. None: all that ever came counts.
        """
        ensure_tables(self._root, self.source)
        wanted = self._wanted(offered)
        done = []
        for key, (receipt, mark) in wanted.items():
            if not self._stands(key):
                done += self._restore(key)
            if mark not in self._judged(key):
                done += self._land(key, receipt, mark)
        for path in self._operation_files("landing"):
            key = path.stem.removeprefix(f"{self.source.id}__").removesuffix("__refused")
            if key not in wanted:
                self._forget(key, path)
        return done

    def accepted(self, table: str) -> pl.DataFrame:
        """All accepted rows of a table, with their provenance."""
        return self.scan(table).collect()

    def scan(self, table: str) -> pl.LazyFrame:
        """The same, read as they are asked for: a register does not fit into memory."""
        return pl.scan_parquet(self._root / self.source.id / table / "*.parquet")

    def payloads(self, table: str) -> pl.DataFrame:
        """Accepted rows of a table, counted by payload: raw_sha256, release_date, rows."""
        return (
            self.scan(table)
            .group_by("raw_sha256", "release_date")
            .agg(pl.len().cast(pl.Int64).alias("rows"))
            .collect(engine="streaming")
        )

    def history(self) -> pl.DataFrame:
        """The landings of this source, one row per payload and table."""
        paths = filter(is_parquet, self._operation_files("landing"))
        frames = [pl.read_parquet(path) for path in paths]
        return pl.concat(frames, how="diagonal") if frames else empty(OPERATIONS["landing"])

    def warnings(self) -> list[dict[str, object]]:
        """What landed although it is not as it should be, payload by payload: findings."""
        history = self.history()
        if "warnings" not in history.columns:
            return []
        told = history["warnings"].drop_nulls().unique(maintain_order=True).to_list()
        return [finding for each in told for finding in json.loads(each)]

    def _wanted(self, offered: Collection[str] | None) -> dict[str, tuple[Receipt, str]]:
        """Payloads by key, in the order of the source's tables, each with its mark.

        The mark is what a judgement rests on: bytes, the date given with them, code of parser and
        contracts; and where the files of a source are one whole, the bytes of all of them, because
        rows refer to rows of other files.
        """
        keep = self.source.keep
        stays = self._holds_rows if keep is not Keep.PRESENT else lambda _: False
        wanted = {
            # Of equal bytes the first receipt stays: seeing them again tells nothing new.
            key: receipts[0 if keep is Keep.RELEASES else -1]
            for key, receipts in _landable(self._store.attempts(self.source.id), keep).items()
            if stays(key) or any(_counts(receipt, offered) for receipt in receipts)
        }
        if keep is not Keep.NEWEST:
            return {
                key: (r, f"{r.sha256}:{r.release_date}:{self._code}") for key, r in wanted.items()
            }
        # A file is named after its table (observations.csv); rows refer to tables before theirs.
        names = [(table, f"{table}s") for table in self.source.tables]
        order = {name: at for at, pair in enumerate(names) for name in pair}
        stems = sorted(wanted, key=lambda stem: order.get(stem, len(order)))
        whole = hashlib.sha256("".join(str(wanted[s].sha256) for s in stems).encode()).hexdigest()
        return {key: (wanted[key], f"{whole}:{self._code}") for key in stems}

    def _holds_rows(self, key: str) -> bool:
        folder = self._root / self.source.id
        return any(payload_files(folder / table, key) for table in self.source.tables)

    def _forget(self, key: str, record: Path) -> None:
        """Take away the rows of a payload that no longer counts, and its record last."""
        self._findings_are_old()
        folder = self._root / self.source.id
        rows = [file for table in self.source.tables for file in payload_files(folder / table, key)]
        for stale in (*rows, *self._operation_files("quarantine", f"*__{key}"), record):
            stale.unlink()

    def _stands(self, key: str) -> bool:
        """Whether a payload's landed files are those that its record tells of, to the byte.

        Rows without a record are of a landing that died; they go.
        """
        folder = self._root / self.source.id
        if not is_parquet(self._record(key, False)):
            for table in self.source.tables:
                for unfinished in payload_files(folder / table, key):
                    unfinished.unlink()
            return True
        records = [self._record(key, refused) for refused in (True, False)]
        newest = pl.read_parquet(next(path for path in records if is_parquet(path)))
        kept_out = newest.filter(pl.col("rows_quarantined") > 0)["table_name"]
        quarantines = (self._operation_file("quarantine", f"{name}__{key}") for name in kept_out)
        return self._files(key) == files_of(records[1]) and all(map(is_parquet, quarantines))

    def _restore(self, key: str) -> list[Landed]:
        """Land again, from the stored bytes, what a payload's record says had landed."""
        record = pl.read_parquet(self._record(key, False)).row(0, named=True)
        same = [
            receipt
            for receipt in _landable(self._store.attempts(self.source.id), self.source.keep)[key]
            if receipt.sha256 == record["raw_sha256"]
        ]
        # The very receipt that it landed with gives the very bytes.
        same.sort(key=lambda receipt: receipt.finished_at == record["retrieved_at"])
        if not same:
            return []
        log.warning(
            "%s: the landed rows of %s were altered or deleted: landing them again",
            self.source.id, same[-1].name,
        )  # fmt: skip
        return self._land(key, same[-1], record["mark"])

    def _files(self, key: str) -> dict[str, str]:
        """A payload's landed files below the root, with the hash of their bytes."""
        folder = self._root / self.source.id
        return {
            path.relative_to(self._root).as_posix(): sha256_of(path)
            for table in self.source.tables
            for path in payload_files(folder / table, key)
        }

    def _land(self, key: str, receipt: Receipt, mark: str) -> list[Landed]:
        given = _date(receipt.release_date)
        tables: dict[str, TableLanding] = {}
        try:
            parsed = self._parsed(receipt, given)
            for table, frame in self._told(receipt.name, parsed.batches()):
                if table not in tables:
                    tables[table] = self._table(key, table, receipt)
                tables[table].add(frame, parsed.release_date)
        except (SourceFormatError, DamagedObject) as error:
            for waiting in tables.values():
                waiting.discard()
            results = [
                landed(
                    self.source.id, "*", receipt, release_date=given, outcome="refused",
                    message=str(error),
                )
            ]  # fmt: skip
            # Lost bytes may come back: they are asked for again each time.
            self._finish(key, "" if isinstance(error, DamagedObject) else mark, results)
            return results
        notes = "; ".join(parsed.notes) or None
        drift = parsed.drift
        if isinstance(parsed.notes, Notes):
            drift = headings.of_notes(receipt.name, parsed.notes)
        results = [
            tables[table].finish(self._operation_file("quarantine", f"{table}__{key}"), notes)
            for table in self.source.tables
            if table in tables
        ] or [
            # A payload that holds nothing for any table, such as a file of descriptions.
            landed(self.source.id, "*", receipt, release_date=parsed.release_date, message=notes)
        ]
        warnings = [found for table in tables.values() for found in table.findings()]
        if any(result.outcome == "landed" for result in results):
            warnings += [self._drifted(tables, receipt.name, one) for one in drift]
        self._finish(key, mark, results, warnings)
        return results

    def _drifted(self, filled: Iterable[str], file: str, drift: Drifted) -> dict[str, object]:
        """A finding on the columns of a payload; it is of the first table that they fill."""
        return {
            "dataset": f"{self.source.id}.{next(iter(filled), '*')}",
            "file": file,
            "rule": drift.rule,
            "severity": "warning",
            "message": drift.message,
            "status": "open",
        }

    def _told(self, name: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The batches; whoever waits for a large file reads every few seconds how far it is."""
        rows, started = 0, time.monotonic()
        told = started
        for table, frame in batches:
            yield table, frame
            rows += frame.height
            if (now := time.monotonic()) - told >= PROGRESS_SECONDS:
                told, each = now, rows / (now - started)
                log.info("%s: %s: %s rows, %s a second", self.source.id, name, f"{rows:,}",
                         f"{each:,.0f}")  # fmt: skip

    def _parsed(self, receipt: Receipt, given: dt.date | None) -> Parsed:
        """The payload's rows; a source that streams is handed the file, not its content."""
        path = self._store.verified(str(receipt.sha256))
        if self.source.stream:
            notes = Notes()
            return Parsed({}, given, notes, self.source.stream(path, receipt.url, notes))
        return self.source.parse(Payload(path.read_bytes(), receipt.name, given))

    def _table(self, key: str, table: str, receipt: Receipt) -> TableLanding:
        contract = self.source.tables[table]
        known = {
            name: self.accepted(other)[name]
            for name, other in terms_of(contract)["references"].items()
        }
        blank = landed(self.source.id, table, receipt)
        return TableLanding(self._root / self.source.id / table, key, contract, blank, known)

    def _finish(
        self,
        key: str,
        mark: str,
        results: list[Landed],
        warnings: Sequence[Mapping[str, object]] = (),
    ) -> None:
        """Write the record last: without it a payload counts as not yet judged.

        A refusal is recorded beside the last landing of the same key, whose rows still serve.
        """
        self._findings_are_old()
        refused = all(result.outcome == "refused" for result in results)
        schema = polars_schema(OPERATIONS["landing"])
        frame = pl.DataFrame([vars(r) for r in results], schema=schema)
        files = {} if refused else self._files(key)
        told = {
            "mark": mark,
            "files": json.dumps(files, sort_keys=True),
            "warnings": json.dumps(warnings, sort_keys=True, ensure_ascii=False),
        }
        frame = frame.with_columns(pl.lit(text).alias(name) for name, text in told.items())
        write_parquet(self._record(key, refused), frame)
        if not refused:
            self._record(key, True).unlink(missing_ok=True)

    def _findings_are_old(self) -> None:
        """Take away the source's findings: who reads the landed rows next writes them anew."""
        findings_of(self._root, self.source.id).unlink(missing_ok=True)

    def _judged(self, key: str) -> set[str]:
        """The marks under which this payload was judged last.

        A refusal comes after the landing beside it: bytes that landed before it land again, so
        that going back to them takes the refusal off the record.
        """
        records = [p for p in (self._record(key, True), self._record(key, False)) if is_parquet(p)]
        return {str(mark) for mark in pl.read_parquet(records[0])["mark"]} if records else set()

    def _record(self, key: str, refused: bool) -> Path:
        return self._operation_file("landing", f"{key}__refused" if refused else key)

    def _operation_file(self, kind: str, stem: str) -> Path:
        return self._root / "operations" / kind / f"{self.source.id}__{stem}.parquet"

    def _operation_files(self, kind: str, stem: str = "*") -> list[Path]:
        return sorted((self._root / "operations" / kind).glob(f"{self.source.id}__{stem}.parquet"))


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _landable(attempts: Iterable[Receipt], keep: Keep) -> dict[str, list[Receipt]]:
    """The good receipts, oldest first, by what they land as (the key of a payload's files)."""
    found: dict[str, list[Receipt]] = {}
    for receipt in attempts:
        if receipt.succeeded:
            found.setdefault(_key(receipt, keep), []).append(receipt)
    return found


def _key(receipt: Receipt, keep: Keep) -> str:
    """A file's name, its place (names may stand in two folders), or a release's bytes and date."""
    match keep:
        case Keep.NEWEST:
            return _stem(receipt.name)
        case Keep.PRESENT:
            return hashlib.sha256(receipt.url.encode()).hexdigest()[:16]
        case Keep.RELEASES:
            return f"{str(receipt.sha256)[:16]}_{receipt.release_date or 'undated'}"


def _stem(name: str) -> str:
    """A file's name without its ending, or its hash: names of files must not mean more than that.

    A wildcard would stand for the files of others, an underscore in front for our own, two of them
    for the parts of a record's name; a long name leaves no room for what is added.
    """
    stem = Path(name).stem
    plain = re.fullmatch(r"[^\W_](?:[\w ()-]*[^\W_ ])?", stem) and "__" not in stem
    if plain and len(stem.encode()) <= _LONGEST:
        return stem
    return hashlib.sha256(stem.encode()).hexdigest()[:16]


def _counts(receipt: Receipt, offered: Collection[str] | None) -> bool:
    """Whether bytes that never landed still wait to: fetched ones do, dropped ones while there."""
    return offered is None or not receipt.url.startswith(INBOX) or receipt.url in offered


def _fingerprint(source: Source) -> str:
    """Changes whenever the parser's or a contract's code does, so that rows are judged again."""
    sources = CHECKOUT / "pipelines" / "sources"
    readers = [sources / name for name in (source.id, source.read_by) if name]
    folders = (*readers, CHECKOUT / "contracts")
    files = [file for folder in folders for file in folder.rglob("*.py")]
    text = b"".join(path.read_bytes() for path in sorted(files))
    return hashlib.sha256(text).hexdigest()[:16]
