"""What people (or others) put into an inbox: names and archives that reach for more than is theirs.

Dropped and landed as a run does, beside a good file that must land. Not here: workbooks
(tests/regional/test_workbooks.py), damaged bytes (test_fuzzed_parsers.py).
"""

from __future__ import annotations

import io
import logging
import os
import stat
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import tally

from pipelines import ingest
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Source
from pipelines.sources import ipc, patent_register, world_bank

WORD = "open-sesame"
GOOD = (
    b'[{"page":1,"pages":1,"per_page":50,"total":1,"lastupdated":"2026-01-28"},[{"indicator":{"id":'
    b'"IP.PAT.RESD","value":"Patents"},"country":{"id":"CN","value":"China"},"countryiso3code":"CHN",'
    b'"date":"2021","value":1426644}]]'
)
GREEN = "{symbol},Solar\n"


def run(source: Source, home: Path) -> list[dict[str, Any]]:
    """Take and land what lies in the inbox; the landings on record."""
    settings = Settings(home=home)
    report = ingest.collect(source, settings, live=False)
    assert report.errors == []
    ingest.land(source, settings)
    return lander(source, home).history().to_dicts()


def lander(source: Source, home: Path) -> Landing:
    settings = Settings(home=home)
    return Landing(source, RawStore(settings.raw), settings.landed)


def tree(home: Path) -> set[str]:
    """Every path below, but for what the warehouse writes."""
    paths = (str(path.relative_to(home)) for path in home.rglob("*"))
    return {path for path in paths if not path.startswith(("raw/objects", "raw/rec", "warehouse"))}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The World Bank's inbox in a home, with one good file; a secret lies outside the home."""
    folder = tmp_path / "home" / "raw" / "inbox" / "world_bank"
    folder.mkdir(parents=True)
    (folder / "good.json").write_bytes(GOOD)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.json").write_bytes(GOOD.replace(b"Patents", WORD.encode()))
    return folder


def stored(home: Path) -> bytes:
    """All that the home keeps of what came in."""
    return b"".join(p.read_bytes() for p in (home / "raw").rglob("*") if p.is_file())


