"""Columns from columns: which columns of which relations each column of a model is computed from.

Read out of the SQL that dbt compiled. Published as `lineage."column"` (one step) and the view
`lineage.column_origin` (all the way to staging, seeds and landed tables). Not here: rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer import build_scope
from sqlglot.optimizer.qualify import qualify

from pipelines import serve
from pipelines.build import TWIN
from pipelines.files import write_json
from pipelines.landing_table import PROVENANCE

#: Schema to table to column to type.
Catalogue = Mapping[str, Mapping[str, Mapping[str, str]]]
#: schema, table, column, and the schema, table and column that it is computed from.
Step = tuple[str, str, str, str, str, str]
_DIALECT: Final = "duckdb"
#: How many projects' steps stay in the folder: homes with and without simulated records share it.
KEPT: Final = 8


def steps(manifest: Mapping[str, Any], catalogue: Catalogue, cache: Path) -> list[Step]:
    """One step back for each column of every model in the catalogue.

    manifest: dbt's, with compiled SQL. cache: a folder; reading takes seconds, and what it gives
    changes only with the project. Raises LookupError naming a table whose SQL cannot be read.
    """
    models = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node.get("compiled_code")
        and node["alias"] in catalogue.get(node["schema"], {})
    }  # fmt: skip
    checksums = sorted([name, node["checksum"]["checksum"]] for name, node in models.items())
    macros = sorted(macro["macro_sql"] for macro in manifest["macros"].values())
    names = {s: {t: [*columns] for t, columns in tables.items()} for s, tables in catalogue.items()}
    mark = hashlib.sha256(json.dumps([checksums, macros, names], sort_keys=True).encode())
    kept = cache / f"columns-{mark.hexdigest()[:16]}.json"
    if kept.exists():
        return [(*step,) for step in json.loads(kept.read_text())]
    landed = {
        source["relation_name"]: (source["source_name"], source["name"], list(source["columns"]))
        for source in manifest["sources"].values()
    }
    whole: dict[str, dict[str, dict[str, str]]] = {k: {**v} for k, v in catalogue.items()}  # type: ignore[dict-item]
    for source, table, columns in landed.values():
        types = dict.fromkeys([*columns, *PROVENANCE], "varchar")
        whole.setdefault(source, {})[table] = types
    found: set[Step] = set()
    for name, node in models.items():
        if name.removeprefix(TWIN) in models and name.startswith(TWIN):
            continue
        code = node["compiled_code"]
        for relation, (source, table, _) in landed.items():
            code = code.replace(relation, f'"{source}"."{table}"')
        found |= set(_of_model(node["schema"], node["alias"], code, whole))
    twins = {n["alias"]: n["schema"] for name, n in models.items() if name.startswith(TWIN)}
    found |= {_twin(step, twins) for step in found if step[1] in twins}
    write_json(kept, sorted(found))
    earlier = sorted(cache.glob("columns-*.json"), key=lambda path: path.stat().st_mtime)
    for path in earlier[:-KEPT]:
        path.unlink(missing_ok=True)
    return sorted(found)


def _twin(step: Step, twins: Mapping[str, str]) -> Step:
    """The step of a model's twin, whose SQL is the same on the simulated register's tables."""
    _, table, column, schema, origin, name = step
    if schema == serve.REAL.source:
        schema = serve.SIMULATED.source
    return (twins[table], table, column, twins.get(origin, schema), origin, name)


def _of_model(schema: str, table: str, code: str, catalogue: Catalogue) -> Iterator[Step]:
    try:
        query = _aligned(parse_one(code, dialect=_DIALECT), catalogue)
        scope = build_scope(query)
        columns = lineage(None, query, dict(catalogue), scope=scope, dialect=_DIALECT)
        for name in catalogue[schema][table]:
            for source in _leaves(columns[name]):
                yield (schema, table, name, *source)
    except SqlglotError as error:
        raise LookupError(f"{schema}.{table}: its SQL cannot be read: {error}") from error


def _aligned(query: exp.Expr, catalogue: Catalogue) -> exp.Expr:
    """The query with columns named in full, and `union all by name` in one order of columns."""
    query = qualify(
        query,
        dialect=_DIALECT,
        schema=dict(catalogue),
        validate_qualify_columns=False,
        identify=False,
    )
    for union in list(query.find_all(exp.SetOperation)):
        if union.args.get("by_name"):
            _align(union)
    return query


def _align(union: exp.SetOperation) -> None:
    """Give all arms the columns of all, NULL where an arm has none."""
    arms = list(_arms(union))
    names = list(dict.fromkeys(s.alias_or_name for arm in arms for s in arm.selects))
    for arm in arms:
        own = {s.alias_or_name: s for s in arm.selects}
        arm.set("expressions", [own.get(n) or exp.alias_(exp.null(), n) for n in names])
    for one in (union, *(u for u in union.find_all(exp.SetOperation))):
        one.set("by_name", False)


def _arms(query: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(query, exp.SetOperation):
        yield from _arms(query.this)
        yield from _arms(query.expression)
    elif isinstance(query, exp.Subquery):
        yield from _arms(query.this)
    elif isinstance(query, exp.Select):
        yield query


def _leaves(node: Node) -> Iterator[tuple[str, str, str]]:
    """The columns of relations that a column leads to; none for a literal."""
    if not node.downstream:
        if isinstance(node.expression, exp.Table) and node.expression.name:
            yield node.expression.db, node.expression.name, node.name.rpartition(".")[2]
        return
    for further in node.downstream:
        yield from _leaves(further)
