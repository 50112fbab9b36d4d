"""The patent register: real files of many formats, one adapter each, in one shape.

A file dropped into raw/inbox/<adapter>/ is read by the adapter of that name. Here: which adapters
there are, and on which terms their files come. Not here: any format (the adapters), what a record
must look like (contracts/patent_register.py), any rule about patents (dbt).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from contracts.patent_register import TABLES
from pipelines.source import Batch, Cadence, Licence, Notes, Source
from pipelines.sources.patent_register import (
    awards,
    cnipa_export,
    cnipa_xml,
    epo_ops,
    google_patents,
    lens,
    pledges,
    uspto,
)

Read = Callable[[Path, str, Notes], Iterator[Batch]]

ADAPTERS: dict[str, Read] = {
    "awards": awards.read,
    "cnipa_export": cnipa_export.read,
    "cnipa_xml": cnipa_xml.read,
    "epo_ops": epo_ops.read,
    "google_patents": google_patents.read,
    "lens": lens.read,
    "pledges": pledges.read,
    "uspto": uspto.read,
}


def stream(path: Path, place: str, notes: Notes) -> Iterator[Batch]:
    """Batches of a dropped file; `place` (inbox/<adapter>/…) says which adapter reads it.

    Raises SourceFormatError when the file is not of the adapter's format.
    """
    _, adapter, *rest = PurePosixPath(place).parts
    return ADAPTERS[adapter](path, "/".join(rest), notes)


SOURCE = Source(
    id="patent_register",
    title="Patent register: exports, gazettes and lists that a user dropped",
    publisher="CNIPA, The Lens, Google and IFI CLAIMS, EPO, USPTO; each record names its adapter",
    licence=Licence(
        id="as-dropped",
        attribution="Google Patents Public Data and PatentsView: CC BY 4.0; USPTO: public domain; "
        "The Lens, EPO OPS, CNIPA: the user's own terms, not to be published onward as such",
        url="",
        publish=False,
    ),
    cadence=Cadence.IRREGULAR,
    tables=TABLES,
    default_base_url="",
    stream=stream,
    offline=True,
    accepts=(
        "*.csv",
        "*.tsv",
        "*.txt",
        "*.xml",
        "*.json",
        "*.jsonl",
        "*.ndjson",
        "*.parquet",
        "*.zip",
    ),
    inboxes=tuple(ADAPTERS),
)
