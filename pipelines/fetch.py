"""The only code that touches the network: bounded, patient, honest, and never silent.

One `Client` per source and run. It stores every body and leaves a receipt for every attempt.
Retries live here and nowhere else. Not here: what to ask (a source module) or what bytes mean.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests
import urllib3
from urllib3.util.retry import Retry

from pipelines.answers import (
    Fetched,
    FetchError,
    Refused,
    answered,
    failure,
    reason_of,
    redirect,
)
from pipelines.conditional import NOT_MODIFIED, Held
from pipelines.hourly import Hourly
from pipelines.raw_store import Outcome, RawStore, Receipt, now
from pipelines.secrecy import Secrets, without_secrets
from pipelines.settings import Settings
from pipelines.source import Source, SourceFormatError
from pipelines.transport import Adapter, at_most

log = logging.getLogger("ipw")
# It tells of every retry with the whole address, keys and all; receipts tell of them without.
logging.getLogger("urllib3").setLevel(logging.ERROR)
USER_AGENT = "ip-warehouse/0.1 (open statistics of intellectual property; python-requests)"
MAX_REDIRECTS = 5
RETRY_STATUSES = (429, 500, 502, 503, 504)
#: Statuses by which a service says that it will not answer us now.
REFUSALS = (401, 403, 429)


@dataclass
class FetchReport:
    """What one fetch of one source did."""

    receipts: list[Receipt] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """How many attempts ended so."""
        return sum(receipt.outcome == outcome for receipt in self.receipts)

    @property
    def errors(self) -> list[str]:
        """One message per failed attempt."""
        return [
            f"{r.name}: {str(r.error).removeprefix(f'{r.name}: ')}"
            for r in self.receipts
            if r.outcome == "failed"
        ]


class Client:
    """Asks one source's address, politely."""

    def __init__(self, source: Source, store: RawStore, settings: Settings) -> None:
        self.source = source
        self.settings = settings
        self.base_url = settings.base_url(source.id, source.default_base_url)
        self.report = FetchReport()
        #: Whether a request was refused: the rest of the fetch is better left undone.
        self.refused = False
        self._secrets = Secrets(self.base_url)
        self._store = store
        self._hourly: Hourly | None = None
        self._held: Held | None = None
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        self._last_request = -float("inf")
        # Where downloads are counted, asking again at once only makes the wait longer.
        counted = (429,) if source.downloads_an_hour else ()
        retry = Retry(
            # Where requests keep a distance, nothing asks again but the next fetch.
            total=0 if source.seconds_between_requests else settings.retries,
            backoff_factor=settings.backoff_seconds,
            status_forcelist=set(RETRY_STATUSES).difference(counted),
            allowed_methods=("GET",),
            respect_retry_after_header=True,
            retry_after_max=settings.max_retry_after_seconds,
            raise_on_status=False,
            redirect=0,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, Adapter(max_retries=retry))

    @contextmanager
    def batch(self, label: str) -> Iterator[Batch]:
        """Requests that land together or not at all, such as the pages of one series.

        A FetchError or SourceFormatError inside ends the batch: what came before is recorded as
        `incomplete`, the failure is recorded, and the caller goes on with the next batch.
        """
        batch = Batch(self, label)
        try:
            yield batch
        except (FetchError, SourceFormatError) as error:
            self.refused |= isinstance(error, Refused)
            failed = batch.pending[-1:] if isinstance(error, SourceFormatError) else []
            for fetched in batch.pending[: len(batch.pending) - len(failed)]:
                self._record(fetched, outcome="incomplete")
            if failed:
                self._record(failed[0], outcome="failed", error=str(error))
            else:
                begun = getattr(error, "receipt", None) or self._blank(label, batch.url)
                self._write(replace(begun, error=str(error), finished_at=now()))
        else:
            parts = len(batch.pending)
            together = {"batch": uuid.uuid4().hex, "parts": parts} if parts > 1 else {}
            for fetched in batch.pending:
                self._record(fetched, **together)

    def take(self, path: Path, url: str, release_date: str | None = None) -> None:
        """Take a local file as a payload: one that the checkout carries or a person dropped."""
        receipt = replace(self._blank(path.name, url), release_date=release_date)
        limit = self.settings.max_file_bytes
        size = path.stat().st_size
        if size > limit:
            self._write(replace(receipt, error=f"the file is larger than {limit} bytes"))
            return
        digest, new = self._store.put_file(path)
        outcome: Outcome = "stored" if new else "unchanged"
        self._write(replace(receipt, outcome=outcome, sha256=digest, size=size, finished_at=now()))

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        label: str,
        also: Collection[int] = (),
        *,
        question: Any = None,
        redirects: bool = True,
    ) -> Fetched:
        """One bounded GET, retried as the session's policy says. Raises FetchError.

        Where the server gave its last answer a mark, it is asked whether that still stands; if so,
        the bytes that we hold are the answer.

        also: statuses beside 200 whose body is an answer, such as 404 for no records. question: a
        JSON value to be sent in the body of a POST instead, which is not retried. redirects: False
        where a service redirects whom it does not want; that is Refused.
        """
        self._secrets.learn(params)
        receipt = self._blank(label, without_secrets(url, params))
        try:
            self._keep_within_the_hour(receipt)
            answers = {requests.codes.ok, *also}
            return self._get(url, params, receipt, answers, question, redirects)
        except FetchError as error:
            error.receipt = error.receipt or receipt
            raise

    def had_data(self, label: str, is_empty: Callable[[bytes], bool]) -> bool:
        """Whether an earlier answer to a request of this label held data."""
        answers = {
            attempt.sha256
            for attempt in self._store.attempts(self.source.id)
            if attempt.succeeded and attempt.sha256 and attempt.name == label
        }
        return any(not is_empty(self._store.get(answer)) for answer in answers)

    def _keep_within_the_hour(self, receipt: Receipt) -> None:
        """Count a download. Raises Refused when the hour's are used up, in this run or others."""
        limit = self.source.downloads_an_hour
        if limit is None:
            return
        if self._hourly is None:
            self._hourly = Hourly(limit, self._store.attempts(self.source.id))
        if used_up := self._hourly.used_up():
            raise failure(receipt, used_up, Refused, self.by_hand)
        self._hourly.count()

    @property
    def by_hand(self) -> str:
        """What a person can do when the service refuses."""
        folder = self.source.inbox_folders[0]
        return f"; ask again later, or drop its files into raw/inbox/{folder}/"

    def _get(
        self,
        url: str,
        params: Mapping[str, str],
        receipt: Receipt,
        answers: Collection[int],
        question: Any,
        redirects: bool,
    ) -> Fetched:
        deadline = time.monotonic() + self.settings.download_seconds
        query: Mapping[str, str] | None = params
        self._held = self._held or Held(self._store, self.source.id)
        asked = receipt
        conditions = self._held.conditions(asked) if question is None else {}
        for _ in range(MAX_REDIRECTS + 1):
            try:
                with self._ask(url, query, receipt, question, conditions) as response:
                    if response.is_redirect and not redirects:
                        reason = f"HTTP {response.status_code}: redirected"
                        raise failure(receipt, reason, Refused, self.by_hand)
                    if response.is_redirect:
                        url, query = redirect(url, response.headers["location"]), None
                        continue
                    receipt = answered(receipt, response)
                    content = self._body(response, deadline, receipt.url)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise failure(receipt, reason_of(error)) from error
            receipt = replace(receipt, finished_at=now())
            if self._hourly is not None:
                # A repeated request counts again.
                self._hourly.count(len(receipt.retried_after))
            if conditions and response.status_code == NOT_MODIFIED:
                head = {**self._held.headers(asked), **receipt.headers}
                return Fetched(self._held.content(asked), replace(receipt, headers=head))
            if response.status_code not in answers:
                # Keys are taken out before the text is cut: half a key is a key, too.
                text = self._secrets.shown(content[:5000].decode("utf-8", "replace"))
                start = text[:120].replace("\n", " ")
                reason = f"HTTP {response.status_code}: {start}"
                if response.status_code in REFUSALS:
                    raise failure(receipt, reason, Refused, self.by_hand)
                raise failure(receipt, reason)
            if self._secrets.stand_in(content):
                raise failure(receipt, "the answer repeats a key or password; it is not kept")
            return Fetched(content, receipt)
        raise FetchError(f"{receipt.url}: more than {MAX_REDIRECTS} redirects")

    def _ask(
        self,
        url: str,
        query: Mapping[str, str] | None,
        receipt: Receipt,
        question: Any,
        headers: Mapping[str, str],
    ) -> requests.Response:
        """One request, its body not yet read; not sooner after the last than the source bears."""
        distance = self.source.seconds_between_requests
        time.sleep(max(0.0, self._last_request + distance - time.monotonic()))
        self._last_request = time.monotonic()
        try:
            return self._session.request(
                "GET" if question is None else "POST",
                url,
                params=query,
                json=question,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=self.settings.request_seconds,
            )
        except requests.RequestException:
            raise
        except ValueError as error:
            # requests reads a redirect's address even when told not to go there.
            raise failure(receipt, f"redirects to no address: {error}") from error

    def _body(self, response: requests.Response, deadline: float, shown: str) -> bytes:
        """Read a body (decompressed) up to the size and time allowed."""
        limit = self.settings.max_download_bytes
        pieces: list[bytes] = []
        size = 0
        # The thread ends what never ends by itself: a chunk's length can drip, too.
        with at_most(deadline - time.monotonic(), response.raw.shutdown) as over:
            try:
                # What has come is taken as it comes: a slow drip is seen at its first late drop.
                while not over.is_set() and (piece := response.raw.read1(2**16, True)):
                    size += len(piece)
                    if size > limit:
                        raise FetchError(f"{shown}: the body is larger than {limit} bytes")
                    pieces.append(piece)
            except urllib3.exceptions.HTTPError:
                if not over.is_set():
                    raise
            if over.is_set():
                raise FetchError(
                    f"{shown}: the body took longer than {self.settings.download_seconds} s"
                )
        return b"".join(pieces)

    def _blank(self, name: str, url: str, error: str | None = None) -> Receipt:
        moment = now()
        return Receipt(
            source_id=self.source.id,
            outcome="failed",
            name=name,
            url=url,
            requested_at=moment,
            finished_at=moment,
            licence=self.source.licence.id,
            error=error,
        )

    def _record(self, fetched: Fetched, **changes: Any) -> None:
        digest, new = self._store.put(fetched.content)
        changes = {"outcome": "stored" if new else "unchanged", **changes}
        changes.update(sha256=digest, size=len(fetched.content))
        self._write(replace(fetched.receipt, **changes))

    def _write(self, receipt: Receipt) -> None:
        receipt = self._secrets.removed(receipt)
        self._store.record(receipt)
        self.report.receipts.append(receipt)