@pytest.mark.parametrize("target", ["file", "folder", "chain", "inbox"])
def test_links_out_of_the_inbox_are_named_and_not_followed(
    inbox: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    tally.count("hostile files")
    outside, home = tmp_path / "outside", tmp_path / "home"
    match target:
        case "file":
            (inbox / "link.json").symlink_to(outside / "secret.json")
        case "folder":
            (inbox / "2026-01-28").symlink_to(outside)
        case "chain":
            (inbox.parent / "hop").symlink_to(outside)
            (inbox / "link.json").symlink_to("../hop/secret.json")
        case "inbox":
            outside.rename(tmp_path / "elsewhere")
            inbox.rename(outside)
            (outside / "good.json").unlink()
            (tmp_path / "elsewhere" / "secret.json").rename(outside / "secret.json")
            inbox.symlink_to(outside)
    with caplog.at_level(logging.WARNING):
        landings = run(world_bank.SOURCE, home)
    assert [row["file"] for row in landings] == ([] if target == "inbox" else ["good.json"])
    assert WORD.encode() not in b"".join(
        p.read_bytes() for p in (home / "raw" / "objects").rglob("*") if p.is_file()
    )
    if target != "inbox":
        assert "a link out of the inbox: copy the file" in caplog.text


@pytest.mark.parametrize(
    "name",
    [
        b"two\nlines.json", b"bell\a.json", b"\x1b[2J.json", b"back\rspace.json", b"\xff\xfe.json",
        "turned\u202enosj.json".encode(), "para\u2029graph.json".encode(), b"delete\x7f.json",
    ],
)  # fmt: skip
def test_names_that_cannot_be_shown_are_told_by_number_and_not_taken(
    inbox: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: bytes
) -> None:
    tally.count("hostile files")
    (Path(os.fsdecode(bytes(inbox) + b"/" + name))).write_bytes(GOOD + b" ")
    with caplog.at_level(logging.INFO):
        landings = run(world_bank.SOURCE, tmp_path / "home")
    assert [row["file"] for row in landings] == ["good.json"]
    told = [r.getMessage() for r in caplog.records if "not taken" in r.getMessage()]
    assert len(told) == 1
    assert told[0].isascii()
    assert told[0].isprintable()
    assert "rename it" in told[0]


@pytest.mark.parametrize(
    "name",
    ["*.csv", "[a-z]*.csv", "?ood.csv", "_schema.csv", "green__refused.csv", "good.00001.csv",
     "..csv", "...csv", "n" * 251 + ".csv", "名" * 83 + ".csv", "-rf.csv", "~.csv", "$(id).csv",
     "good.csv.csv", "GOOD.CSV", "a'; drop table x; --.csv"],
    ids=lambda name: name[:20],
)  # fmt: skip
def test_a_name_stands_for_its_own_file_alone(tmp_path: Path, name: str) -> None:
    """Where a file replaces the one of its name: not others, nothing of ours, nothing elsewhere."""
    tally.count("hostile files")
    folder = tmp_path / "raw" / "inbox" / "ipc"
    folder.mkdir(parents=True)
    (folder / "good.csv").write_text(GREEN.format(symbol="H01L31/00"))
    run(ipc.SOURCE, tmp_path)
    before = tree(tmp_path)
    (folder / name).write_text(GREEN.format(symbol="F03D1/00"))
    visible = not name.startswith(".")
    for _ in range(2):  # the second run must find everything judged
        landings = run(ipc.SOURCE, tmp_path)
        landed = sorted(row["file"] for row in landings)
        assert landed == sorted(["good.csv", name] if visible else ["good.csv"])
        assert {row["outcome"] for row in landings} == {"landed"}
        rows = lander(ipc.SOURCE, tmp_path).accepted("green")
        assert sorted(rows["raw_file"].to_list()) == landed
    assert tree(tmp_path) == before | {f"raw/inbox/ipc/{name}"}
    schema = tmp_path / "warehouse" / "landed" / "ipc" / "green" / "_schema.parquet"
    assert schema.exists()
    (folder / name).unlink()


def zipped(members: Iterable[tuple[str, bytes]], **link: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(info, content)
        for name, target in link.items():
            info = zipfile.ZipInfo(f"{name}.json")
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            bundle.writestr(info, target)
    return buffer.getvalue()


def overlapping(count: int, size: int) -> bytes:
    """Members that share one piece of packed bytes: each is within its bounds."""
    one = zipped([("a.csv", b"0" * size)])
    with zipfile.ZipFile(io.BytesIO(one)) as bundle:
        place = bundle.start_dir
    body, directory = one[:place], one[place:-22]
    end = bytearray(one[-22:])
    end[8:10] = end[10:12] = count.to_bytes(2, "little")
    end[12:16] = (len(directory) * count).to_bytes(4, "little")
    return body + directory * count + bytes(end)


ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "climbs.zip": (lambda: zipped([("../../../climbed.json", GOOD + b" ")]), ""),
    "absolute.zip": (lambda: zipped([("/ipw-absolute.json", GOOD + b"  ")]), ""),
    "link.zip": (lambda: zipped([], link="/etc/passwd"), "link.json"),
    "nested.zip": (lambda: zipped([("inner.zip", zipped([("a.json", GOOD)]))]), "zip within a zip"),
    "bomb.zip": (lambda: zipped([("a.json", b" " * 100_000_000)]), "never packed 200-fold"),
    "many.zip": (lambda: zipped((f"{n}.json", b"[]") for n in range(51)), "51 members"),
    "overlap.zip": (lambda: overlapping(50, 5_000_000), "packed"),
    "empty.zip": (lambda: zipped([]), "0 members"),
}


def test_zips_reach_nothing_and_take_nothing(inbox: Path, tmp_path: Path) -> None:
    """Every one beside the good file: refused by name, or landed like any file it holds."""
    for name, (make, _) in ZIPS.items():
        tally.count("hostile files")
        (inbox / name).write_bytes(make())
    before = tree(tmp_path / "home")
    landings = {row["file"]: row for row in run(world_bank.SOURCE, tmp_path / "home")}
    assert landings["good.json"]["outcome"] == "landed"
    for name, (_, told) in ZIPS.items():
        if told:
            assert landings[name]["outcome"] == "refused", name
            assert name in landings[name]["message"]
            assert told in landings[name]["message"], landings[name]["message"]
    assert tree(tmp_path / "home") == before
    assert not (tmp_path / "climbed.json").exists()
    assert not Path("/ipw-absolute.json").exists()


def test_zips_of_large_files_are_bounded_too(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "inbox" / "uspto"
    folder.mkdir(parents=True)
    zips = {
        "bomb.zip": (zipped([("a.csv", b"0" * 100_000_000)]), "more than 200 for one"),
        "overlap.zip": (overlapping(100, 16_000_000), "more than 200 for one"),
        "many.zip": (zipped((f"{n}.csv", b"a") for n in range(1001)), "1001 members"),
        "climbs.zip": (zipped([("../../x.csv", b"a,b\n1,2\n")]), "climbs.zip"),
        "nested.zip": (zipped([("inner.csv", zipped([("a.csv", b"a,b\n")]))]), "inner.csv"),
    }
    for name, (content, _) in zips.items():
        tally.count("hostile files")
        (folder / name).write_bytes(content)
    landings = {row["file"]: row for row in run(patent_register.SOURCE, tmp_path)}
    for name, (_, told) in zips.items():
        assert landings[name]["outcome"] == "refused"
        assert told in landings[name]["message"], landings[name]["message"]
    assert not list(tmp_path.rglob("x.csv"))
