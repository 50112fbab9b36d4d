"""CNIPA's XML: documents and legal status records, read safely and completely."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from adapted import divided, rejected, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.ipc import normalise
from pipelines.source import SourceFormatError
from pipelines.sources.patent_register import cnipa_xml, xml_stream

FILES = (
    "CN101985000000312CN00000851003120AFULZH19870204CN00Z.XML",
    "CN102009000190429CN00001020256780AFULZH20110420CN00R.XML",
    "CN102010000298420CN00001019453140BFULZH20190802CN00D.XML",
    "CN102019000302430CN00001100838310AFULZH20190802CN00G.XML",
)
NS = {
    "business": "http://www.sipo.gov.cn/XMLSchema/business",
    "base": "http://www.sipo.gov.cn/XMLSchema/base",
}
XMLNS = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
HEAD = '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
DOCTYPE = '<!DOCTYPE business:PatentDocumentAndRelated SYSTEM "/DTDS/entities.dtd"[]>\n'


def reference(tag: str, number: str, day: str, kind: str = "", form: str = "original") -> str:
    return (
        f'<business:{tag} dataFormat="{form}"><base:DocumentID><base:WIPOST3Code>CN'
        f"</base:WIPOST3Code><base:DocNumber>{number}</base:DocNumber>"
        + (f"<base:Kind>{kind}</base:Kind>" if kind else "")
        + f"<base:Date>{day}</base:Date></base:DocumentID></business:{tag}>"
    )


def party(tag: str, name: str, province: str = "湖北省", country: str = "CN") -> str:
    return (
        f'<business:{tag} dataFormat="original"><base:AddressBook><base:Name>{name}</base:Name>'
        f"<base:Address><base:Street>0</base:Street><base:Province>{province}</base:Province>"
        f"<base:WIPOST3Code>{country}</base:WIPOST3Code></base:Address></base:AddressBook>"
        f"</business:{tag}>"
    )


def document(*inside: str, attributes: str = "", kind: str = "B", day: str = "20210129") -> str:
    return (
        f"<business:PatentDocumentAndRelated {XMLNS} {attributes}><business:BibliographicData>"
        + reference("PublicationReference", "112256133", day, kind)
        + reference("ApplicationReference", "102020001172919", "20201028", form="standard")
        + reference("ApplicationReference", "202011172919.0", "20201028")
        + "".join(inside)
        + "</business:BibliographicData></business:PatentDocumentAndRelated>"
    )


def written(tmp_path: Path, text: str, head: str = HEAD) -> Path:
    path = tmp_path / "document.xml"
    path.write_bytes((head + text).encode())
    return path


@pytest.mark.parametrize("name", FILES)
def test_the_real_documents(name: str, shared_path: Callable[[str], Path]) -> None:
    path = shared_path(f"data/cnipa_xml/{name}")
    data = ElementTree.parse(path).find("business:BibliographicData", NS)  # noqa: S314
    assert data is not None
    result = tables(cnipa_xml, path)
    assert all(divided(result, table).failures.is_empty() for table in result)

    def text(path: str) -> str:
        return data.findtext(path, "", NS)

    (patent,) = result["patent"].to_dicts()
    own = "[@dataFormat='original']/base:DocumentID/base:"
    publication, application = (
        f"business:PublicationReference{own}",
        f"business:ApplicationReference{own}",
    )
    assert patent["publication_number"] == text(publication + "DocNumber") == str(int(name[19:32]))
    assert patent["kind_code"] == text(publication + "Kind")
    assert patent["application_number"] == "CN" + text(application + "DocNumber").split(".")[0]
    for column, source in (("publication_date", publication), ("filing_date", application)):
        assert patent[column].replace("-", "") == text(source + "Date")
    assert patent["grant_date"] == ("2019-08-02" if patent["kind_code"] == "B" else None)
    assert patent["title"] == text("business:InventionTitle")
    applicant = text(".//business:Applicant/base:AddressBook/base:Name")
    assert patent["applicants"] == applicant

    (owner,) = result["patent_owner"].to_dicts()
    province = text(".//business:Applicant//base:Province")
    regions = {"辽宁省": "CN-LN", "广东省": "CN-GD", "湖北省": "CN-HB"}
    assert (owner["owner_name"], owner["owner_region"]) == (applicant, regions[province])
    assert (owner["owner_country"], owner["valid_from"]) == ("CN", None)

    written = [e.text or "" for e in data.findall(".//business:ClassificationIPCR/base:Text", NS)]
    written += [
        e.text or ""
        for e in data.iterfind("business:ClassificationIPC/*[@dataFormat='original']", NS)
    ]
    symbols = result["ipc_assignment"]
    assert symbols["ipc_symbol"].to_list() == [normalise(t) for t in written]
    assert set(symbols["ipc_version"]) == {"1985.01" if "AFULZH1987" in name else "2006.01"}


def test_a_granted_document_names_owners_priorities_and_its_day(tmp_path: Path) -> None:
    priorities = "".join(
        f"<business:Priority><base:WIPOST3Code>US</base:WIPOST3Code><base:Date>{day}</base:Date>"
        "</business:Priority>"
        for day in ("20200301", "20191102")
    )
    text = document(
        "<business:InventionTitle>一种&alpha;方法</business:InventionTitle>",
        f"<business:PriorityDetails>{priorities}</business:PriorityDetails>",
        "<business:Parties>" + party("Applicant", "甲大学") + "</business:Parties>",
        "<business:AssigneeDetails>",
        party("Assignee", "乙公司", "台湾省") + party("Assignee", "Acme", "加州", "US"),
        party("Assignee", "丙", "0", "CN") + party("Assignee", "丁", "奥兹", "CN"),
        "</business:AssigneeDetails>",
        attributes='is_simulated="true"',
    )
    result = tables(cnipa_xml, written(tmp_path, text, HEAD + DOCTYPE))
    (patent,) = result["patent"].to_dicts()
    assert patent["application_number"] == "CN202011172919"
    assert (patent["priority_date"], patent["grant_date"]) == ("2019-11-02", "2021-01-29")
    assert patent["title"] == "一种α方法"  # by its ISO name: the type itself is not read
    assert patent["applicants"] == "甲大学"
    assert patent["is_simulated"] is True
    owners = result["patent_owner"].select("seq", "owner_country", "owner_region", "valid_from")
    assert owners.rows() == [
        (1, "TW", "CN-TW", "2021-01-29"),
        (2, "US", None, "2021-01-29"),
        (3, "CN", None, "2021-01-29"),
        (4, "CN", "奥兹", "2021-01-29"),
    ]
    reasons = rejected(result, "patent_owner")
    assert reasons == {1: {("owner_region", "奥兹"), ("is_simulated", "true")}}


def test_an_assignee_who_is_the_applicant_is_owner_since_filing(tmp_path: Path) -> None:
    text = document(
        party("Applicant", "甲大学"), party("Assignee", "甲大学"), kind="B", day="20210129"
    )
    (owner,) = tables(cnipa_xml, written(tmp_path, text))["patent_owner"].to_dicts()
    assert owner["valid_from"] is None


def test_many_documents_in_one_file_and_faulty_ones_among_them(tmp_path: Path) -> None:
    empty = f"<business:PatentDocumentAndRelated {XMLNS}/>"
    wrong = document().replace("202011172919.0", "202011172919.7")
    late = document(day="20190101", kind="A")
    result = tables(cnipa_xml, written(tmp_path, f"<all>{document()}{empty}{wrong}{late}</all>"))
    assert result["patent"]["raw_row"].to_list() == [1, 2, 3, 4]
    reasons = rejected(result, "patent")
    assert set(reasons) == {2, 3, 4}
    assert (None, "names_its_patent") in reasons[2]
    assert ("application_number", "202011172919.7") in reasons[3]
    assert reasons[4] == {(None, "dates_in_order")}


def event(code: str, value: str, information: str, day: str = "20220610") -> str:
    application = reference("ApplicationReference", "202011172919.0", "20201028")
    return (
        f'<business:PRSRecord PRSID="1">{application}'
        f"<business:PRSPublicationDate><base:Date>{day}</base:Date></business:PRSPublicationDate>"
        f"<business:PRSCode>{code}</business:PRSCode><business:PRSValue>{value}</business:PRSValue>"
        f"<business:PRSInformation>{information}</business:PRSInformation></business:PRSRecord>"
    )


def test_legal_status_records_are_events_on_their_day_of_effect(tmp_path: Path) -> None:
    records = (
        event("GR01", "授权", "授权", "20210129"),
        event("CF01", "专利权的终止", "申请日:20201028 授权公告日:20210129 终止日期:20211028"),
        event("PE01", "专利权质押合同登记的生效", "登记号:Y2022 登记生效日：2022.06.01 出质人:甲"),
        event("ZZ99", "未知", "未知"),
    )
    text = f"<business:PRS {XMLNS}>{''.join(records)}</business:PRS>"
    result = tables(cnipa_xml, written(tmp_path, text))
    assert set(result) == {"legal_event"}
    assert result["legal_event"].select(
        "raw_row", "application_number", "event_date", "gazette_date", "event_code"
    ).rows() == [
        (1, "CN202011172919", "2021-01-29", "2021-01-29", "GR01"),
        (2, "CN202011172919", "2021-10-28", "2022-06-10", "CF01"),
        (3, "CN202011172919", "2022-06-01", "2022-06-10", "PE01"),
        (4, "CN202011172919", "2022-06-10", "2022-06-10", "ZZ99"),
    ]
    kinds = result["legal_event"]["event_kind"].to_list()
    assert kinds == ["grant", "fee_lapse", "pledge_in_force", "unknown:ZZ99"]
    assert rejected(result, "legal_event") == {4: {("event_kind", "unknown:ZZ99")}}


BOMB = HEAD + '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n'
OUTSIDE = HEAD + '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'


@pytest.mark.parametrize(
    ("head", "text", "why"),
    [
        (BOMB, document("<x>&b;</x>"), "entity"),
        (OUTSIDE, document("<x>&a;</x>"), "entity"),
        (HEAD, "<other/>", "not CNIPA's XML"),
        (HEAD, document()[:-20], "line 2: no well-formed XML"),
        (HEAD, document("&alpha;"), "no well-formed XML"),  # no type is named that could know it
        (HEAD, document("<x>" * 300 + "</x>" * 300), "deeper"),
        ('<?xml version="1.0" encoding="gbk"?>', document(), "no well-formed XML"),
        ("", "", "no well-formed XML"),
    ],
)
def test_what_is_not_harmless_xml_of_the_office_is_refused(
    tmp_path: Path, head: str, text: str, why: str
) -> None:
    with pytest.raises(SourceFormatError, match=why):
        tables(cnipa_xml, written(tmp_path, text, head))


def test_a_record_is_bounded_and_the_text_of_a_document_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = document(party("Applicant", "甲"))
    ended = "</business:PatentDocumentAndRelated>"
    quoted = party("Applicant", "乙") + "<base:Paragraphs>长</base:Paragraphs>" * 5000
    full = text.replace(ended, f"<business:Description>{quoted}</business:Description>{ended}")
    cited = document(
        party("Applicant", "甲")
        + f"<business:ReferencesCited>{party('Applicant', '乙')}</business:ReferencesCited>"
    )
    for whole in (full, cited):
        found = tables(cnipa_xml, written(tmp_path, whole))
        assert found["patent_owner"]["owner_name"].to_list() == ["甲"]
    monkeypatch.setattr(xml_stream, "BYTES", 1_000_000)
    with pytest.raises(SourceFormatError, match="more than 1000000 bytes in one record"):
        tables(cnipa_xml, written(tmp_path, document("<x>" + "长" * 2_000_000 + "</x>")))
    monkeypatch.setattr(xml_stream, "ELEMENTS", 50)
    with pytest.raises(SourceFormatError, match="Related 1 with more than 50 elements in one rec"):
        tables(cnipa_xml, written(tmp_path, document("<x/>" * 60)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2000))
def test_junk_raises_nothing_but_source_format_errors(tmp_path: Path, junk: bytes, at: int) -> None:
    text = (HEAD + document(party("Applicant", "甲"))).encode()
    path = tmp_path / "junk.xml"
    path.write_bytes(text[:at] + junk + text[at + len(junk) :])
    try:
        result = tables(cnipa_xml, path)
    except SourceFormatError:
        return
    for table in result:
        split = divided(result, table)
        assert split.accepted.height + split.rejected.height == result[table].height
