"""A simulated patent register: files of the real formats, in which every record says it is made up.

`ipw simulate` writes them to raw/inbox/simulated/<adapter>/; they land apart from real ones, under
contracts that take simulated records alone. Not here: the adapters (pipelines/sources/
patent_register), how the register is made (pipelines/simulation).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from contracts.patent_register import SIMULATED
from pipelines.source import Batch, Cadence, Keep, Licence, Notes, Source
from pipelines.sources import patent_register

#: Folder of the inboxes, below raw/inbox/.
FOLDER: Final = "simulated"


def stream(path: Path, place: str, notes: Notes) -> Iterator[Batch]:
    """Batches of a file of raw/inbox/simulated/<adapter>/, as the adapter reads a real one.

    Raises SourceFormatError when the file is not of the adapter's format.
    """
    inbox, _, *rest = PurePosixPath(place).parts
    return patent_register.stream(path, "/".join((inbox, *rest)), notes)


SOURCE = Source(
    id="simulated_register",
    title="Simulated patent register: made by `ipw simulate`, no record is of the real world",
    publisher="nobody; made on this machine",
    licence=Licence(
        id="made-here",
        attribution="Simulated records, to work on and to test with; never to be quoted as facts",
        url="",
        publish=False,
    ),
    cadence=Cadence.IRREGULAR,
    tables=SIMULATED,
    default_base_url="",
    stream=stream,
    keep=Keep.PRESENT,
    offline=True,
    accepts=patent_register.SOURCE.accepts,
    inboxes=tuple(f"{FOLDER}/{adapter}" for adapter in patent_register.ADAPTERS),
    read_by=patent_register.SOURCE.id,
)
