"""Files written from the contracts, so that column knowledge lives once.

dbt source YAML, the data dictionary, one Open Data Contract Standard file per dataset, and the seed
of legal event codes. A test and `make lint` say when they are out of date. Not here: the contracts;
the meaning of marts, whose columns are described in dbt and end up in the dictionary of the built
file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from open_data_contract_standard.model import (
    CustomProperty,
    Description,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
    Team,
    TeamMember,
)

from contracts import legal_events
from contracts.base import (
    Contract,
    RejectLimit,
    Severity,
    key,
    polars_schema,
    reject_limit,
    terms_of,
)
from contracts.operations import OPERATIONS
from pipelines import contract_diff
from pipelines.contract_diff import Change
from pipelines.settings import CHECKOUT
from pipelines.source import Source
from pipelines.sources import all_sources

NOTE = "Generated from contracts/ by `make generate`; edit the contract, not this file."
PROVENANCE_DESCRIPTIONS = {
    "release_date": "the source's own date of the release, where its bytes or their folder give it",
    "raw_file": "payload the row was read in, as its receipt names it",
    "raw_sha256": "hash of the bytes the row was read in",
    "retrieved_at": "when those bytes were got, UTC",
}
_LOGICAL = {pl.Float64: "number", pl.Int64: "integer", pl.Boolean: "boolean", pl.Date: "date"}
_PHYSICAL = {pl.Float64: "DOUBLE", pl.Int64: "BIGINT", pl.Boolean: "BOOLEAN", pl.Date: "DATE"}

Column = dict[str, Any]


def generated(root: Path = CHECKOUT) -> dict[Path, str]:
    """Every generated file with the content it should have."""
    files = {
        root / "docs" / "data_dictionary.md": _dictionary(),
        root / "dbt_project" / "seeds" / "legal_event_codes.csv": legal_events.as_csv(),
    }
    staging = root / "dbt_project" / "models" / "staging"
    for source_id, tables in _datasets():
        files[staging / source_id / f"_{source_id}__sources.yml"] = _dbt_sources(source_id, tables)
    for source in all_sources().values():
        for table, contract in source.tables.items():
            name = f"{source.id}.{table}.odcs.yaml"
            files[root / "contracts" / "odcs" / name] = _odcs(source, table, contract)
    return files


class BreakingChange(ValueError):
    """Contracts changed so that readers break, and no version says so."""


def write(root: Path = CHECKOUT) -> list[Path]:
    """Write what is out of date; returns the files that were.

    Raises BreakingChange, and writes nothing, where a contract breaks readers without a new major
    version.
    """
    if refused := [change for change in changes(root) if change.is_refused]:
        raise BreakingChange(
            "; ".join(f"{c.contract} {c.column or ''}: {c.what}" for c in refused)
            + ": readers break; raise the major version in the contract's terms"
        )
    content = generated(root)
    stale = _stale(content)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content[path], encoding="utf-8")
    return stale


def out_of_date(root: Path = CHECKOUT) -> list[Path]:
    """Generated files that do not say what the contracts say."""
    return _stale(generated(root))


def _stale(wanted: dict[Path, str]) -> list[Path]:
    return [
        path
        for path, content in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    ]


def changes(root: Path = CHECKOUT, against: Path | None = None) -> list[Change]:
    """What the contracts of the code say otherwise than the documents of a folder: those that are
    committed, unless one is named."""
    folder = root / "contracts" / "odcs"
    return contract_diff.changes(contract_diff.read(against or folder), _now(root))


def last_changes(root: Path = CHECKOUT) -> list[Change]:
    """What the contracts of the code say otherwise than before git's last change of them."""
    before = contract_diff.before_last_change(root)
    return contract_diff.changes(before, _now(root)) if before else []


def _now(root: Path) -> dict[str, OpenDataContractStandard]:
    folder = root / "contracts" / "odcs"
    return {
        str(document.id): document
        for path, content in generated(root).items()
        if path.parent == folder
        for document in [OpenDataContractStandard.from_string(content)]
    }


