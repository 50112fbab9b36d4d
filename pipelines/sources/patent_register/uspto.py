"""Files of the USPTO: PatentsView tables, maintenance fee events, assignments (XML and OCE tables).

A file is known by its content, zipped or not: XML is assignments, fixed-width lines are fee events,
and a header of the columns of a PatentsView or OCE table is that table. Here: which file is which.
Not here: what each one means (uspto_patentsview, uspto_fees, uspto_assignments).

Taken of PatentsView: g_patent, g_application, g_ipc_at_issue, g_assignee_disambiguated with the
countries of g_location_disambiguated. Of the OCE: assignment, assignment_conveyance and documentid,
which need each other and so come as one zip. Everything else is ignored by name (see IGNORED).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipelines.source import Batch, Notes, SourceFormatError
from pipelines.sources.patent_register import (
    uspto_assignments,
    uspto_fees,
    uspto_patentsview,
)
from pipelines.sources.patent_register.unpack import UNREADABLE, Member, members

ADAPTER: Final = "uspto"
TABLES: Final = ("patent", "patent_owner", "ipc_assignment", "legal_event", "pledge")

#: Beginnings of names of files that the register has no use for: tables of PatentsView (inbound
#: priorities tell of no family abroad; CPC is no IPC), of the OCE, and what lies beside the data.
IGNORED: Final = (
    "g_applicant_",
    "g_assignee_not_",
    "g_attorney_",
    "g_botanic",
    "g_brf_sum",
    "g_claims",
    "g_cpc_",
    "g_detail_desc",
    "g_draw_desc",
    "g_examiner_",
    "g_figures",
    "g_foreign_",
    "g_gov_",
    "g_inventor_",
    "g_location_not_",
    "g_other_reference",
    "g_patent_abstract",
    "g_pct_data",
    "g_persistent_",
    "g_rel_app_text",
    "g_us_",
    "g_uspc_",
    "g_wipo_technology",
    "pg_",
    "assignor",
    "assignee",
    "documentid_admin",
    "maintfeeeventsdesc",
    "readme",
)
_ENDINGS: Final = (".dtd", ".xsd", ".pdf", ".md", ".html", ".doc", ".docx")
_HEAD: Final = 1 << 18


def read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    """Rows of a file by table, in frames of bounded size.

    Owners' countries come from a g_location_disambiguated in the same zip; without one they are
    NULL. Raises SourceFormatError naming file and place when the file is none of those above, or a
    zip holds data of several kinds, whose rows could not be told apart by their number.
    """
    try:
        yield from _read(path, name, notes)
    except UNREADABLE as error:
        raise SourceFormatError(f"{name}: this zip cannot be read: {error}") from error


def _read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    skipped = notes.left_out
    found: dict[str, list[Member]] = {}
    for member in members(path, name):
        kind = _kind(member)
        if kind == "ignored":
            skipped[f"files ignored by name: {member.stem}"] += 1
        else:
            found.setdefault(kind, []).append(member)
    if not found and not skipped:
        raise SourceFormatError(f"{name}: a zip with nothing in it")
    locations = found.pop("g_location_disambiguated", [])
    if not found:
        if locations:  # of use only beside g_assignee_disambiguated
            skipped["files ignored by name: g_location_disambiguated"] += len(locations)
        return
    if set(found) <= set(uspto_assignments.OCE):
        yield from uspto_assignments.oce(found, name, skipped)
        return
    several = [member.name for group in found.values() for member in group]
    if len(several) > 1:
        raise SourceFormatError(
            f"{name}: holds {len(several)} data files ({', '.join(several)[:300]}); drop each alone"
        )
    [(kind, [member])] = found.items()
    if kind == "xml":
        yield from uspto_assignments.xml(member, skipped)
    elif kind == "fees":
        yield from uspto_fees.read(member)
    else:
        yield from uspto_patentsview.read(member, kind, locations, notes)


def _kind(member: Member) -> str:
    """`xml`, `fees`, `ignored`, or the name of a table."""
    if member.stem.startswith(IGNORED) or member.name.lower().endswith(_ENDINGS):
        return "ignored"
    with member.open() as file:
        head = file.read(_HEAD)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "xml"
    header = io.StringIO(head.decode("utf-8-sig", errors="replace")).readline()
    table = uspto_patentsview.table_of(header) or uspto_assignments.table_of(header)
    if table:
        return table
    if uspto_fees.layout(head):
        return "fees"
    raise SourceFormatError(
        f"{member.name}: neither a table of PatentsView or the OCE, nor assignments in XML, nor "
        f"{uspto_fees.WANTED}; it begins with {head[:60]!r}"
    )
