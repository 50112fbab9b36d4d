"""How fast files of the register's formats land, and in how much memory: prints a row per adapter.

    .venv/bin/python -m tests.bench.landing [--records 300000] [--bad 0.01] [adapter …]

Each file is written here, so the figures need no data from outside: a record has the columns that
the format's real exports have, one owner, three symbols, and `bad` of them break the contract. Not
here: whether what lands is right (tests/register).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from contracts.patent_numbers import cn_check_digit
from pipelines import ingest
from pipelines.settings import Settings
from pipelines.source import Notes
from pipelines.sources.patent_register import ADAPTERS, SOURCE

#: First days of filing, publication and grant of every record; a bad one was filed in month 13.
_FILED, _BAD, _PUBLISHED, _GRANTED = "2015-03-02", "2015-13-02", "2016-09-07", "2018-05-11"
_SYMBOLS = ("H01L21/02", "G06F17/30", "A61K31/00")


def _application(n: int) -> str:
    digits = f"{2010 + n % 10}1{n // 10:07}"
    return f"CN{digits}.{cn_check_digit(digits)}"


def _cnipa_export(n: int, filed: str) -> str:
    number = _application(n)
    return (
        f"{number},{number[:-2]},{filed.replace('-', '.')},CN{100000000 + n}B,"
        f"{_GRANTED.replace('-', '.')},一种第{n}号的装置及其方法,第{n % 9999}研究院;,湖北,"
        f"{';'.join(_SYMBOLS)},有效\n"
    )


def _lens(n: int, filed: str) -> str:
    return (
        f"{n},US,B2,US {8000000 + n} B2,004-{n:012},{_GRANTED},2018,US 2015{n:08} A,{filed},"
        f"US 2015{n:08} A,{filed},A device of number {n},MAKER {n % 9999} INC,"
        f"MAKER {n % 9999} INC (2017-01-05),Granted Patent,004-{n:012};;005-{n:012},WO;;US;;CN,"
        f"{';;'.join(_SYMBOLS)},Active\n"
    )


def _google_csv(n: int, filed: str) -> str:
    return (
        f'CN-{100000000 + n}-B,A device of number {n},"An abstract, as long as they mostly are, of '
        f'what the device is and does, and how it is made and used.",{_GRANTED.replace("-", "")},'
        f'{filed.replace("-", "")},"{",".join(_SYMBOLS)}",MAKER {n % 9999} INC\n'
    )


def _google_json(n: int, filed: str) -> str:
    record = {
        "publication_number": f"CN-{100000000 + n}-B",
        "application_number": f"CN-{2010 + n % 10}1{n // 10:07}-A",
        "country_code": "CN",
        "kind_code": "B",
        "family_id": str(50000000 + n),
        "title_localized": [{"text": f"A device of number {n}", "language": "en"}],
        "publication_date": int(_GRANTED.replace("-", "")),
        "filing_date": int(filed.replace("-", "")),
        "grant_date": int(_GRANTED.replace("-", "")),
        "priority_date": 0,
        "assignee_harmonized": [{"name": f"MAKER {n % 9999} INC", "country_code": "CN"}],
        "ipc": [{"code": code, "first": at == 0} for at, code in enumerate(_SYMBOLS)],
    }
    return json.dumps(record) + "\n"


def _epo_ops(n: int, filed: str) -> str:
    def reference(tag: str, number: str, kind: str, day: str) -> str:
        return (
            f'<{tag}><document-id document-id-type="docdb"><country>EP</country>'
            f"<doc-number>{number}</doc-number><kind>{kind}</kind><date>{day.replace('-', '')}"
            f"</date></document-id></{tag}>"
        )

    symbols = "".join(
        f'<classification-ipcr sequence="{at}"><text>{code[:4]}  {code[4:]}            A I'
        "</text></classification-ipcr>"
        for at, code in enumerate(_SYMBOLS)
    )
    return (
        f'<exchange-document country="EP" doc-number="{2000000 + n}" kind="B1" family-id="{n}">'
        f"<bibliographic-data>"
        f"{reference('publication-reference', f'{2000000 + n}', 'B1', _GRANTED)}"
        f"{reference('application-reference', f'{10000000 + n}', 'A', filed)}"
        f"<classifications-ipcr>{symbols}</classifications-ipcr><parties><applicants>"
        f'<applicant data-format="epodoc"><applicant-name><name>MAKER {n % 9999} INC [US]</name>'
        "</applicant-name></applicant></applicants></parties>"
        f'<invention-title lang="en">A device of number {n}</invention-title>'
        "</bibliographic-data></exchange-document>\n"
    )


def _cnipa_xml(n: int, filed: str) -> str:
    def reference(tag: str, number: str, kind: str, day: str) -> str:
        return (
            f'<{tag} dataFormat="original"><DocumentID><WIPOST3Code>CN</WIPOST3Code>'
            f"<DocNumber>{number}</DocNumber><Kind>{kind}</Kind><Date>{day.replace('-', '')}</Date>"
            f"</DocumentID></{tag}>"
        )

    symbols = "".join(
        f"<ClassificationIPCR><Text>{code}(2006.01)I</Text></ClassificationIPCR>"
        for code in _SYMBOLS
    )
    return (
        '<PatentDocumentAndRelated country="CN"><BibliographicData>'
        f"{reference('PublicationReference', f'{100000000 + n}', 'B', _GRANTED)}"
        f"{reference('ApplicationReference', _application(n)[2:], 'A', filed)}{symbols}"
        f"<InventionTitle>一种第{n}号的装置</InventionTitle><Applicant><AddressBook>"
        f"<Name>第{n % 999}研究院</Name><Address>"
        "<WIPOST3Code>CN</WIPOST3Code><Province>湖北</Province></Address>"
        "</AddressBook></Applicant></BibliographicData></PatentDocumentAndRelated>\n"
    )


def _pledges(n: int, filed: str) -> str:
    return (
        f"Y{2020 + n % 5}98{n // 3:07},{filed if filed == _BAD else _GRANTED},,第{n % 9999}研究院,"
        f"第{n % 99}银行,{_application(n)},{n % 500 + 1}万元\n"
    )


def _awards(n: int, filed: str) -> str:
    year = 2000 if filed == _BAD else 2020
    return f"中国专利奖,{year - 1998 if year == 2020 else '最近'},{year},优秀奖,{_application(n)}\n"


def _fees(n: int, filed: str) -> str:
    return (
        f"{4000000 + n:013} {n % 10**8:08} N {filed.replace('-', '')} 20160907 "
        f"{'20221345' if filed == _BAD else '20200407'} M1551\n"
    )


def _patentsview(n: int, filed: str) -> str:
    day = filed if filed == _BAD else _GRANTED
    return f'{8000000 + n}\t"utility"\t{day}\t"A device of number {n}"\t"B2"\t17\t0\n'


#: Name of a run: adapter, file name, what stands before and after the records, one record.
_FORMATS: dict[str, tuple[str, str, str, str, Callable[[int, str], str]]] = {
    "cnipa_export": (
        "cnipa_export",
        "export.csv",
        "申请号,申请号_无校验位,申请日,公开公告号,公开公告日,发明名称,申请人,申请人国别省市,"
        "IPC分类号,法律状态\n",
        "",
        _cnipa_export,
    ),
    "lens": (
        "lens",
        "export.csv",
        "#,Jurisdiction,Kind,Display Key,Lens ID,Publication Date,Publication Year,"
        "Application Number,Application Date,Priority Numbers,Earliest Priority Date,Title,"
        "Applicants,Owners,Document Type,Simple Family Members,Simple Family Member Jurisdictions,"
        "IPCR Classifications,Legal Status\n",
        "",
        _lens,
    ),
    "google_csv": (
        "google_patents",
        "export.csv",
        "publication_number,title,abstract,publication_date,filing_date,ipc_codes,assignees\n",
        "",
        _google_csv,
    ),
    "google_json": ("google_patents", "export.jsonl", "", "", _google_json),
    "google_parquet": ("google_patents", "export.parquet", "", "", _google_json),
    "epo_ops": (
        "epo_ops",
        "answer.xml",
        '<?xml version="1.0"?>\n<world-patent-data><exchange-documents>\n',
        "</exchange-documents></world-patent-data>\n",
        _epo_ops,
    ),
    "cnipa_xml": (
        "cnipa_xml",
        "documents.xml",
        '<?xml version="1.0"?>\n<Documents>\n',
        "</Documents>\n",
        _cnipa_xml,
    ),
    "pledges": (
        "pledges",
        "pledges.csv",
        "登记号,登记日,解除日,出质人,质权人,专利号,金额\n",
        "",
        _pledges,
    ),
    "awards": ("awards", "awards.csv", "奖项,届次,年份,等级,专利号\n", "", _awards),
    "fees": ("uspto", "MaintFeeEvents.txt", "", "", _fees),
    "patentsview": (
        "uspto",
        "g_patent.tsv",
        "patent_id\tpatent_type\tpatent_date\tpatent_title\twipo_kind\tnum_claims\twithdrawn\n",
        "",
        _patentsview,
    ),
}


def _write(path: Path, name: str, records: int, bad: float) -> None:
    _, _, before, after, record = _FORMATS[name]
    every = round(1 / bad) if bad else records + 1
    with path.open("w", encoding="utf-8") as file:
        file.write(before)
        file.writelines(record(n, _FILED if n % every or not n else _BAD) for n in range(records))
        file.write(after)
    if path.suffix == ".parquet":
        pl.scan_ndjson(path).sink_parquet(path.with_suffix(".tmp"), row_group_size=100_000)
        path.with_suffix(".tmp").replace(path)


def _measured(name: str, records: int, bad: float) -> Iterator[str]:
    adapter, file_name, *_ = _FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        path = settings.inbox / adapter / file_name
        path.parent.mkdir(parents=True)
        writer = multiprocessing.get_context("spawn").Process(
            target=_write, args=(path, name, records, bad)
        )
        writer.start()
        writer.join()  # in a process of its own, so that its memory does not count
        started = time.perf_counter()
        rows = sum(frame.height for _, frame in ADAPTERS[adapter](path, file_name, Notes()))
        read = time.perf_counter() - started
        ingest.collect(SOURCE, settings, live=False)
        started, used = time.perf_counter(), time.process_time()
        done = ingest.land(SOURCE, settings)
        landing, used = time.perf_counter() - started, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        kept_out = sum(one.rows_quarantined for one in done)
        outcomes = {one.outcome for one in done}
        yield (
            f"{name:15}{records:>10,}{rows:>12,}{kept_out:>9,}{read:>8.1f}{landing:>8.1f}"
            f"{used:>8.1f}{records / read:>12,.0f}{records / landing:>12,.0f}{peak:>8.0f}"
            f"  {', '.join(outcomes)}"
        )


def _print(name: str, records: int, bad: float) -> None:
    for line in _measured(name, records, bad):
        print(line, flush=True)


def main() -> None:
    """Measure every adapter in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("adapters", nargs="*", choices=[*_FORMATS, []], default=[])
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--bad", type=float, default=0.01)
    given = parser.parse_args()
    print(
        f"{'format':15}{'records':>10}{'rows':>12}{'kept out':>9}{'read s':>8}{'land s':>8}"
        f"{'CPU s':>8}"
        f"{'records/s':>12}{'landed/s':>12}{'peak MB':>8}"
    )
    for name in given.adapters or _FORMATS:
        child = multiprocessing.get_context("spawn").Process(
            target=_print, args=(name, given.records, given.bad)
        )
        child.start()
        child.join()


if __name__ == "__main__":
    main()
