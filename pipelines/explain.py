"""One patent, explained: what the register tells of it, which conditions hold since when, and the
bytes that say so.

The published build answers, with the landed rows beside it that it was made from. Not here: when a
condition holds (dbt_project/macros/high_value), printing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import polars as pl

from contracts import patent_numbers
from pipelines import high_value, serve
from pipelines.evidence import Bytes, bytes_of
from pipelines.landing import PROVENANCE
from pipelines.raw_store import RawStore
from pipelines.settings import Settings

#: Landed rows that are given of one piece of evidence: a document may carry a hundred symbols.
ROWS: Final = 20
#: Source of the office's own flags.
_FLAGS: Final = "sei_flags"
#: A number that was read: office, then digits and letters.
_NUMBER: Final = re.compile("[A-Z]{2}[0-9A-Z]*[0-9][0-9A-Z]*")
#: Numbers that are named where one is not known.
_NEAR: Final = 5
#: Columns that say of which patent and where a row is, not what it tells.
_PLACE: Final = frozenset(
    {"office", "application_number", "publication_number", "adapter", "is_simulated", "raw_row"}
) | frozenset(PROVENANCE)

#: A patent as records name it: by application, or by office and publication.
_Name = tuple[str | None, str | None, str | None]


class NoSuchPatent(LookupError):
    """A number that cannot be read, is not in the register, or is of several patents."""


@dataclass(frozen=True)
class Evidence:
    """The landed row that speaks for a condition: where it is, what was read there, its bytes.

    table: of the landed tables. rows: what they tell, by column, at most ROWS; rows_in_all: how
    many there are, as one record can give several.
    """

    condition: str
    table: str
    file: str
    sha256: str
    row: int
    rows: list[dict[str, Any]]
    rows_in_all: int
    bytes: Bytes


@dataclass(frozen=True)
class Condition:
    """A condition of the rule: its state on the day, and all its spans (until: not included).

    rule_versions: those that have it.
    """

    condition: str
    rule_versions: list[str]
    state: str
    spans: list[dict[str, Any]]


@dataclass(frozen=True)
class Explained:
    """All that the warehouse knows of one patent.

    as_of: day that states are of. patent: row of int_register__patent. documents, owners: what
    landed rows say. in_force: spans in which the right is, or (is_certain false) may be, in force,
    until not included. conditions, verdicts (rows of mart_high_value_patent) and evidence are empty
    but for inventions.
    """

    is_simulated: bool
    patent_id: str
    as_of: dt.date | None
    patent: dict[str, Any]
    documents: list[dict[str, Any]]
    owners: list[dict[str, Any]]
    in_force: list[dict[str, Any]]
    conditions: list[Condition]
    verdicts: list[dict[str, Any]]
    evidence: list[Evidence]

    @property
    def unproven(self) -> list[str]:
        """Why evidence has no bytes that prove it, each reason once."""
        return list(dict.fromkeys(e.bytes.message for e in self.evidence if e.bytes.message))


def patent(
    settings: Settings, number: str, *, rule: str | None = None, simulated: bool = False
) -> Explained:
    """Explain the patent that a number names, in any spelling of contracts/patent_numbers.

    rule: this version alone. Raises NoSuchPatent, high_value.Unknown (rule), NothingPublished.
    """
    register = serve.register(simulated=simulated)
    with serve.connect(settings) as connection:
        high_value.rule_versions(connection, rule)
        patent_id, names = _found(settings, connection, register, number)
        if not (known := _known(connection, register, patent_id)):
            raise NoSuchPatent(f"{patent_id} landed after the build that is served: run `ipw run`")
        verdicts = [
            row
            for row in _marts(connection, register, "mart_high_value_patent", patent_id)
            if rule in (None, row["rule_version"])
        ]
        spans = [
            row
            for row in _marts(connection, register, "fct_patent_condition", patent_id)
            if rule in (None, row["rule_version"])
        ]
        in_force = _in_force(connection, register, patent_id)
        evidence = _evidence(settings, connection, register, spans, names)
    as_of = verdicts[0]["as_of"] if verdicts else None
    return Explained(
        is_simulated=simulated,
        patent_id=patent_id,
        as_of=as_of,
        patent=known[0],
        documents=_documents(settings, register, names),
        owners=_owners(settings, register, names),
        in_force=in_force,
        conditions=_conditions(spans, as_of),
        verdicts=verdicts,
        evidence=evidence,
    )


# --- which patent -----------------------------------------------------------------------------


def _found(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    register: serve.Register,
    number: str,
) -> tuple[str, pl.Expr]:
    """Key of the patent, and what its records are known by. Raises NoSuchPatent."""
    names = _readings(number)
    if not names:
        raise NoSuchPatent(
            f"{number!r} is no number of an application or publication that can be read; of a "
            "Chinese application the check digit may be wrong"
        )
    ids = _ids(settings, register, names)
    if len(ids) > 1:
        raise NoSuchPatent(f"{number!r} is of several patents: {', '.join(ids)}; give one of these")
    if not ids:
        raise NoSuchPatent(_unknown(settings, connection, register, number, names))
    [patent_id] = ids
    sql = f"select named_id from {register.models}.int_register__alias where patent_id = ?"  # noqa: S608
    aliases = [row["named_id"] for row in serve.rows(connection, sql, [patent_id])]
    by_publication = (pl.col("office") + pl.col("publication_number")).is_in([patent_id, *aliases])
    application = pl.col("application_number")
    return patent_id, (application == patent_id) | (application.is_null() & by_publication)


def _readings(number: str) -> list[_Name]:
    """What a number can stand for, as the adapters read numbers; none where it cannot be read."""
    office, application, publication, kind = patent_numbers.named(number)
    found: list[_Name] = [(application, None, None)]
    if publication:
        found.append((None, (office or "") + publication, kind))
    if office and office != "CN":  # a publication, or an application as well
        found.append((patent_numbers.application_number(office, number), None, None))
    # What cannot be read comes back as it was written.
    return [name for name in dict.fromkeys(found) if _NUMBER.fullmatch(name[0] or name[1] or "")]


def _ids(settings: Settings, register: serve.Register, names: list[_Name]) -> list[str]:
    """Keys of the patents that documents of these names are of.

    A publication with its kind is that; without, the number may be an application's just as well.
    """
    ids: list[str] = []
    named = pl.col("office") + pl.col("publication_number")
    for application, publication, kind in names:
        match = pl.col("application_number") == application if application else named == publication
        columns = ["application_number", "kind_code"]
        found = _landed(settings, register, "patent").filter(match).select(*columns).collect()
        # A number can be of two documents in some offices; the kind tells them apart.
        if kind and found["application_number"].n_unique() > 1 and kind in found["kind_code"]:
            found = found.filter(pl.col("kind_code") == kind)
        applications = found["application_number"].drop_nulls().unique().sort().to_list()
        ids += applications or ([publication] if publication and found.height else [])
        if ids and kind:
            break
    return list(dict.fromkeys(ids))


def _unknown(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    register: serve.Register,
    number: str,
    names: list[_Name],
) -> str:
    """What to say of a number that the register does not have."""
    here, there = ("simulated", "real") if register is serve.SIMULATED else ("real", "simulated")
    read = " or ".join(str(name[0] or name[1]) for name in names)
    message = f"no patent {number!r} (read as {read}) in the {here} register"
    if _ids(settings, serve.register(simulated=there == "simulated"), names):
        option = "with --simulated" if there == "simulated" else "without --simulated"
        return f"{message}; the {there} register has one of that number: ask {option}"
    near = _near(connection, register, str(names[0][0] or names[0][1]))
    return f"{message}; near it: {', '.join(near)}" if near else message


def _near(connection: duckdb.DuckDBPyConnection, register: serve.Register, name: str) -> list[str]:
    """Numbers of the same office, one or two slips away."""
    sql = f"""
        select distinct name
        from (
            select unnest([application_number, office || publication_number]) as name
            from {register.models}.int_register__patent
            where office = $office
        )
        where
            length(name) between length($name) - 1 and length($name) + 1
            and damerau_levenshtein(name, $name) <= 2
        order by damerau_levenshtein(name, $name), name
        limit $limit
    """  # noqa: S608 - a schema's own name
    parameters = {"office": name[:2], "name": name, "limit": _NEAR}
    return [row["name"] for row in serve.rows(connection, sql, parameters)]


# --- what the build says ----------------------------------------------------------------------


def _known(
    connection: duckdb.DuckDBPyConnection, register: serve.Register, patent_id: str
) -> list[dict[str, Any]]:
    sql = f"""
        select * exclude (patent_key, has_own_key) from {register.models}.int_register__patent
        where patent_id = ?
    """  # noqa: S608 - a schema's own name
    return serve.rows(connection, sql, [patent_id])


def _marts(
    connection: duckdb.DuckDBPyConnection, register: serve.Register, mart: str, patent_id: str
) -> list[dict[str, Any]]:
    # Names of schemas and marts are the warehouse's own.
    sql = f"select * from {register.marts}.{mart} where patent_id = ? order by rule_version"  # noqa: S608
    return serve.rows(connection, sql, [patent_id])


def _in_force(
    connection: duckdb.DuckDBPyConnection, register: serve.Register, patent_id: str
) -> list[dict[str, Any]]:
    sql = f"""
        select period.from_date, period.until_date, period.is_certain, period.residence
        from {register.models}.int_high_value__period as period
        inner join {register.models}.int_register__patent as patent
            on period.patent_key = patent.patent_key
        where patent.patent_id = ?
        order by period.from_date
    """  # noqa: S608 - a schema's own name
    return serve.rows(connection, sql, [patent_id])


def _conditions(spans: list[dict[str, Any]], as_of: dt.date | None) -> list[Condition]:
    """The conditions in the plan's order. Versions differ in which they have, not in spans."""
    found = []
    for condition in ("sei", "family", "maintenance", "pledge", "award"):
        own = [span for span in spans if span["condition"] == condition]
        if not own or as_of is None:
            continue
        rules = list(dict.fromkeys(span["rule_version"] for span in own))
        told = [
            {name: span[name] for name in ("state", "from_date", "until_date")}
            for span in own
            if span["rule_version"] == rules[0]
        ]
        told.sort(key=lambda span: span["from_date"] or dt.date.min)
        state = next(
            span["state"]
            for span in told
            if (span["from_date"] or dt.date.min) <= as_of < (span["until_date"] or dt.date.max)
        )
        found.append(Condition(condition, rules, state, told))
    return found


