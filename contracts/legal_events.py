"""What the codes of legal events mean for a right: one table for the adapters and for dbt.

Here: codes by office, with what they do (contracts.patent_register.EVENT_KINDS) and a description
in our own words; the seed legal_event_codes.csv is written from it by `make generate`. Not here:
how a file names an event (adapters), what follows from an event (dbt).

What the kinds mean where a code says less than one would like to know:
- a code that stands for a pledge registered, changed or cancelled alike is `pledge_changed`: there
  is or was a pledge, the code does not tell which; `licence_changed` likewise;
- a right that ended without the cause being told is `expiry`;
- an invalidation whose extent is not told is `invalidation_unclear`, never taken for a whole one;
- `lapse_in_state`: the European patent ended in one of its states and lives on in the others.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Final, NamedTuple

EPO: Final = "EPO list of legal event codes, week 2024-17"
FEES: Final = "USPTO maintenance fee events, documentation of June 2018"
#: Codes seen with their meaning in the texts of US events in answers of EPO OPS.
INPADOC: Final = "USPTO maintenance fee events, as INPADOC cites them (ORIGINAL EVENT CODE)"
#: Codes of which no list or answer was at hand. None of them ends or restores a right.
RECALLED: Final = "USPTO maintenance fee events, from memory; compare with MaintFeeEventsDesc"
OCE: Final = "USPTO patent assignment dataset (OCE), variable convey_ty"
OURS: Final = "named here: conveyances that the OCE's list has no word for"


class Code(NamedTuple):
    """A code of an office, what it does to the right, what it says, and whose list it is from."""

    office: str
    event_code: str
    event_kind: str
    description: str
    source: str


_CN: Final = {
    "AD01": ("abandonment", "patent deemed abandoned"),
    "AR01": ("abandonment", "patent given up so that an invention is not patented twice"),
    "ASS": ("transfer", "succession or assignment (codes before 2010)"),
    "AV01": ("abandonment", "patent given up by its owner"),
    "AV02": ("other", "patent given up in part; the rest goes on"),
    "BB1A": ("publication", "application published (codes before 2002)"),
    "C01": ("application_withdrawn", "application deemed withdrawn, law of 1993"),
    "C02": ("application_withdrawn", "published application deemed withdrawn, law of 2001"),
    "C03": ("application_withdrawn", "application withdrawn, law of 1993"),
    "C04": ("application_withdrawn", "published application withdrawn, law of 2001"),
    "C05": ("application_withdrawn", "application deemed withdrawn, law before 1993"),
    "C06": ("publication", "application published"),
    "C10": ("examination", "substantive examination begins"),
    "C12": ("application_rejected", "published application rejected"),
    "C13": ("other", "a decision, of which the code tells no more"),
    "C14": ("grant", "patent or utility model granted"),
    "C15": ("term_adjustment", "term made 20 years for patents of before 1993 alive in 2001"),
    "C17": ("expiry", "patent ended, cause not told"),
    "C19": ("fee_lapse", "patent ended because the annual fee was not paid"),
    "C20": ("abandonment", "right abandoned or deemed so"),
    "C25": ("abandonment", "right given up so that an invention is not patented twice"),
    "C26": ("partial_invalidation", "right revoked in part"),
    "C28": ("revocation", "right revoked"),
    "C32": ("invalidation_unclear", "patent invalidated, wholly or in part"),
    "C35": ("invalidation_unclear", "patent or utility model invalidated, partly or wholly"),
    "C41": ("transfer", "application or right transferred"),
    "C44": ("transfer", "succession to or assignment of a right"),
    "C45": ("transfer", "right assigned"),
    "C47": ("transfer", "right passed on by succession"),
    "C49": ("restoration", "right reinstated"),
    "C52": ("application_restored", "application restored"),
    "C53": ("correction", "patent or application corrected"),
    "C56": ("owner_change", "owner's name or address changed"),
    "C57": ("other", "notice to a party whose address is not known"),
    "C59": ("other", "notice"),
    "C60": ("other", "other matters"),
    "C61": ("grant", "grant of 13 September 1989 that had not been announced"),
    "C62": ("other", "request to resume a procedure"),
    "CB01": ("other", "bibliographic data changed"),
    "CB02": ("owner_change", "applicant's data changed"),
    "CB03": ("other", "inventor's or designer's data changed"),
    "CB04": ("other", "agent's data changed"),
    "CE01": ("expiry", "patent ended, cause not told"),
    "CF01": ("fee_lapse", "patent ended because the annual fee was not paid"),
    "CGPU": ("other", "change into a patent or into a utility model"),
    "CI01": ("correction", "corrected application published"),
    "CI02": ("correction", "application corrected"),
    "CI03": ("correction", "patent corrected"),
    "COR": ("correction", "bibliographic data corrected"),
    "CP01": ("owner_change", "owner's name changed"),
    "CP02": ("owner_change", "owner's address changed"),
    "CP03": ("owner_change", "owner's name and address changed"),
    "CU01": ("correction", "utility model corrected"),
    "CU02": ("correction", "gazette entry or specification of a utility model corrected"),
    "CU03": ("correction", "corrected utility model published"),
    "CX01": ("expiry", "term of the patent is over"),
    "DC01": ("other", "patent no longer secret"),
    "DCSP": ("publication", "secret patent declassified and published"),
    "DD01": ("other", "document served by public notice"),
    "DE01": ("examination", "office examines of its own motion"),
    "EC01": ("licence_cancelled", "recorded licence cancelled"),
    "EE01": ("licence", "licence recorded"),
    "EM01": ("licence_changed", "recorded licence changed"),
    "ERR": ("correction", "gazette corrected"),
    "EXPY": ("expiry", "patent or utility model ended, cause not told"),
    "EXSB": ("examination", "office examines of its own motion"),
    "FG1K": ("grant", "utility model granted"),
    "FG4A": ("grant", "patent granted"),
    "GR01": ("grant", "patent, utility model or design granted"),
    "GR02": ("publication", "examined application announced, open to opposition (before 1993)"),
    "GR03": ("grant", "secret patent granted"),
    "GRSP": ("grant", "secret patent granted"),
    "IP01": ("partial_invalidation", "patent invalidated in part"),
    "IW01": ("invalidation", "patent invalidated wholly"),
    "LIC": ("licence", "licence submitted for record"),
    "LICC": ("licence_changed", "licence recorded, changed or cancelled: not told which"),
    "MA1K": ("abandonment", "utility model deemed abandoned"),
    "MK1K": ("expiry", "term of the utility model is over"),
    "MK4A": ("expiry", "term of the patent is over"),
    "MM1K": ("fee_lapse", "utility model ended because the annual fee was not paid"),
    "MM4A": ("fee_lapse", "patent ended because the annual fee was not paid"),
    "OL01": ("other", "owner declares the patent open to licences"),
    "OL02": ("other", "declaration of openness to licences withdrawn"),
    "OR01": ("other", "other matters"),
    "PB01": ("publication", "application published"),
    "PC01": ("pledge_cancelled", "registration of a pledge cancelled"),
    "PD01": ("preservation_ended", "court's preservation of the patent lifted"),
    "PE01": ("pledge_in_force", "pledge registered"),
    "PLDC": ("pledge_changed", "pledge registered, changed or cancelled: not told which"),
    "PM01": ("pledge_changed", "registration of a pledge changed"),
    "PP01": ("preservation", "patent preserved for a court: no transfer, no lapse recorded"),
    "RA01": ("restoration", "patent restored"),
    "RECT": ("correction", "rectification"),
    "REG": ("other", "reference to a national code"),
    "REIN": ("restoration", "application or right reinstated, not told which"),
    "REPR": ("other", "new agent"),
    "RGAV": ("abandonment", "right given up so that an invention is not patented twice"),
    "RINS": ("preservation", "preservation ordered or lifted: not told which"),
    "RJ01": ("application_rejected", "published application rejected"),
    "RN01": ("term_adjustment", "term renewed"),
    "RP01": ("partial_invalidation", "patent revoked in part"),
    "RR01": ("restoration", "right reinstated"),
    "RW01": ("revocation", "patent revoked wholly"),
    "SE01": ("examination", "request for substantive examination takes effect"),
    "TA01": ("transfer", "right to the application transferred"),
    "TG01": ("term_adjustment", "term adjusted for delay of the grant"),
    "TP01": ("term_adjustment", "term extended for a medicine's approval"),
    "TR01": ("transfer", "patent transferred"),
    "WD01": ("application_withdrawn", "published application deemed withdrawn"),
    "WW01": ("application_withdrawn", "published application withdrawn"),
}
_EP: Final = {
    "111L": ("licence", "licence recorded"),
    "111Z": ("other", "right in rem or execution recorded"),
    "17P": ("examination", "examination requested"),
    "17Q": ("examination", "first examination report sent"),
    "18D": ("application_withdrawn", "application deemed withdrawn"),
    "18R": ("application_rejected", "application refused"),
    "18RA": ("other", "re-establishment of rights before grant requested"),
    "18RR": ("application_restored", "rights re-established before grant"),
    "18W": ("application_withdrawn", "application withdrawn"),
    "26": ("other", "opposition filed"),
    "26D": ("other", "opposition deemed not filed"),
    "26N": ("other", "no opposition filed in time"),
    "26U": ("other", "opposition inadmissible"),
    "27A": ("partial_invalidation", "patent maintained as amended after opposition"),
    "27C": ("other", "opposition procedure closed"),
    "27O": ("other", "opposition rejected"),
    "27W": ("revocation", "patent revoked"),
    "28": ("restoration", "rights re-established after grant"),
    "AK": ("other", "designated states"),
    "AKX": ("other", "designation fees paid"),
    "AKY": ("other", "designation fees not paid"),
    "AX": ("other", "extension or validation in further states requested"),
    "AXX": ("other", "extension fees paid"),
    "BECH": ("transfer", "holder changed in Belgium"),
    "BECN": ("owner_change", "holder's name changed in Belgium"),
    "BERE": ("lapse_in_state", "ended in Belgium"),
    "EN": ("other", "no translation filed in France"),
    "GBPC": ("lapse_in_state", "ended in Great Britain, renewal fee not paid"),
    "GRAA": ("examination", "grant decided and expected; the patent begins with its publication"),
    "GRAG": ("examination", "intention to grant communicated"),
    "GRAH": ("examination", "intention to grant communicated"),
    "GRAP": ("examination", "intention to grant communicated"),
    "GRAS": ("examination", "fee for grant paid"),
    "INTG": ("examination", "intention to grant announced"),
    "PG25": ("lapse_in_state", "ended in a contracting state"),
    "PGFP": ("fee_payment", "annual fee paid to the office of a state"),
    "PGRI": ("other", "reinstated in a contracting state"),
    "PLBE": ("other", "no opposition filed in time"),
    "PLBI": ("other", "opposition filed"),
    "PUAH": ("partial_invalidation", "patent maintained as amended"),
    "PUAI": ("publication", "application published, or its international publication counted"),
    "RAP1": ("owner_change", "applicant changed, or only its data: not told which"),
    "RAP2": ("owner_change", "owner changed, or only its data: not told which"),
    "RAP3": ("owner_change", "applicant changed, or only its data: not told which"),
    "RAP4": ("owner_change", "owner changed, or only its data: not told which"),
    "RDAA": ("revocation", "patent revoked at its owner's request"),
    "RDAF": ("other", "revocation communicated, not yet in force"),
    "RDAG": ("revocation", "patent revoked"),
    "RDAH": ("revocation", "patent revoked"),
    "REF": ("other", "number of the national part"),
    "REG": ("other", "event of a national register, named in the detail"),
    "RIC1": ("other", "classification changed before grant"),
    "STAA": ("other", "status of the application or patent, in words"),
    "TPAB": ("other", "entry on observations by third parties deleted"),
    "TPAC": ("other", "observations by third parties filed"),
    "U07": ("other", "unitary effect registered"),
    "U1H": ("owner_change", "owner's name or address changed, unitary patent"),
    "U1K": ("transfer", "unitary patent transferred"),
    "U20": ("fee_payment", "renewal fee paid, unitary patent"),
    "U21": ("fee_payment", "renewal fee paid late, unitary patent"),
    "U70": ("other", "right in rem or execution recorded, unitary patent"),
    "U76": ("licence", "licence recorded, unitary patent"),
    "U90": ("lapse_in_state", "unitary patent lapsed, fee not paid; classical parts may live on"),
    "U93": ("lapse_in_state", "unitary patent lapsed; classical parts may live on"),
    "VS25": ("lapse_in_state", "ended in a validation state"),
    "VSFP": ("fee_payment", "annual fee paid to a validation state"),
}
#: All codes that the EPO's list has for US.
_US: Final = {
    "355A": ("term_adjustment", "term extended or restored, 35 U.S.C. 155 to 156"),
    "356": ("term_adjustment", "term extended, 35 U.S.C. 156"),
    "712F": ("other", "entitlement decided under British law"),
    "712J": ("other", "entitlement decided under British law"),
    "946": ("term_adjustment", "term extended by a private law"),
    "AS": ("transfer", "assignment recorded; its text may say security, release, licence"),
    "B1": ("other", "first re-examination certificate"),
    "B2": ("other", "second re-examination certificate"),
    "B3": ("other", "further re-examination certificate"),
    "C1": ("other", "re-examination certificate"),
    "C2": ("other", "re-examination certificate, second level"),
    "CBM": ("other", "trial on a business method filed"),
    "CC": ("correction", "certificate of correction"),
    "CCB": ("correction", "certificate of correction of a re-examination"),
    "CO": ("other", "re-examination ordered by the office"),
    "CONR": ("other", "re-examination confirms the claims"),
    "D356": ("other", "off the list of extended terms"),
    "DC": ("other", "disclaimer filed"),
    "DCB": ("other", "disclaimer filed in a re-examination"),
    "DD": ("other", "disclaimer and dedication filed: all or some claims, not told which"),
    "DE": ("other", "dedication filed: all or some claims or years, not told which"),
    "DI": ("other", "interference lost, for some or all claims"),
    "DJ": ("correction", "references void: no patent was granted"),
    "DJB": ("correction", "references void: no re-examination certificate was issued"),
    "DP": ("restoration", "late maintenance fee accepted"),
    "DR": ("other", "adverse decision"),
    "ER": ("correction", "erratum"),
    "ERR": ("correction", "erratum"),
    "FEPP": ("other", "matter of fees; the office's own code is in the text"),
    "FIFP": ("other", "filing fee paid"),
    "FP": ("fee_lapse", "patent lapsed, maintenance fee not paid"),
    "FPAY": ("fee_payment", "maintenance fee paid"),
    "FPB1": ("invalidation", "all claims cancelled in re-examination"),
    "FPB2": ("invalidation", "all claims cancelled in the second re-examination"),
    "FPB3": ("invalidation", "all claims cancelled in the third re-examination"),
    "FPIR": ("other", "fee paid late or otherwise irregularly"),
    "IPR": ("other", "inter partes review filed"),
    "IPRC": ("other", "certificate of an inter partes review"),
    "LAPS": ("fee_lapse", "patent lapsed, maintenance fee not paid"),
    "LIMR": ("partial_invalidation", "claims changed or cancelled in re-examination"),
    "MAFP": ("fee_payment", "maintenance fee paid"),
    "NOCC": ("correction", "earlier certificate of correction void"),
    "PA": ("other", "offered for licence or sale"),
    "PEL": ("term_adjustment", "term extended"),
    "PGR": ("other", "post-grant review filed"),
    "PGRC": ("other", "certificate of a post-grant review"),
    "PRDP": ("restoration", "patent reinstated, late maintenance fee accepted"),
    "PS": ("other", "suit filed"),
    "PTEF": ("other", "extension of the term applied for"),
    "PTEG": ("term_adjustment", "extension of the term granted"),
    "PTER": ("other", "extension of the term refused"),
    "REFU": ("other", "refund"),
    "REIN": ("restoration", "patent reinstated after the maintenance fee"),
    "REMI": ("other", "reminder of the maintenance fee sent"),
    "RF": ("other", "reissue applied for"),
    "RN": ("restoration", "notice of expiry rescinded"),
    "RR": ("other", "re-examination requested"),
    "STCA": ("other", "status: application filed"),
    "STCB": ("other", "status: application ended; the text tells how"),
    "STCC": ("application_restored", "status: application revived"),
    "STCE": ("other", "status: review before grant"),
    "STCF": ("other", "status: patented; the day is the entry's, not the grant's"),
    "STCH": ("other", "status: patent ended; the text tells how"),
    "STCK": ("restoration", "status: patent revived"),
    "STCL": ("other", "status: review after grant"),
    "STCT": ("other", "status: procedure adjusted"),
    "STCV": ("other", "status: appeal"),
    "STPP": ("examination", "status of the application's procedure, in words"),
    "SULP": ("fee_payment", "surcharge for a late maintenance fee paid"),
    "WDB1": ("other", "patent withdrawn before issue, seen in re-examination"),
    "WDR": ("revocation", "patent withdrawn by the office"),
    "X": ("other", "no document published"),
    "XAS": ("other", "no longer among the recorded assignments"),
    "XB": ("other", "re-examination certificate not issued"),
    "XX": ("other", "miscellaneous"),
    "ZAAA": ("examination", "allowance and fees due notified"),
    "ZAAB": ("examination", "allowance notified"),
}
_CA: Final = {"FZDE": ("expiry", "application or patent ended, cause not told")}

_ENTITIES: Final = {"1": "large", "2": "small", "3": "micro"}
_OLD_FEES: Final = {
    "170": "4th",
    "173": "4th",
    "183": "4th",
    "273": "4th",
    "283": "4th",
    "171": "8th",
    "174": "8th",
    "184": "8th",
    "274": "8th",
    "284": "8th",
    "172": "12th",
    "175": "12th",
    "185": "12th",
    "275": "12th",
    "285": "12th",
}
_FEES: Final = {
    "EXP.": ("fee_lapse", "patent expired, maintenance fee not paid"),
    "EXPX": ("restoration", "expiry cancelled: the patent is reinstated"),
    "REM.": ("other", "reminder of the maintenance fee sent"),
    "PMFP": ("other", "petition on maintenance fees filed"),
    "PMFG": ("other", "petition on maintenance fees granted; EXPX tells a reinstatement"),
    **{
        f"M{entity}55{at}": ("fee_payment", f"maintenance fee of the {year} year, {size} entity")
        for entity, size in _ENTITIES.items()
        for at, year in (("1", "4th"), ("2", "8th"), ("3", "12th"))
    },
    **{
        f"M{number}": ("fee_payment", f"maintenance fee of the {year} year, older codes")
        for number, year in _OLD_FEES.items()
    },
}
_FEES_CITED: Final = {
    "M1555": ("fee_payment", "surcharge for paying late, 8th year, large entity"),
    "BIG.": ("other", "entity set to undiscounted"),
    "SMAL": ("other", "entity set to small"),
    "PTGR": ("other", "petition on maintenance fees granted; EXPX tells a reinstatement"),
}
_FEES_RECALLED: Final = {
    **{
        # By the pattern of M1555.
        f"M{entity}55{at}": ("fee_payment", f"surcharge for paying late, {year} year, {size}")
        for entity, size in _ENTITIES.items()
        for at, year in (("4", "4th"), ("5", "8th"), ("6", "12th"))
        if (entity, at) != ("1", "5")
    },
    **{
        f"M{entity}55{at}": ("other", f"surcharge with a petition after expiry, {size} entity")
        for entity, size in _ENTITIES.items()
        for at in "78"
    },
    **{
        # Paid with a fee, which has a code of its own: nothing rests on memory here.
        f"M{number}": ("other", "surcharge for paying late, older codes")
        for number in ("176", "177", "186", "277", "286")
    },
    **{
        f"M{number}": ("other", "surcharge with a petition after expiry, older codes")
        for number in ("178", "187", "188", "278", "287", "288")
    },
    **{
        f"R{entity}55{at}": ("other", f"refund of a fee or surcharge, {size} entity")
        for entity, size in _ENTITIES.items()
        for at in "12345678"
    },
    "ASPN": ("other", "payer's number assigned"),
    "RMPN": ("other", "payer's number taken back"),
    "MICR": ("other", "entity set to micro"),
    "STOL": ("other", "entity from small to undiscounted"),
    "LTOS": ("other", "entity from undiscounted to small"),
    "STOM": ("other", "entity from small to micro"),
    "MTOS": ("other", "entity from micro to small"),
    "MTOL": ("other", "entity from micro to undiscounted"),
    "LTOM": ("other", "entity from undiscounted to micro"),
    **{f"SM0{n}": ("other", "small entity claimed") for n in "123"},
    **{f"LSM{n}": ("other", "small entity no longer claimed") for n in "123"},
    "PMFS": ("other", "petition on maintenance fees dismissed"),
}
_CONVEYANCES: Final = {
    "assignment": ("transfer", "right assigned"),
    "merger": ("transfer", "owner merged into another"),
    "namechg": ("owner_change", "owner's name changed"),
    "security": ("pledge_in_force", "security interest recorded"),
    "release": ("pledge_cancelled", "security interest released"),
    "govern": ("licence", "government's rights confirmed"),
    "correct": ("correction", "earlier record corrected"),
    "missing": ("other", "the record does not say what is conveyed"),
    "other": ("other", "another conveyance"),
}
_CONVEYANCES_OURS: Final = {
    "security_moved": ("pledge_changed", "security interest passed to another secured party"),
    "license": ("licence", "licence recorded"),
    "license_ended": ("licence_cancelled", "licence ended"),
}
_LISTS: Final = (
    ("CN", _CN, EPO),
    ("EP", _EP, EPO),
    ("US", _US, EPO),
    ("CA", _CA, EPO),
    ("US", _FEES, FEES),
    ("US", _FEES_CITED, INPADOC),
    ("US", _FEES_RECALLED, RECALLED),
    ("US", _CONVEYANCES, OCE),
    ("US", _CONVEYANCES_OURS, OURS),
)
#: Every known code, by office and code.
CODES: Final = {
    (office, code): Code(office, code, kind, description, source)
    for office, codes, source in _LISTS
    for code, (kind, description) in codes.items()
}

#: What a conveyance's text says, first match wins. The words of a release are those of a security
#: interest too, so they come first; a corrected record repeats the words of the one it corrects.
_TEXTS: Final = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"^\W*(?:CORRECTIVE|CORRECTION|ERRATUM|TO CORRECT)", "correct"),
        (r"(?:TERMINAT|CANCEL|RELEAS)\w*(?: \w+){0,4} LICEN[CS]E(?!.*SECUR)", "license_ended"),
        (
            r"(?:ASSIGNMENT|TRANSFER|ASSUMPTION|SUCCESSION)\w* (?:OF|AND \w+ OF) (?:\w+ ){0,4}"
            r"(?:SECURITY (?:INTEREST|AGREEMENT)|AGENCY|LIEN)|"
            r"SUCCESSOR (?:\w+ )?AGENT|CHANGE OF (?:\w+ )?AGENT",
            "security_moved",
        ),
        (r"RELEAS|TERMINAT|DISCHARG|SATISFACTION|RECONVEYANCE", "release"),
        (
            r"SECURITY (?:INTEREST|AGREEMENT|ASSIGNMENT)|^\W*SECURITY\b|COLLATERAL|\bLIENS?\b|"
            r"MORTGAGE|PLEDGE|HYPOTHEC",
            "security",
        ),
        (r"CONFIRMATORY|GOVERNMENT|EXECUTIVE ORDER", "govern"),
        (r"LICEN[CS]", "license"),
        (r"MERG|CONSOLIDATION", "merger"),
        (
            r"(?:CHANGE|CORRECT)\w* (?:OF|IN) (?:\w+ )?(?:NAME|ADDRESS)|NAME CHANGE|CONVERSION",
            "namechg",
        ),
        (r"ASSIGN|NUNC PRO TUNC|TRANSFER|QUITCLAIM|SALE|CONVEY", "assignment"),
    )
)


def event_kind(office: str | None, code: str | None) -> str:
    """What an office's code does to the right; `unknown:<code>`, which no contract takes, if we
    do not know it.

    >>> event_kind("CN", "PE01"), event_kind("US", "EXPX"), event_kind("CN", "ZZ99")
    ('pledge_in_force', 'restoration', 'unknown:ZZ99')
    """
    known = CODES.get((office or "", code or ""))
    return known.event_kind if known else f"unknown:{code or ''}"


def conveyance(text: str | None) -> str:
    """Code of what a US conveyance says in words: one of the OCE's convey_ty, or one of ours.

    >>> conveyance("SECURITY INTEREST (SEE DOCUMENT FOR DETAILS)."), conveyance("ASSIGNS 50%")
    ('security', 'assignment')
    >>> conveyance("RELEASE OF SECURITY INTEREST IN PATENTS"), conveyance("CHANGE OF NAME")
    ('release', 'namechg')
    """
    words = " ".join((text or "").upper().split())
    if not words:
        return "missing"
    return next((code for pattern, code in _TEXTS if pattern.search(words)), "other")


def as_csv() -> str:
    """The table as the dbt seed legal_event_codes.csv."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Code._fields)
    writer.writerows(CODES[key] for key in sorted(CODES))
    return out.getvalue()
