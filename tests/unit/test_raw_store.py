"""Raw bytes on disk: stored once, receipts for every attempt, and no half file, whatever dies.

Not here: what the network answers (tests/pipeline), what bytes mean.
"""

import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.fetch import Client
from pipelines.files import write_atomic, write_bytes, write_json
from pipelines.raw_store import RawStore, Receipt
from pipelines.settings import Settings
from pipelines.sources.official_releases import SOURCE

CONTENT = "专利,1\n".encode()
DIGEST = "59f34b3e98e28bc49289840534c1305881c47981f09de440991b7c962e2749dc"


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def receipt(requested_at: str = "2026-11-22T01:02:03.000004+00:00") -> Receipt:
    return Receipt(
        source_id="some_source",
        outcome="failed",
        name="page 1",
        url="https://example.org/a",
        requested_at=requested_at,
        finished_at=requested_at,
        licence="CC-BY-4.0",
        http_status=503,
        error="no answer",
    )


def test_bytes_are_stored_once_under_their_sha256(tmp_path: Path) -> None:
    store = RawStore(tmp_path)

    assert store.put(CONTENT) == (DIGEST, True)
    (stored,) = files(tmp_path)
    assert stored == tmp_path / "objects" / DIGEST[:2] / DIGEST
    before = stored.stat()

    assert store.put(CONTENT) == (DIGEST, False)
    assert files(tmp_path) == [stored]
    assert (stored.stat().st_mtime_ns, stored.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert store.get(DIGEST) == CONTENT == stored.read_bytes()


@pytest.mark.parametrize("altered", [CONTENT + b"\n", CONTENT[:-1], b""])
def test_altered_bytes_are_not_given_out(tmp_path: Path, altered: bytes) -> None:
    store = RawStore(tmp_path)
    store.put(CONTENT)
    store.path(DIGEST).write_bytes(altered)

    with pytest.raises(ValueError, match=rf"{DIGEST} was altered.*restore it.*or delete it"):
        store.get(DIGEST)


def test_an_altered_object_can_be_deleted_and_fetched_again(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    store.put(CONTENT)
    store.path(DIGEST).write_bytes(b"altered")
    store.path(DIGEST).unlink()

    assert store.put(CONTENT) == (DIGEST, True)
    assert store.get(DIGEST) == CONTENT


def test_every_attempt_leaves_a_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IPW_OFFICIAL_RELEASES_BASE_URL", raising=False)
    home, file = tmp_path / "home", tmp_path / "plans.csv"
    file.write_bytes(CONTENT)
    settings = Settings(home=home, max_file_bytes=len(CONTENT))
    client = Client(SOURCE, RawStore(settings.raw), settings)

    client.take(file, file.name)  # new
    client.take(file, file.name, "2026-01-28")  # seen before
    file.write_bytes(CONTENT + b"1")
    client.take(file, file.name)  # one byte more than is allowed

    receipts = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((settings.raw / "receipts" / "official_releases").glob("*/*.json"))
    ]
    assert [r["outcome"] for r in receipts] == ["stored", "unchanged", "failed"]
    assert [r["sha256"] for r in receipts] == [DIGEST, DIGEST, None]
    assert [r["size"] for r in receipts] == [len(CONTENT), len(CONTENT), None]
    assert [r["release_date"] for r in receipts] == [None, "2026-01-28", None]
    assert {r["name"] for r in receipts} == {"plans.csv"}
    assert {r["licence"] for r in receipts} == {"cite-source"}
    assert f"larger than {len(CONTENT)} bytes" in receipts[2]["error"]
    assert all(r["requested_at"] <= r["finished_at"] for r in receipts)
    assert len(files(settings.raw / "objects")) == 1


def test_receipts_come_back_as_they_were_oldest_first(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    late = receipt("2026-11-22T01:02:03.000005+00:00")
    early = receipt("2026-11-22T01:02:03.000004+00:00")
    day_before = receipt("2026-11-21T23:59:59.999999+00:00")
    for one in (late, early, day_before, replace(early, source_id="other")):
        store.record(one)

    assert list(store.attempts("some_source")) == [day_before, early, late]
    assert list(store.attempts("never_asked")) == []


def test_a_batch_counts_only_when_all_its_receipts_are_there(tmp_path: Path) -> None:
    """A run that dies between two receipts leaves a page of a series; it must not land alone."""
    store = RawStore(tmp_path)
    page = replace(receipt(), outcome="stored", sha256=DIGEST, batch="b", parts=2)
    alone = replace(receipt(), outcome="stored", sha256=DIGEST, receipt_id="c" * 32)
    store.record(replace(page, receipt_id="a" * 32))
    store.record(alone)
    assert [one.outcome for one in store.attempts("some_source")] == ["incomplete", "stored"]
    store.record(replace(page, receipt_id="b" * 32))
    assert [one.outcome for one in store.attempts("some_source")] == ["stored"] * 3


def test_two_attempts_at_one_moment_leave_two_receipts(tmp_path: Path) -> None:
    store = RawStore(tmp_path)
    one, two = receipt(), receipt()
    store.record(one)
    store.record(two)

    assert {r.receipt_id for r in store.attempts("some_source")} == {one.receipt_id, two.receipt_id}


def test_a_write_leaves_only_the_file(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "b.bin", b"1")
    write_bytes(tmp_path / "a" / "b.bin", b"2")
    write_json(tmp_path / "a" / "c.json", {"名": 1})

    assert [p.name for p in files(tmp_path)] == ["b.bin", "c.json"]
    assert (tmp_path / "a" / "b.bin").read_bytes() == b"2"
    assert json.loads((tmp_path / "a" / "c.json").read_text(encoding="utf-8")) == {"名": 1}
    assert (tmp_path / "a" / "b.bin").stat().st_mode & 0o777 == 0o644


def test_a_failing_writer_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "table.parquet"
    write_bytes(target, b"old")

    def half_then_fail(path: Path) -> None:
        path.write_bytes(b"ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomic(target, half_then_fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomic(tmp_path / "first.parquet", half_then_fail)

    assert files(tmp_path) == [target]
    assert target.read_bytes() == b"old"


WRITER = """
import os, signal, sys
from pathlib import Path
from pipelines.files import write_atomic

target, size, progress = Path(sys.argv[1]), int(sys.argv[2]), 1

def write(number):
    def fill(path):
        with path.open("wb", buffering=0) as stream:
            for _ in range(8):
                stream.write(bytes([number]) * (size // 8))
                os.write(progress, b".")  # an eighth is written
    return fill

for line in sys.stdin:  # one child a line, to be killed while it writes
    child = os.fork()
    if child == 0:
        number = int(line)
        while True:
            write_atomic(target, write(number))
            number = number % 250 + 1
    os.write(progress, b"%d\\n" % child)
    os.waitpid(child, 0)
    os.write(progress, b"gone\\n")
"""


def whole(path: Path, size: int) -> int | None:
    """The number that fills the file; None when it is not whole."""
    content = path.read_bytes()
    return content[0] if len(content) == size == content.count(content[:1]) else None


def test_a_killed_writer_leaves_the_old_or_the_new_file_whole(tmp_path: Path) -> None:
    """kill -9 at twenty-four points: while each eighth is written, and after one to three files.

    All the while a reader looks, and never meets a half.
    """
    target, size = tmp_path / "table.parquet", 1 << 20
    write_bytes(target, bytes(size))
    seen = set()
    command = [sys.executable, "-c", WRITER, str(target), str(size)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for attempt in range(24):
            nursery.stdin.write(b"%d\n" % (10 * attempt + 1))
            pid, eighths = b"", 0
            while not (pid.endswith(b"\n") and eighths > attempt):
                while not select.select([nursery.stdout], [], [], 0)[0]:
                    assert whole(target, size) is not None
                got = nursery.stdout.read(1)
                assert got, "the writer ended by itself"
                eighths += got == b"."
                pid += b"" if got == b"." else got
            os.kill(int(pid), signal.SIGKILL)
            assert nursery.stdout.readline().endswith(b"gone\n")
            number = whole(target, size)
            assert number is not None, attempt
            seen.add(number)
        nursery.stdin.close()

    killed_mid_way = [path for path in files(tmp_path) if path != target]
    assert killed_mid_way, "no kill came while a file was being written"
    assert len(seen) > 8, "the writer never got to its end"
    # What a killed writer leaves is never taken for a table or a receipt.
    assert [p.name for p in tmp_path.glob("*.parquet")] == ["table.parquet"]
    assert not [p for p in killed_mid_way if not p.name.endswith(".tmp")]