# --- what landed rows and bytes say -----------------------------------------------------------


def _landed(settings: Settings, register: serve.Register, table: str) -> pl.LazyFrame:
    """Landed rows of a table of the register; the office's flags are a source of their own."""
    folder = settings.landed / (_FLAGS if table == "flag" else register.source) / table
    if not folder.is_dir():
        raise serve.NothingPublished(f"the landed rows are not under {folder}: run `ipw run` first")
    return pl.scan_parquet(folder / "*.parquet")


def _documents(
    settings: Settings, register: serve.Register, names: pl.Expr
) -> list[dict[str, Any]]:
    """Publications of the patent, each once, with the file that tells of it."""
    columns = [
        "office", "application_number", "publication_number", "kind_code", "filing_date",
        "publication_date", "grant_date", "title", "legal_status_as_published", "adapter",
        "raw_file", "raw_row",
    ]  # fmt: skip
    frame = _landed(settings, register, "patent").filter(names).select(columns)
    return frame.sort("publication_date", *columns, nulls_last=True).collect().to_dicts()


def _owners(settings: Settings, register: serve.Register, names: pl.Expr) -> list[dict[str, Any]]:
    """Owners, each period once, with the adapters that tell of it."""
    columns = ["seq", "owner_name", "owner_country", "owner_region", "valid_from", "valid_to"]
    frame = _landed(settings, register, "patent_owner").filter(names)
    told = frame.group_by(columns).agg(pl.col("adapter").unique().sort().alias("adapters"))
    return told.sort("valid_from", *columns).collect().to_dicts()