class Batch:
    """The requests of one unit; see Client.batch."""

    def __init__(self, client: Client, label: str) -> None:
        self._client = client
        self.label = label
        self.url = without_secrets(client.base_url)
        self.pending: list[Fetched] = []
        self._deadline = time.monotonic() + client.settings.unit_seconds

    def get(
        self,
        path: str,
        params: Mapping[str, str],
        part: str = "",
        also: Collection[int] = (),
        **how: Any,
    ) -> bytes:
        """GET base_url + path; the body is kept until the batch is complete. See Client.get."""
        url = self._client.base_url + path
        self.url = without_secrets(url, params)
        self._keep_within_bounds()
        log.info("%s: asking for %s%s", self._client.source.id, self.label, part)
        fetched = self._client.get(url, params, self.label + part, also, **how)
        self.pending.append(fetched)
        return fetched.content

    def _keep_within_bounds(self) -> None:
        """Raises FetchError when what has come is enough: pages without end are no series."""
        limits = self._client.settings
        if sum(len(fetched.content) for fetched in self.pending) > limits.max_download_bytes:
            raise FetchError(
                f"{self.label}: {len(self.pending)} answers are together larger than "
                f"{limits.max_download_bytes} bytes, and there are more"
            )
        if time.monotonic() > self._deadline:
            raise FetchError(
                f"{self.label}: {len(self.pending)} answers took longer than "
                f"{limits.unit_seconds:g} s together, and there are more"
            )

    def released(self, release_date: str | None) -> None:
        """Note the source's own release date on the latest answer."""
        self.pending[-1].receipt = replace(self.pending[-1].receipt, release_date=release_date)

    def forget(self) -> None:
        """Drop the latest answer from the unit: it was read, and is no data that should land."""
        fetched = self.pending.pop()
        self._client._record(fetched, outcome="incomplete")