def _datasets() -> Iterator[tuple[str, dict[str, type[Contract]]]]:
    for source in all_sources().values():
        yield source.id, dict(source.tables)
    yield "operations", OPERATIONS


def columns(contract: type[Contract]) -> list[Column]:
    """What a contract says of each column: name, type, description, unit, rules."""
    described = []
    for name, field in contract.to_schema().columns.items():
        meta = field.metadata or {}
        rules = [
            f"{word} {meta[tag]}"
            for tag, word in (("matches", "matches"), ("ge", "≥"), ("le", "≤"))
            if meta.get(tag) is not None
        ]
        dtype = polars_schema(contract)[name]
        described.append(
            {
                "name": name,
                "dtype": dtype,
                "description": field.description,
                "unit": meta.get("unit"),
                "allowed": meta.get("isin"),
                "rules": rules,
                "nullable": field.nullable,
                "is_open_list": bool(meta.get("is_open_list")),
                "physical": _PHYSICAL.get(dtype.base_type(), "VARCHAR"),
                "logical": _LOGICAL.get(dtype.base_type(), "string"),
            }
        )
    return described


def _about(contract: type[Contract]) -> str:
    return " ".join((contract.__doc__ or "").split())


def _dbt_sources(source_id: str, tables: dict[str, type[Contract]]) -> str:
    """The landed tables as dbt sources; dbt-duckdb reads them from Parquet."""
    location = "{{ env_var('IPW_LANDED', '../warehouse/landed') }}"
    described = []
    for table, contract in tables.items():
        listed = [{"name": c["name"], "description": c["description"]} for c in columns(contract)]
        if source_id != "operations":
            listed += [{"name": n, "description": d} for n, d in PROVENANCE_DESCRIPTIONS.items()]
        path = f"{location}/{source_id}/{table}/*.parquet"
        described.append(
            {
                "name": table,
                "description": _about(contract),
                "config": {
                    "meta": {"external_location": f"read_parquet('{path}', union_by_name = true)"}
                },
                "columns": listed,
            }
        )
    content = {"version": 2, "sources": [{"name": source_id, "tables": described}]}
    return f"# {NOTE}\n" + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def _dictionary() -> str:
    """One Markdown page: every landed table, its terms and its columns."""
    lines = ["# Data dictionary: the landed tables", "", NOTE, ""]
    lines += [
        "Every landed row also carries "
        + "; ".join(f"`{n}` ({d})" for n, d in PROVENANCE_DESCRIPTIONS.items())
        + ".",
        "The columns of facts and marts are described in the warehouse itself: "
        '`ipw query "select table_name, column_name, comment from duckdb_columns() '
        "where schema_name = 'main'\"`.",
        "",
    ]
    sources = all_sources()
    for source_id, tables in _datasets():
        source = sources.get(source_id)
        lines += [f"## {source.title if source else 'What the warehouse says of itself'}", ""]
        if source:
            lines += [
                f"Publisher: {source.publisher}. Licence: {source.licence.id} "
                f"({source.licence.attribution}). Cadence: {source.cadence.name.lower()}.",
                "",
            ]
        for table, contract in tables.items():
            lines += _dictionary_table(source_id, table, contract)
    return "\n".join(lines).rstrip() + "\n"


def _dictionary_table(source_id: str, table: str, contract: type[Contract]) -> list[str]:
    named = ", ".join(f"`{name}`" for name in key(contract)) or "none"
    limit = reject_limit(contract)
    lines = [
        f"### `{source_id}.{table}`",
        "",
        f"{_about(contract)} Key: {named}. Reject limit: {_limit(limit)}.",
        *_policy(contract),
        "",
        "| column | type | meaning | allowed |",
        "| --- | --- | --- | --- |",
    ]
    for c in columns(contract):
        allowed = [", ".join(map(str, c["allowed"]))] if c["allowed"] else []
        allowed += [f"`{rule}`" for rule in c["rules"]]
        if c["nullable"]:
            allowed.append("may be NULL")
        if c["is_open_list"]:
            allowed.append("an open list: new codes land and are told")
        unit = f" [{c['unit']}]" if c["unit"] else ""
        cells = (c["name"], c["physical"], f"{c['description']}{unit}", "; ".join(allowed))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return [*lines, ""]


