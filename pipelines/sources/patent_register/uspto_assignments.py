"""Assignments recorded at the USPTO: the office's XML, and the tables of its economists (OCE).

Security interests become pledges and the event pledge_in_force, their releases pledge_cancelled;
every other conveyance is an event alone. Here: records to rows. Not here: which words or codes mean
which conveyance (contracts/legal_events.py); netting pledges against releases, and which of two
deliveries of a record is the newer (dbt).

Decisions.
- A record's patents are its properties, each of which gives an event; a record that shows none
  gives one event without a number, which the contract rejects. A property is named by its
  application and by its grant, or its published application where no grant is told.
- The day of an event and of a pledge is the day of recording, as in the registers of other offices;
  the day of execution is in the detail.
- registration_number is reel/frame without leading zeros; no amounts are recorded. A release does
  not name the pledge it ends, so cancellation_date stays NULL.
- event_code is the OCE's word for the conveyance (convey_ty), in the XML told from the text.
- Owners' periods are not drawn from assignments: each inventor's is a record of its own, and what
  is left to whom is not told.
- Records with the purge indicator Y are left out and counted.
- OCE: raw_row is the line of documentid. The parties (assignor, assignee) are not read.
- is_simulated: attribute `is-simulated="true"` of the XML's outermost element; column is_simulated.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element

import polars as pl

from contracts import legal_events, patent_numbers
from pipelines.source import Batch, SourceFormatError
from pipelines.sources.patent_register import xml_stream
from pipelines.sources.patent_register.cells import day, flags, joined
from pipelines.sources.patent_register.frames import frames
from pipelines.sources.patent_register.rows import Rows
from pipelines.sources.patent_register.unpack import Member
from pipelines.sources.patent_register.uspto_fees import mapped, publications
from pipelines.sources.patent_register.uspto_patentsview import records

PURGED: Final = "assignments that the USPTO has purged"
#: Elements of an assignment that the register has no use for.
IGNORED: Final = frozenset(
    {"correspondent", "page-count", "last-update-date", "invention-title", "address-1", "address-2"}
)
_ROOTS: Final = frozenset({"us-patent-assignments", "patent-assignments", "patent-assignment"})
_SECURITY: Final = "security"
#: Names of parties that a detail shows.
_SHOWN: Final = 3


def xml(member: Member, skipped: Counter[str]) -> Iterator[Batch]:
    """Rows of an XML file of assignments, or of a single assignment."""
    rows = Rows("legal_event", "pledge")
    at, simulated, begun = 0, False, False
    for part in xml_stream.parts(member, {"patent-assignment"}):
        if not begun:
            begun = True
            simulated = part.element.get("is-simulated") == "true"
            if part.tag not in _ROOTS:
                raise SourceFormatError(
                    f"{member.name}: the outermost element is {part.tag}, not the "
                    "us-patent-assignments of the USPTO"
                )
        if part.at == "end":
            at += 1
            if _text(part.element, "assignment-record/purge-indicator") == "Y":
                skipped[PURGED] += 1
                continue
            for table, row in _assignment(part.element):
                row |= {"adapter": "uspto", "is_simulated": simulated, "raw_row": at}
                rows.add(table, row)
                yield from rows.full()
    yield from rows.rest()


def _assignment(element: Element) -> Iterator[tuple[str, dict[str, Any]]]:
    record = element.find("assignment-record")
    words = _text(record, "conveyance-text")
    code = legal_events.conveyance(words)
    recorded = day(_text(record, "recorded-date/date"))
    registration = _reel_frame(_text(record, "reel-no"), _text(record, "frame-no"))
    assignors = _names(element, "patent-assignors/patent-assignor")
    assignees = _names(element, "patent-assignees/patent-assignee")
    executed = max(
        (
            d
            for date in element.iterfind("patent-assignors/patent-assignor/execution-date/date")
            if (d := day(date.text))
        ),
        default=None,
    )
    pieces = (
        f"reel/frame {registration}" if registration else None,
        words,
        f"executed {executed}" if executed else None,
        f"to {_some(assignees)}" if assignees else None,
    )
    event = {
        "event_date": recorded,
        "event_code": code,
        "event_kind": legal_events.event_kind("US", code),
        "detail": joined((piece for piece in pieces if piece), "; "),
    }
    properties = element.findall("patent-properties/patent-property")
    for named in [_property(p) for p in properties] or [{"office": "US"}]:
        yield "legal_event", {**named, **event}
        if code == _SECURITY and properties:
            yield (
                "pledge",
                {
                    **named,
                    "registration_number": registration,
                    "registration_date": recorded,
                    "assets": str(len(properties)),
                    "pledgor": joined(assignors),
                    "pledgee": joined(assignees),
                },
            )


def _property(element: Element) -> dict[str, Any]:
    """Office and numbers of a property, from its application, grant and published application."""
    found: dict[str, tuple[str, str]] = {}
    for reference in element.iter("document-id"):
        number = _text(reference, "doc-number")
        kind = _text(reference, "kind") or ""
        if number:
            which = "applied" if kind == "X0" else "published" if kind[:1] == "A" else "granted"
            found.setdefault(which, (_text(reference, "country") or "US", number))
    office, number = found.get("applied", (None, None))
    named = found.get("granted") or found.get("published")
    published = patent_numbers.publication("".join(named))[1] if named else None
    office = office or (named[0] if named else "US")
    return {
        "office": office,
        "application_number": patent_numbers.application_number(office, number),
        "publication_number": published,
    }


def _names(element: Element, path: str) -> list[str]:
    return [name for party in element.iterfind(path) if (name := _text(party, "name"))]


def _some(names: list[str]) -> str:
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + rest


def _text(element: Element | None, path: str) -> str | None:
    found = element.findtext(path) if element is not None else None
    return " ".join(found.split()) or None if found else None


def _reel_frame(reel: str | None, frame: str | None) -> str | None:
    """Reel and frame as the register of assignments is cited, 31066/972."""
    if not reel or not frame:
        return None
    return f"{reel.lstrip('0') or '0'}/{frame.lstrip('0') or '0'}"


#: Tables of the OCE: the columns that make the table, and those that are read.
OCE: Final = {
    "assignment": (
        ("rf_id", "record_dt", "convey_text"),
        ("rf_id", "reel_no", "frame_no", "convey_text", "record_dt", "purge_in"),
    ),
    "assignment_conveyance": (("rf_id", "convey_ty"), ("rf_id", "convey_ty")),
    "documentid": (
        ("rf_id", "appno_doc_num", "grant_doc_num", "pgpub_doc_num"),
        (
            "rf_id",
            "appno_doc_num",
            "appno_country",
            "pgpub_doc_num",
            "pgpub_country",
            "grant_doc_num",
            "grant_country",
        ),
    ),
}


def table_of(header: str) -> str | None:
    """Name of the OCE table whose columns a comma-separated header has, or None."""
    headings = {cell.strip(' "\r\n').lower() for cell in header.split(",")}
    return next((name for name, (marks, _) in OCE.items() if {*marks} <= headings), None)


def oce(found: dict[str, list[Member]], name: str, skipped: Counter[str]) -> Iterator[Batch]:
    """Rows of the three tables of the OCE, each in one file.

    The records (7 million in 2017, without their texts but for pledges) are kept in memory; their
    patents are read past.
    """
    if sorted(found) != sorted(OCE) or any(len(group) > 1 for group in found.values()):
        raise SourceFormatError(
            f"{name}: {', '.join(sorted(found))}: a pledge needs assignment, assignment_conveyance "
            "and documentid; drop the three as one zip, as the USPTO offers them"
        )
    known = _known(found["assignment"][0], found["assignment_conveyance"][0], skipped)
    secured = known.filter(pl.col("convey_ty") == _SECURITY)["rf_id"]
    assets = pl.DataFrame(schema={"rf_id": pl.String, "assets": pl.UInt32})
    for frame in _oce(found["documentid"][0], "documentid"):
        counted = frame.filter(pl.col("rf_id").is_in(secured.implode())).group_by("rf_id")
        assets = pl.concat([assets, counted.agg(pl.len().cast(pl.UInt32).alias("assets"))])
    assets = assets.group_by("rf_id").agg(pl.col("assets").sum())
    for frame in _oce(found["documentid"][0], "documentid"):
        here = known.filter(pl.col("rf_id").is_in(frame["rf_id"].unique().implode()))
        rows = _documents(frame.join(here, on="rf_id", how="left", maintain_order="left"))
        yield from frames("legal_event", rows)
        pledges = rows.filter(pl.col("event_code") == _SECURITY).join(
            assets, on="rf_id", how="left", maintain_order="left"
        )
        yield from frames("pledge", pledges)


def _oce(member: Member, table: str) -> Iterator[pl.DataFrame]:
    return records(member, OCE[table][1])


def _known(assignment: Member, conveyance: Member, skipped: Counter[str]) -> pl.DataFrame:
    """Records by rf_id, once each: conveyance, day, purge; reel/frame and text of pledges."""
    types = pl.concat(
        frame.select("rf_id", pl.col("convey_ty").str.to_lowercase())
        for frame in _oce(conveyance, "assignment_conveyance")
    ).unique("rf_id", keep="first")
    pledge = pl.col("convey_ty").is_in([_SECURITY, "release"])
    number = pl.concat_str(
        pl.col("reel_no").str.strip_chars_start("0"),
        pl.lit("/"),
        pl.col("frame_no").str.strip_chars_start("0"),
    )
    parts = []
    for frame in _oce(assignment, "assignment"):
        here = types.filter(pl.col("rf_id").is_in(frame["rf_id"].unique().implode()))
        joined_ = frame.join(here, on="rf_id", how="left", maintain_order="left")
        parts.append(
            joined_.select(
                "rf_id",
                "convey_ty",
                mapped(frame["record_dt"], _day).alias("recorded"),
                pl.col("purge_in")
                .str.to_uppercase()
                .eq("Y")
                .fill_null(value=False)
                .alias("purged"),
                pl.when(pledge).then(number).alias("registration_number"),
                pl.when(pledge).then("convey_text").alias("convey_text"),
            )
        )
    known = pl.concat(parts).unique("rf_id", keep="first", maintain_order=True)
    if known["purged"].any():
        skipped[PURGED] += int(known["purged"].sum())
    return known


def _documents(frame: pl.DataFrame) -> pl.DataFrame:
    """Documents of records as events; columns of pledges beside them."""
    office = pl.coalesce("appno_country", "grant_country", "pgpub_country", pl.lit("US"))
    frame = frame.filter(~pl.col("purged").fill_null(value=False)).with_columns(
        office.alias("office")
    )
    named = pl.coalesce("grant_doc_num", "pgpub_doc_num")
    frame = frame.with_columns(named.alias("_published"))
    return frame.with_columns(
        patent_numbers.application_numbers(frame["office"], frame["appno_doc_num"]).alias(
            "application_number"
        ),
        publications(frame["_published"]).alias("publication_number"),
        pl.lit("uspto").alias("adapter"),
        flags(pl.col("is_simulated")).alias("is_simulated"),
        pl.col("recorded").alias("event_date"),
        pl.col("recorded").alias("registration_date"),
        pl.col("convey_ty").alias("event_code"),
        pl.coalesce(
            "fault",
            mapped(frame["convey_ty"], lambda code: legal_events.event_kind("US", code)),
            pl.format("no conveyance of {}", pl.col("rf_id").fill_null("no record")),
        ).alias("event_kind"),
        pl.concat_str(
            pl.format("reel/frame {}", "registration_number"),
            "convey_text",
            separator="; ",
            ignore_nulls=True,
        )
        .replace("", None)
        .alias("detail"),
    )


def _day(text: str) -> str | None:
    """A day as the editions of the OCE write it: 2013-08-23, 20130823 or Stata's 23aug2013."""
    try:
        return dt.datetime.strptime(text, "%d%b%Y").date().isoformat()
    except ValueError:
        return day(text)
