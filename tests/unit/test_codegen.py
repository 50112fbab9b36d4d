"""Files made from the contracts say what the contracts say, and others can read them.

Not here: what the contracts demand of rows (test_contracts_base.py, tests/contracts).
"""

import importlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from contracts.base import Contract, column, terms_of
from contracts.official_releases import Plan
from contracts.operations import OPERATIONS
from pipelines import codegen
from pipelines.settings import CHECKOUT
from pipelines.sources import all_sources

PROVENANCE = {"release_date", "raw_file", "raw_sha256", "retrieved_at"}
CONTRACTS: dict[str, type[Contract]] = {
    f"{source.id}.{table}": contract
    for source in all_sources().values()
    for table, contract in source.tables.items()
}
ALL = {**CONTRACTS, **{f"operations.{table}": c for table, c in OPERATIONS.items()}}


def odcs(name: str) -> dict[str, Any]:
    path = CHECKOUT / "contracts" / "odcs" / f"{name}.odcs.yaml"
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def test_regenerating_changes_nothing() -> None:
    assert codegen.out_of_date() == []


def test_no_file_is_left_of_a_dataset_that_is_gone() -> None:
    made = set(codegen.generated())
    folders = (("contracts/odcs", "*.yaml"), ("dbt_project/models/staging", "*/*__sources.yml"))
    present = {path for folder, names in folders for path in (CHECKOUT / folder).glob(names)}
    assert present == {path for path in made if path.suffix in (".yaml", ".yml")}


def test_a_changed_contract_makes_its_files_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codegen.write(tmp_path) == list(codegen.generated(tmp_path))
    assert codegen.out_of_date(tmp_path) == []

    class WithBudget(Plan):
        """A policy plan with a term, national or provincial."""

        budget: float = column("money set aside", unit="CNY", ge=0, nullable=True)

    monkeypatch.setitem(
        all_sources()["official_releases"].tables,
        "plan",
        WithBudget,
    )
    changed = {
        "docs/data_dictionary.md": "| budget | DOUBLE | money set aside [CNY] | `≥ 0`; may be NULL",
        "dbt_project/models/staging/official_releases/_official_releases__sources.yml": "- name: "
        "budget",
        "contracts/odcs/official_releases.plan.odcs.yaml": "- name: budget",
    }
    assert {str(p.relative_to(tmp_path)) for p in codegen.out_of_date(tmp_path)} == set(changed)

    codegen.write(tmp_path)
    assert codegen.out_of_date(tmp_path) == []
    for name, text in changed.items():
        assert text in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", ["edited", "deleted"])
def test_a_file_that_was_touched_by_hand_is_out_of_date(tmp_path: Path, damage: str) -> None:
    codegen.write(tmp_path)
    path = tmp_path / "docs" / "data_dictionary.md"
    before = path.read_text(encoding="utf-8")
    if damage == "edited":
        path.write_text(before + "A remark.\n", encoding="utf-8")
    else:
        path.unlink()
    assert codegen.out_of_date(tmp_path) == [path]
    assert codegen.write(tmp_path) == [path]
    assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("name", CONTRACTS)
def test_each_dataset_has_a_valid_open_data_contract(name: str) -> None:
    document = odcs(name)
    schema = json.loads(
        (resources.files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8")
    )
    importlib.import_module("jsonschema").validate(document, schema)

    read = OpenDataContractStandard.model_validate(document)
    assert (read.kind, read.id) == ("DataContract", f"ip-warehouse.{name}")
    assert read.version == terms_of(CONTRACTS[name])["version"]
    assert read.schema_ is not None
    (table,) = read.schema_
    assert [p.name for p in table.properties or []] == list(CONTRACTS[name].to_schema().columns)
    assert all(p.description for p in table.properties or [])


def test_an_open_data_contract_says_what_the_contract_says() -> None:
    """Typed from contracts/official_releases.py, for one dataset."""
    document = odcs("official_releases.observation")
    (table,) = document["schema"]
    columns = {p["name"]: p for p in table["properties"]}
    keys = sorted(
        (p["primaryKeyPosition"], p["name"]) for p in columns.values() if p.get("primaryKey")
    )
    assert [name for _, name in keys] == [
        "indicator_id", "ref_area", "time_period", "release_id", "is_derived",
    ]  # fmt: skip
    assert (columns["obs_value"]["logicalType"], columns["obs_value"]["required"]) == (
        "number",
        False,
    )
    assert (columns["is_derived"]["logicalType"], columns["is_derived"]["required"]) == (
        "boolean",
        True,
    )
    custom = {p["property"]: p["value"] for p in columns["obs_status"]["customProperties"]}
    assert custom["allowedValues"] == ["A", "B", "E", "M", "P"]
    (limit,) = [p["value"] for p in document["customProperties"] if p["property"] == "rejectLimit"]
    assert "5% of a payload" in limit
    assert "typed by people" in limit
    assert document["description"]["limitations"].startswith("Licence: cite-source")


@pytest.mark.parametrize("name", ALL)
def test_every_column_and_table_is_described(name: str) -> None:
    described = {c["name"]: c["description"] for c in codegen.columns(ALL[name])}
    assert described
    assert [c for c, text in described.items() if not text or len(text.split()) < 1] == []
    assert ALL[name].__doc__ != Contract.__doc__
    assert ALL[name].__doc__


@pytest.mark.parametrize("source_id", [*all_sources(), "operations"])
def test_dbt_knows_every_landed_column_with_its_description(source_id: str) -> None:
    staging = CHECKOUT / "dbt_project" / "models" / "staging"
    path = staging / source_id / f"_{source_id}__sources.yml"
    (source,) = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
    added = PROVENANCE if source_id != "operations" else set()
    for table in source["tables"]:
        contract = ALL[f"{source_id}.{table['name']}"]
        named = [c["name"] for c in table["columns"]]
        assert len(named) == len(set(named))
        assert set(named) == set(contract.to_schema().columns) | added
        assert all(c["description"] for c in table["columns"])
        assert f"/{source_id}/{table['name']}/*.parquet" in str(
            table["config"]["meta"]["external_location"]
        )


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_dictionary_has_every_table_and_column(name: str) -> None:
    text = (CHECKOUT / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    (section,) = [part for part in text.split("\n### ") if part.startswith(f"`{name}`")]
    rows = [
        line.split(" | ")[0].removeprefix("| ") for line in section.split("\n## ")[0].split("\n")
    ]
    assert [r for r in rows if r in CONTRACTS[name].to_schema().columns] == list(
        CONTRACTS[name].to_schema().columns
    )