def _evidence(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    register: serve.Register,
    spans: Iterable[dict[str, Any]],
    names: pl.Expr,
) -> list[Evidence]:
    store = RawStore(settings.raw)
    found: dict[str, Evidence] = {}
    for span in spans:
        condition, table = span["condition"], span["evidence_table"]
        if table is None or condition in found:
            continue
        sha256, row = span["raw_sha256"], span["raw_row"]
        at = (pl.col("raw_sha256") == sha256) & (pl.col("raw_row") == row)
        if table != "patent":  # a record can tell of several patents
            at &= names
        landed = _landed(settings, register, table).filter(at).collect()
        # A member of the family may be a document of its own, of another patent.
        place = _PLACE - {"office", "publication_number"} if table == "patent" else _PLACE
        told = [
            {name: value for name, value in line.items() if name not in place and value is not None}
            for line in landed.head(ROWS).to_dicts()
        ]
        if table == "ipc_assignment":
            for line in told:
                line["industries"] = _industries(connection, register, line["ipc_symbol"])
        found[condition] = Evidence(
            condition=condition,
            table=table,
            file=span["raw_file"],
            sha256=sha256,
            row=row,
            rows=told,
            rows_in_all=landed.height,
            bytes=bytes_of(store, sha256, row, _adapter(landed)),
        )
    return list(found.values())


def _industries(
    connection: duckdb.DuckDBPyConnection, register: serve.Register, symbol: str
) -> list[str]:
    """Strategic industries of a symbol, each with its state: `1.1 true`."""
    sql = f"""
        select sei_code || ' ' || state as industry from {register.models}.int_sei__symbol_state
        where ipc_symbol = ? order by sei_code
    """  # noqa: S608 - a schema's own name
    return [row["industry"] for row in serve.rows(connection, sql, [symbol])]


def _adapter(landed: pl.DataFrame) -> str | None:
    """What read the rows; None for flags, which have a reader of their own."""
    return str(landed["adapter"][0]) if "adapter" in landed.columns and landed.height else None
