"""What changed between two versions of the contracts, and whether it can break a reader.

Compares Open Data Contract Standard documents, such as those in contracts/odcs/ with those that the
code gives now. A change breaks where a query that worked gives an error or another meaning: a
column gone, renamed, of another type or unit, another key, NULL where none was. New columns, codes,
rules and words do not. Not here: drift of what a source sends (landing), writing (codegen.py).
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

#: What a contract says of whole tables, in words; none of it makes a query fail.
_POLICIES: Final = {
    "rejectLimit": "reject limit",
    "level": "limit of shifts",
    "rowRules": "rules over the row",
    "failsTheLanding": "what fails the landing",
    "warnsOnly": "what only warns",
}
Contracts = Mapping[str, OpenDataContractStandard]


@dataclass(frozen=True)
class Change:
    """One change of a contract; column: None where it is the whole table's."""

    contract: str
    version_before: str | None
    version: str | None
    column: str | None
    what: str
    is_breaking: bool

    @property
    def is_refused(self) -> bool:
        """Whether it breaks readers and the contract's major version is not a higher one."""
        if not self.is_breaking or self.version is None or self.version_before is None:
            return self.is_breaking
        return _major(self.version) <= _major(self.version_before)


def read(folder: Path) -> dict[str, OpenDataContractStandard]:
    """The contracts in a folder, by their ids."""
    documents = (OpenDataContractStandard.from_file(str(p)) for p in folder.glob("*.odcs.yaml"))
    return {str(one.id): one for one in documents}


def before_last_change(root: Path) -> dict[str, OpenDataContractStandard]:
    """The contracts as git had them before the last commit that changed them; none without git.

    Documents edited together with the code say nothing of what readers had.
    """
    place = "contracts/odcs"
    git = ["git", "-C", str(root)]
    try:
        log = _output([*git, "log", "-2", "--format=%H", "--", place]).split()
        if len(log) < 2:
            return {}
        archive = _output([*git, "archive", log[0].decode() + "^", place])
    except (OSError, subprocess.CalledProcessError):
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = [tar.extractfile(one) for one in tar if one.name.endswith(".odcs.yaml")]
        texts = [file.read().decode() for file in files if file]
    documents = map(OpenDataContractStandard.from_string, texts)
    return {str(one.id): one for one in documents}


def _output(command: list[str]) -> bytes:
    return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603


def changes(before: Contracts, after: Contracts) -> list[Change]:
    """All changes, contract by contract."""
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        versions = (old.version if old else None, new.version if new else None)
        if old is None or new is None:
            what = "the contract is new" if old is None else "the contract is gone"
            found.append(Change(name, *versions, None, what, is_breaking=new is None))
            continue
        found += [
            Change(name, *versions, column, what, is_breaking)
            for column, what, is_breaking in _of_table(old, new)
        ]
    return found


def _of_table(
    old: OpenDataContractStandard, new: OpenDataContractStandard
) -> Iterator[tuple[str | None, str, bool]]:
    """Column, what changed, whether it breaks."""
    before, after = _columns(old), _columns(new)
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    for name in gone:
        told = _meaning(before[name])
        to = next((other for other in come if _meaning(after[other]) == told), None)
        if to:
            come.remove(to)
            yield name, f"renamed to {to}", True
        else:
            yield name, "gone", True
    for name in come:
        yield name, "new", False
    keys = [_key(columns) for columns in (before, after)]
    if keys[0] != keys[1]:
        yield None, f"key ({', '.join(keys[0])}) is now ({', '.join(keys[1])})", True
    both = [name for name in before if name in after]
    if both != [name for name in after if name in before]:
        yield None, "columns stand in another order", False
    for name in both:
        yield from ((name, *change) for change in _of_column(before[name], after[name]))
    policies = [_custom(one.customProperties) for one in (old, new)]
    for name, words in _POLICIES.items():
        was, has = (policy.get(name) for policy in policies)
        if was != has:
            yield None, f"{words} {was!r} is now {has!r}", False


def _of_column(old: SchemaProperty, new: SchemaProperty) -> Iterator[tuple[str, bool]]:
    if old.physicalType != new.physicalType:
        yield f"type {old.physicalType} is now {new.physicalType}", True
    if old.required and not new.required:
        yield "may be NULL now", True
    if new.required and not old.required:
        yield "is never NULL now", False
    before, after = _custom(old.customProperties), _custom(new.customProperties)
    if before.get("unit") != after.get("unit"):
        yield f"unit {before.get('unit')!r} is now {after.get('unit')!r}", True
    codes = [list(map(str, told.get("allowedValues") or [])) for told in (before, after)]
    for word, values in (
        ("new", [code for code in codes[1] if code not in codes[0]]),
        ("no longer allowed", [code for code in codes[0] if code not in codes[1]]),
    ):
        if values:
            yield f"codes {word}: {', '.join(values)}", False
    if before.get("rules") != after.get("rules"):
        yield f"rules {before.get('rules')} are now {after.get('rules')}", False
    if old.description != new.description:
        yield "described in other words", False


def _columns(document: OpenDataContractStandard) -> dict[str, SchemaProperty]:
    [table] = document.schema_ or []
    return {str(column.name): column for column in table.properties or []}


def _key(columns: Mapping[str, SchemaProperty]) -> list[str]:
    places = {c.primaryKeyPosition: n for n, c in columns.items() if c.primaryKeyPosition}
    return [places[at] for at in sorted(places)]


def _meaning(column: SchemaProperty) -> tuple[object, ...]:
    return column.description, column.physicalType, _custom(column.customProperties).get("unit")


def _custom(listed: Any) -> dict[str, Any]:
    return {str(one.property): one.value for one in listed or []}


def _major(version: str) -> int:
    return int(version.partition(".")[0])