def _policy(contract: type[Contract]) -> list[str]:
    """What follows where a rule is broken that does not just keep the row out."""
    terms = terms_of(contract)
    told = []
    for severity, words in (
        (Severity.FAIL, "Where a row breaks one of these, nothing of its payload lands here"),
        (Severity.WARN, "Where a row breaks one of these, it lands and a finding says so"),
    ):
        if rules := _severities(contract, severity):
            told.append(f"{words}: {', '.join(f'`{rule}`' for rule in rules)}.")
    if level := terms["level"]:
        told.append(
            f"A finding says where a release differs from the one before, or its new period from "
            f"the one before, in {level.in_words} ({', '.join(f'`{c}`' for c in level.series)}), "
            f"because {level.because} (since {level.since}); periods that were not over by the day "
            "of the release are left out."
        )
    return ["", *told] if told else []


def _severities(contract: type[Contract], severity: Severity) -> list[str]:
    """Rules of the contract, and columns whose values, to which it gives this severity."""
    given = terms_of(contract)["severities"].items()
    return sorted(rule for rule, due in given if due is severity)


def _limit(limit: RejectLimit) -> str:
    return f"{limit.in_words}, because {limit.because} (since {limit.since})"


def _odcs(source: Source, table: str, contract: type[Contract]) -> str:
    """The dataset for outsiders: Open Data Contract Standard v3."""
    terms = terms_of(contract)
    order = {name: place for place, name in enumerate(key(contract), 1)}
    properties = [
        SchemaProperty(
            name=c["name"],
            logicalType=c["logical"],
            physicalType=c["physical"],
            description=c["description"],
            required=not c["nullable"],
            primaryKey=c["name"] in order or None,
            primaryKeyPosition=order.get(c["name"]),
            customProperties=_custom(
                unit=c["unit"],
                allowedValues=c["allowed"],
                rules=c["rules"] or None,
                openList=c["is_open_list"] or None,
            ),
        )
        for c in columns(contract)
    ]
    document = OpenDataContractStandard(
        kind="DataContract",
        apiVersion="v3.0.2",
        id=f"ip-warehouse.{source.id}.{table}",
        name=f"{source.title}: {table}",
        version=terms["version"],
        status="active",
        domain="intellectual-property statistics",
        description=Description(
            purpose=_about(contract),
            usage=source.licence.attribution,
            limitations=f"Licence: {source.licence.id}"
            + ("" if source.licence.publish else "; not to be published onward"),
        ),
        team=Team(members=[TeamMember(username=terms["owner"], role="owner")]),
        slaProperties=[
            ServiceLevelAgreementProperty(property="frequency", value=source.cadence.name.lower()),
            ServiceLevelAgreementProperty(
                property="latency", value=source.cadence.late_after.days, unit="d"
            ),
        ],
        customProperties=_custom(
            rejectLimit=_limit(reject_limit(contract)),
            rowRules=sorted(str(c.name) for c in contract.to_schema().checks) or None,
            failsTheLanding=_severities(contract, Severity.FAIL) or None,
            warnsOnly=_severities(contract, Severity.WARN) or None,
            level=terms["level"] and terms["level"].in_words,
        ),
        schema=[
            SchemaObject(
                name=table,
                physicalName=f"warehouse/landed/{source.id}/{table}",
                physicalType="parquet",
                logicalType="object",
                description=_about(contract),
                properties=properties,
            )
        ],
    )
    return f"# {NOTE}\n" + document.to_yaml()


def _custom(**values: Any) -> list[CustomProperty] | None:
    listed = [CustomProperty(property=k, value=v) for k, v in values.items() if v is not None]
    return listed or None
