"""Recordings of the old interface: requests with their answers, as test tools write them (YAML).

Here: which answers a recording holds, what was asked, and on which day. Not here: what an answer
means (answers.py).
"""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import yaml

from pipelines.source import SourceFormatError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Answer(NamedTuple):
    """An answer's place in the file, its text, the database asked and the day of the answer."""

    place: str
    text: str
    database: str | None
    day: dt.date | None


def answers(name: str, text: str) -> Iterator[Answer]:
    """The answers of a recording, in its order.

    Raises SourceFormatError naming the place for what is no recording.
    """
    try:
        recording = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, in C where it is
    # 0000-00-00 reads like a day and is none: ValueError.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "nested too deep"
        raise SourceFormatError(f"{name}: not YAML: {reason}") from error
    interactions = recording.get("interactions") if isinstance(recording, dict) else None
    if not isinstance(interactions, list) or not interactions:
        raise SourceFormatError(f"{name}: no recording: it has no list of interactions")
    for number, interaction in enumerate(interactions, start=1):
        place = f"{name}, interaction {number}"
        try:
            request, response = interaction["request"], interaction["response"]
            body = response["body"]["string"]
            code = response["status"]["code"]
        except (KeyError, TypeError) as error:
            raise SourceFormatError(f"{place}: no request with its answer ({error})") from error
        if code != 200:
            raise SourceFormatError(f"{place}: HTTP status {code}")
        try:
            answered = body.decode() if isinstance(body, bytes) else str(body)
        except UnicodeDecodeError as error:
            raise SourceFormatError(f"{place}: byte {error.start} is not UTF-8") from error
        yield Answer(place, answered, _database(request.get("body")), _day(response.get("headers")))


def _database(asked: Any) -> str | None:
    """dbcode of the form that was sent."""
    text = asked.decode("utf-8", "replace") if isinstance(asked, bytes) else asked
    found = parse_qs(text).get("dbcode") if isinstance(text, str) else None
    return found[0] if found else None


def day_of(header: str | None) -> dt.date | None:
    """The day of an HTTP Date header; None where there is none that can be read."""
    try:
        return email.utils.parsedate_to_datetime(header).date() if header else None
    except (TypeError, ValueError):
        return None


def _day(headers: Any) -> dt.date | None:
    values = headers.get("Date") if isinstance(headers, dict) else None
    return day_of(str(values[0])) if isinstance(values, list) and values else None
