"""Answers of EPO OPS: counted against the XML, and every trap in a small hand-written answer."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from adapted import divided, rejected, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.source import Notes, SourceFormatError
from pipelines.sources.patent_register import epo_ops

OPS, EX = "{http://ops.epo.org}", "{http://www.epo.org/exchange}"
FOLDER = "data/epo_ops_responses"
ANSWERS = (
    f"{FOLDER}/family_fixtures_family_input.xml",
    f"{FOLDER}/get_biblio.xml",
    f"{FOLDER}/get_family.xml",
    f"{FOLDER}/get_family_with_biblio.xml",
    f"{FOLDER}/get_family_with_legal.xml",
    f"{FOLDER}/get_legal.xml",
    f"{FOLDER}/legal_fixtures_example_1.xml",
    f"{FOLDER}/legal_fixtures_example_2.xml",
    f"{FOLDER}/legal_fixtures_example_3.xml",
    f"{FOLDER}/published_test_biblio_example_2.xml",
    f"{FOLDER}/published_test_biblio_example_4.xml",
    f"{FOLDER}/search_with_constituent.xml",
    "samples/epo_ops/family_US12506212_trimmed.xml",
)
HEAD = (
    '<ops:world-patent-data xmlns="http://www.epo.org/exchange" '
    'xmlns:ops="http://ops.epo.org"{attributes}>'
)


def answer(tmp_path: Path, *inside: str, attributes: str = "") -> Path:
    path = tmp_path / "answer.xml"
    body = "".join(inside)
    path.write_text(
        HEAD.format(attributes=attributes) + body + "</ops:world-patent-data>", encoding="utf-8"
    )
    return path


def document_id(office: str, number: str, kind: str, day: str = "") -> str:
    date = f"<date>{day}</date>" if day else ""
    return (
        f'<document-id document-id-type="docdb"><country>{office}</country>'
        f"<doc-number>{number}</doc-number><kind>{kind}</kind>{date}</document-id>"
    )


def member(
    publication: tuple[str, str, str, str],
    application: tuple[str, str, str, str],
    *inside: str,
    family: str = "1",
) -> str:
    return (
        f'<ops:family-member family-id="{family}"><publication-reference>'
        f"{document_id(*publication)}</publication-reference><application-reference>"
        f"{document_id(*application)}</application-reference>{''.join(inside)}"
        "</ops:family-member>"
    )


def family(*members: str, total: int | None = None) -> str:
    count = len(members) if total is None else total
    return (
        f'<ops:patent-family total-result-count="{count}"><ops:publication-reference>'
        f"{document_id('CN', '112256133', '%%')}</ops:publication-reference>"
        f"{''.join(members)}</ops:patent-family>"
    )


def legal(code: str, office: str = "CN", gazette: str = "2022-05-06", **fields: str) -> str:
    described = "".join(
        f'<ops:{tag} desc="{tag.lower()} field">{text}</ops:{tag}>' for tag, text in fields.items()
    )
    return (
        f'<ops:legal code="{code}"><ops:L001EP desc="Country Code">{office}</ops:L001EP>'
        f'<ops:L007EP desc="Gazette DATE">{gazette}</ops:L007EP>'
        f"<ops:L500EP>{described}</ops:L500EP></ops:legal>"
    )


CN_A = ("CN", "112256133", "A", "20210122"), ("CN", "202011172919", "A", "20201028")
CN_B = ("CN", "112256133", "B", "20220506"), ("CN", "202011172919", "A", "20201028")
US_A1 = ("US", "2022123456", "A1", "20220421"), ("US", "202117458258", "A", "20210826")
US_B2 = ("US", "11833479", "B2", "20231205"), ("US", "202117458258", "A", "20210826")


# Real answers.


@pytest.mark.parametrize("name", ANSWERS)
def test_real_answers_are_read_completely(name: str, shared_path: Callable[[str], Path]) -> None:
    path = shared_path(name)
    root = ElementTree.parse(path).getroot()  # noqa: S314 - the reference file
    members = list(root.iter(f"{OPS}family-member"))
    documents = [
        d for d in root.iter(f"{EX}exchange-document") if not any(d in list(m) for m in members)
    ]
    found = tables(epo_ops, path)

    kinds = Counter(
        (i.findtext(f"{EX}country"), i.findtext(f"{EX}kind"))
        for record in (members or documents)
        for i in [
            next(
                i
                for reference in record.iter(f"{EX}publication-reference")
                for i in reference.iter(f"{EX}document-id")
                if i.get("document-id-type") == "docdb"
            )
        ]
    )
    assert Counter(found["patent"].select("office", "kind_code").iter_rows()) == kinds
    legals = list(root.iter(f"{OPS}legal"))
    codes = Counter((e.get("code") or "").strip() for e in legals)
    events = found["legal_event"]["event_code"].to_list() if legals else []
    assert Counter(events) == codes
    for table in found:
        verdict = divided(found, table)
        assert verdict.failures.is_empty(), table  # real answers have nothing to reject
        assert verdict.accepted["adapter"].unique().to_list() == ["epo_ops"]
        assert not verdict.accepted["is_simulated"].any()


def test_the_family_of_a_real_answer(shared_path: Callable[[str], Path]) -> None:
    found = tables(epo_ops, shared_path(f"{FOLDER}/get_family_with_biblio.xml"))
    patents = divided(found, "patent").accepted
    granted = patents.filter(patents["grant_date"].is_not_null())
    assert {
        (office, number, str(day))
        for office, number, day in granted.select(
            "office", "publication_number", "grant_date"
        ).iter_rows()
    } == {("EP", "2400812", "2019-11-27"), ("US", "9648662", "2017-05-09")}
    assert set(patents["application_number"]) == {"EP10167109", "CA2744162", "US13167395"}
    assert patents["publication_number"].to_list()[3] == "20120057518"  # the USPTO's spelling
    relations = divided(found, "family_member").accepted
    assert relations.height == 3 * 5  # three applications, five publications, the answer is whole
    assert set(relations["family_type"]) == {"simple"}
    assert set(divided(found, "patent_owner").accepted["owner_country"]) == {"FI"}


def test_the_trimmed_family_says_that_it_is_not_whole(shared_path: Callable[[str], Path]) -> None:
    """Six of seven members: what is there counts, but nothing says that this is all."""
    found = tables(epo_ops, shared_path("samples/epo_ops/family_US12506212_trimmed.xml"))
    relations = divided(found, "family_member").accepted
    assert relations.height == 3 * 4
    assert relations.filter(
        relations["office"] == relations["member_office"]
    ).is_empty()  # an application's own publications would be evidence of a whole family
    chinese = relations.filter(relations["office"] == "CN")
    assert set(chinese["member_office"]) == {"US", "JP"}
    assert chinese.filter(chinese["member_is_granted"]).select(
        "member_office", "member_number"
    ).rows() == [("US", "12506212")]


def test_the_legal_service_tells_of_no_family(shared_path: Callable[[str], Path]) -> None:
    assert "family_member" not in tables(epo_ops, shared_path(f"{FOLDER}/get_legal.xml"))


def test_equivalents_are_members_and_no_documents(shared_path: Callable[[str], Path]) -> None:
    found = tables(epo_ops, shared_path(f"{FOLDER}/get_published_equivalents.xml"))
    assert set(found) == {"family_member"}
    relations = divided(found, "family_member").accepted
    assert relations["publication_number"].unique().to_list() == ["2400812"]
    assert relations["member_office"].to_list()[:2] == ["EP", "US"]
    assert relations.height == 3


@pytest.mark.parametrize("name", ["get_classification_mapping", "get_classification_statistics"])
def test_other_services_are_refused(name: str, shared_path: Callable[[str], Path]) -> None:
    with pytest.raises(SourceFormatError, match="classification service, which holds no patents"):
        tables(epo_ops, shared_path(f"{FOLDER}/{name}.xml"))


def test_a_fault_is_named(shared_path: Callable[[str], Path]) -> None:
    with pytest.raises(SourceFormatError, match=r"SERVER\.EntityNotFound: No results found"):
        tables(epo_ops, shared_path("samples/epo_ops/fault_404.xml"))


# Families.


def test_families_of_one_file_are_not_members_of_each_other(tmp_path: Path) -> None:
    japanese = ("JP", "2021037573", "A", "20210311"), ("JP", "2019159764", "A", "20190902")
    two = family(member(*CN_B), member(*US_B2)), family(member(*japanese, family="2"))
    rows = divided(tables(epo_ops, answer(tmp_path, *two)), "family_member").accepted
    assert set(rows.select("application_number", "member_office").iter_rows()) == {
        ("CN202011172919", "CN"),
        ("CN202011172919", "US"),
        ("US17458258", "CN"),
        ("US17458258", "US"),
        ("JP2019159764", "JP"),
    }


def test_simple_and_extended_families_are_told_apart(tmp_path: Path) -> None:
    japanese = ("JP", "2021037573", "A", "20210311"), ("JP", "2019159764", "A", "20190902")
    path = answer(tmp_path, family(member(*CN_B), member(*US_B2), member(*japanese, family="2")))
    rows = divided(tables(epo_ops, path), "family_member").accepted
    seen = set(rows.select("application_number", "member_office", "family_type").iter_rows())
    assert ("CN202011172919", "US", "simple") in seen
    assert ("CN202011172919", "JP", "extended") in seen
    assert ("JP2019159764", "US", "extended") in seen
    assert ("CN202011172919", "CN", "simple") in seen  # the answer is whole
    family_ids = dict(rows.select("application_number", "family_id").iter_rows())
    assert family_ids == {"CN202011172919": "1", "US17458258": "1", "JP2019159764": "2"}


def test_a_member_without_family_id_is_of_no_simple_family(tmp_path: Path) -> None:
    path = answer(tmp_path, family(member(*CN_B, family=""), member(*US_B2, family="")))
    text = path.read_text(encoding="utf-8").replace(' family-id=""', "")
    path.write_text(text, encoding="utf-8")
    rows = divided(tables(epo_ops, path), "family_member").accepted
    assert set(rows["family_type"]) == {"extended"}


def test_granted_is_true_or_not_known(tmp_path: Path) -> None:
    path = answer(tmp_path, family(member(*CN_B), member(*US_A1), member(*US_B2)))
    rows = divided(tables(epo_ops, path), "family_member").accepted
    chinese = rows.filter(rows["office"] == "CN")
    assert chinese.select("member_kind_code", "member_is_granted").rows() == [
        ("B", True),
        ("A1", None),
        ("B2", True),
    ]


def test_an_international_application_is_named_as_one(tmp_path: Path) -> None:
    path = answer(
        tmp_path,
        family(
            member(("WO", "2021123456", "A1", "20210624"), ("CN", "2020123456", "W", "20201028"))
        ),
    )
    row = divided(tables(epo_ops, path), "patent").accepted.row(0, named=True)
    assert row["office"] == "WO"
    assert row["application_number"] == "WOCN2020123456"


def test_priority_is_the_earliest_claim(tmp_path: Path) -> None:
    claims = "".join(
        f"<priority-claim>{document_id('CN', '201911111111', 'A', day)}</priority-claim>"
        for day in ("20200301", "20191101")
    )
    path = answer(tmp_path, family(member(*CN_B, claims)))
    row = divided(tables(epo_ops, path), "patent").accepted.row(0, named=True)
    assert str(row["priority_date"]) == "2019-11-01"
    assert str(row["filing_date"]) == "2020-10-28"
    assert str(row["grant_date"]) == "2022-05-06"


def test_impossible_dates_stay_as_written_and_are_rejected(tmp_path: Path) -> None:
    wrong = ("CN", "112256133", "A", "20210229"), ("CN", "202011172919", "A", "20201028")
    early = ("CN", "112256134", "A", "20190101"), ("CN", "202011172920", "A", "20201028")
    found = tables(epo_ops, answer(tmp_path, family(member(*wrong), member(*early))))
    assert found["patent"].height == 2
    assert rejected(found, "patent") == {
        1: {("publication_date", "20210229")},
        2: {(None, "dates_in_order")},
    }


def test_a_wrong_check_digit_is_rejected_by_the_number(tmp_path: Path) -> None:
    wrong = ("CN", "112256133", "A", "20210122"), ("CN", "202011172919.5", "A", "20201028")
    found = tables(epo_ops, answer(tmp_path, family(member(*wrong))))
    [reasons] = rejected(found, "patent").values()
    assert {column for column, _ in reasons} == {"application_number"}


def test_an_unknown_kind_is_rejected_by_name(tmp_path: Path) -> None:
    odd = ("XX", "123", "Q", "20210122"), ("XX", "99", "A", "20201028")
    found = tables(epo_ops, answer(tmp_path, family(member(*odd))))
    assert rejected(found, "patent") == {1: {("ip_type", "unknown:Q")}}


def test_a_member_without_any_number_comes_out_and_is_rejected(tmp_path: Path) -> None:
    found = tables(
        epo_ops, answer(tmp_path, family('<ops:family-member family-id="3"/>', member(*CN_B)))
    )
    assert found["patent"].height == 2
    assert set(rejected(found, "patent")) == {1}


# Legal events.


def test_days_of_events(tmp_path: Path) -> None:
    path = answer(
        tmp_path,
        family(
            member(
                *CN_B,
                legal("PE01"),
                legal("CF01", L525EP="20231028"),
                legal("PGFP", "EP", L518EP="20230920"),
                legal("AS", "US", "2020-08-17", L510EP="SECURITY INTEREST;A;B", L525EP="20200806"),
            )
        ),
    )
    rows = divided(tables(epo_ops, path), "legal_event").accepted
    assert [
        (code, kind, str(day), str(gazette))
        for code, kind, day, gazette in rows.select(
            "event_code", "event_kind", "event_date", "gazette_date"
        ).iter_rows()
    ] == [
        ("PE01", "pledge_in_force", "2022-05-06", "2022-05-06"),
        ("CF01", "fee_lapse", "2023-10-28", "2022-05-06"),
        ("PGFP", "fee_payment", "2023-09-20", "2022-05-06"),
        ("AS", "pledge_in_force", "2020-08-17", "2020-08-17"),
    ]
    assert rows["raw_row"].to_list() == [1, 2, 3, 4]
    assert rows["detail"].to_list()[1] == "l525ep field: 20231028"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ASSIGNMENT OF ASSIGNORS INTEREST;ASSIGNORS:SECURITY AGREEMENT INC", "transfer"),
        ("RELEASE BY SECURED PARTY;ASSIGNOR:BANK", "pledge_cancelled"),
        ("CHANGE OF NAME;ASSIGNOR:OLD", "owner_change"),
        ("", "other"),
    ],
)
def test_us_assignments_say_in_words_what_they_are(tmp_path: Path, text: str, kind: str) -> None:
    fields = {"L510EP": text} if text else {}
    path = answer(tmp_path, family(member(*US_B2, legal("AS", "US", **fields))))
    assert tables(epo_ops, path)["legal_event"]["event_kind"].to_list() == [kind]


def test_the_offices_own_code_in_a_us_text_tells_the_kind(tmp_path: Path) -> None:
    told = "PATENT EXPIRED FOR FAILURE TO PAY MAINTENANCE FEES (ORIGINAL EVENT CODE: EXP.); X"
    entity = "ENTITY STATUS SET TO SMALL (ORIGINAL EVENT CODE: SMAL)"
    never_seen = "SOMETHING (ORIGINAL EVENT CODE: QQQQ)"
    events = [legal("FEPP", "US", L510EP=text) for text in (told, entity, never_seen)]
    found = tables(epo_ops, answer(tmp_path, family(member(*US_B2, *events))))
    assert found["legal_event"]["event_kind"].to_list() == ["fee_lapse", "other", "other"]
    assert found["legal_event"]["event_code"].to_list() == ["FEPP"] * 3


def test_a_lapse_in_one_state_ends_no_european_patent(tmp_path: Path) -> None:
    european = ("EP", "2400812", "B1", "20191127"), ("EP", "10167109", "A", "20100624")
    event = legal("PG25", "EP", L501EP="AL", L525EP="20191127")
    found = tables(epo_ops, answer(tmp_path, family(member(*european, event))))
    assert found["legal_event"]["event_kind"].to_list() == ["lapse_in_state"]


def test_unknown_codes_and_missing_days_are_rejected(tmp_path: Path) -> None:
    path = answer(
        tmp_path, family(member(*CN_B, legal("ZZ99"), legal("PE01", gazette=""), legal("PC01")))
    )
    found = tables(epo_ops, path)
    assert found["legal_event"].height == 3
    reasons = rejected(found, "legal_event")
    assert reasons[1] == {("event_kind", "unknown:ZZ99")}
    assert {column for column, _ in reasons[2]} == {"event_date"}
    assert set(reasons) == {1, 2}


# Bibliographic data.


def biblio(*inside: str, attributes: str = "") -> str:
    return (
        '<exchange-document country="CN" doc-number="112256133" kind="B" family-id="7"'
        f"{attributes}>"
        f"<bibliographic-data><publication-reference>{document_id(*CN_B[0])}"
        f"</publication-reference><application-reference>{document_id(*CN_B[1])}"
        f"</application-reference>{''.join(inside)}</bibliographic-data></exchange-document>"
    )


def applicants(*names: str, form: str = "epodoc") -> str:
    return "".join(
        f'<applicant sequence="{at}" data-format="{form}"><applicant-name><name>{name}</name>'
        "</applicant-name></applicant>"
        for at, name in enumerate(names, start=1)
    )


def test_applicants_titles_and_symbols(tmp_path: Path) -> None:
    path = answer(
        tmp_path,
        "<exchange-documents>",
        biblio(
            "<parties><applicants>"
            + applicants("HUAWEI TECH CO LTD [CN]", "ACER INC [TW]", "NO COUNTRY")
            + applicants("华为技术有限公司, ", form="original")
            + "</applicants></parties>",
            '<invention-title lang="zh">一种方法</invention-title>',
            '<invention-title lang="en">Method\n of things</invention-title>',
            "<classifications-ipcr>"
            "<classification-ipcr><text>H04W  84/    20            A I      </text>"
            "</classification-ipcr>"
            "<classification-ipcr><text>H01L  21/    02        20060101AFI20190523BHEP"
            "</text></classification-ipcr>"
            "<classification-ipcr><text>NOT A SYMBOL</text></classification-ipcr>"
            "</classifications-ipcr><classification-ipc><text>H04W84/20</text>"
            "</classification-ipc>",
        ),
        "</exchange-documents>",
    )
    found = tables(epo_ops, path)
    patent = divided(found, "patent").accepted.row(0, named=True)
    assert patent["title"] == "Method of things"
    assert patent["applicants"] == "HUAWEI TECH CO LTD;ACER INC;NO COUNTRY"
    assert patent["family_id"] == "7"
    owners = divided(found, "patent_owner").accepted
    assert owners.select("seq", "owner_name", "owner_country", "owner_region").rows() == [
        (1, "HUAWEI TECH CO LTD", "CN", None),
        (2, "ACER INC", "TW", "CN-TW"),
        (3, "NO COUNTRY", None, None),
    ]
    assert found["ipc_assignment"].select("position", "ipc_symbol", "ipc_version").rows() == [
        (1, "H04W84/20", None),
        (2, "H01L21/02", "2006.01"),
        (3, "NOT A SYMBOL", None),
    ]
    assert rejected(found, "ipc_assignment") == {1: {("ipc_symbol", "NOT A SYMBOL")}}


def test_original_names_serve_where_there_are_no_others(tmp_path: Path) -> None:
    names = applicants("9SOLUTIONS OY, ", "9SOLUTIONS OY", form="original")
    path = answer(tmp_path, biblio(f"<parties><applicants>{names}</applicants></parties>"))
    assert tables(epo_ops, path)["patent_owner"]["owner_name"].to_list() == ["9SOLUTIONS OY"]


def test_documents_that_ops_did_not_find_are_counted(tmp_path: Path) -> None:
    path = answer(tmp_path, biblio(), biblio(attributes=' status="not found"'))
    skipped = Notes()
    rows = [frame.height for _, frame in epo_ops.read(path, "answer.xml", skipped)]
    assert rows == [1]
    assert skipped.left_out == {"documents that OPS did not find": 1}


def test_bare_references_of_a_search_are_patents(tmp_path: Path) -> None:
    references = "".join(
        f'<ops:publication-reference family-id="{at}">{document_id(*publication)}'
        "</ops:publication-reference>"
        for at, (publication, _) in enumerate((CN_B, US_A1), start=1)
    )
    path = answer(
        tmp_path,
        f"<ops:biblio-search><ops:search-result>{references}</ops:search-result>"
        "</ops:biblio-search>",
    )
    rows = divided(tables(epo_ops, path), "patent").accepted
    assert rows.select("office", "publication_number", "kind_code", "family_id").rows() == [
        ("CN", "112256133", "B", "1"),
        ("US", "20220123456", "A1", "2"),
    ]


def test_simulated_answers_say_so_in_every_row(tmp_path: Path) -> None:
    path = answer(
        tmp_path,
        family(member(*CN_B, legal("PE01")), member(*US_B2)),
        attributes=' is-simulated="true"',
    )
    assert all(frame["is_simulated"].all() for frame in tables(epo_ops, path).values())


# What is no answer.


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no well-formed XML"),
        (b'{"ops:world-patent-data": {}}', "JSON; ask OPS for application/xml"),
        (b"<html><body>403</body></html>", "the outermost element is html"),
        (b"<a><b></a>", "no well-formed XML|outermost element is a"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "cannot be read|no well-formed XML"),
        (HEAD.format(attributes="").encode() + b"<x>", "no well-formed XML"),
        (
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><world-patent-data>&x;'
            b"</world-patent-data>",
            "declares an entity",
        ),
        (
            b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><world-patent-data/>',
            "declares an entity",
        ),
    ],
)
def test_other_bytes_are_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "answer.xml"
    path.write_bytes(content)
    with pytest.raises(SourceFormatError, match=f"answer.xml.*({told})"):
        tables(epo_ops, path)


def test_a_truncated_answer_is_refused(tmp_path: Path) -> None:
    path = answer(tmp_path, family(member(*CN_B), member(*US_B2)))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(SourceFormatError, match="no well-formed XML"):
        tables(epo_ops, path)


@given(content=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_junk_raises_nothing_but_source_format_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.xml"
    for head in (b"", HEAD.format(attributes="").encode()):
        path.write_bytes(head + content)
        with pytest.raises(SourceFormatError):
            tables(epo_ops, path)


_words = st.text("0123456789ABCXYZ/.- 中&<\"'", max_size=12).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
)


@given(
    members=st.lists(
        st.tuples(_words, _words, _words, _words, _words, _words), min_size=1, max_size=5
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_cells_say_no_record_vanishes(
    tmp_path: Path, members: list[tuple[str, ...]]
) -> None:
    path = answer(
        tmp_path,
        family(
            *(
                member((o, n, k, d), (o, a, "A", d), legal(code.replace('"', "'")))
                for o, n, k, d, a, code in members
            )
        ),
    )
    found = tables(epo_ops, path)
    for table in ("patent", "legal_event"):
        assert found[table]["raw_row"].to_list() == list(range(1, len(members) + 1))
        verdict = divided(found, table)
        assert verdict.accepted.height + verdict.rejected.height == len(members)
