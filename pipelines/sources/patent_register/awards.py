"""Lists of awarded patents, typed from the announcements: award, edition, year, grade, patent.

Here: the columns of such a list, in Chinese or English, and the names of awards and grades. Not
here: what a grade is and counts for (dbt_project/seeds/award_grades.csv), how a table is written
(delimited.py).

A line that names several patents gives a row for each. The China Patent Award has grades for
patents and for designs; a list that calls both 金奖 tells them apart by the patent's number. Only
the state's awards are known: 广东专利奖 stays as written, and the contract rejects it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from contracts.patent_numbers import Named, named
from contracts.patent_register import AWARD_GRADES
from pipelines.source import Batch, Notes
from pipelines.sources.patent_register.cells import day, flag
from pipelines.sources.patent_register.delimited import CHINESE, FAULT, Table, open_table
from pipelines.sources.patent_register.rows import Rows
from pipelines.sources.patent_register.unpack import whole

ADAPTER: Final = "awards"
CHINA_PATENT_AWARD: Final = "china_patent_award"
NATIONAL: Final = "national_science_technology_award"
COLUMNS: Final = {
    "award": ("奖项", "奖项名称", "award"),
    "edition": ("届次", "届", "edition"),
    "award_year": ("年份", "年度", "获奖年份", "year", "award_year"),
    "grade": ("等级", "奖项等级", "获奖等级", "grade"),
    "patent": ("专利号", "patent_number", "patent number", "publication_number"),
    "announced": ("公布日期", "公布日", "公告日期", "announced"),
    "is_simulated": ("is_simulated",),
}
LEFT_OUT: Final = (
    "序号",
    "专利名称",
    "名称",
    "专利权人",
    "发明人",
    "发明人/设计人",
    "推荐单位",
    "title",
    "patentee",
    "inventors",
)
_LEVELS: Final = (
    ("金", "gold"),
    ("银", "silver"),
    ("优秀", "excellence"),
    ("gold", "gold"),
    ("silver", "silver"),
    ("excellen", "excellence"),
)
_CLASSES: Final = (
    ("特等", "special"),
    ("一等", "first"),
    ("二等", "second"),
    ("三等", "third"),
    ("四等", "fourth"),
    ("special", "special"),
    ("grand", "special"),
    ("first", "first"),
    ("second", "second"),
    ("third", "third"),
    ("fourth", "fourth"),
)
_NATIONAL: Final = (
    ("自然科学奖|natural science", "natural_science"),
    ("技术发明奖|国家发明奖|technological invention", "technological_invention"),
    (
        "科学技术进步奖|科技进步奖|science and technology progress|scientific and technological",
        "progress",
    ),
)
_WITHOUT_GRADE: Final = (
    ("最高科学技术奖|highest science|preeminent science", "highest_award"),
    ("国际科学技术合作奖|international sci", "international_cooperation"),
)
_NUMERALS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")}


def read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    """Frames of award: a row for each patent of each line."""
    rows = Rows("award")
    for records in _open(path, name, notes).frames():
        for record in records.iter_rows(named=True):
            _add(rows, record)
            yield from rows.full()
    yield from rows.rest()


def _open(path: Path, name: str, notes: Notes) -> Table:
    return open_table(whole(path, name), COLUMNS, ("patent",), LEFT_OUT, CHINESE, notes=notes)


def _add(rows: Rows, record: dict[str, Any]) -> None:
    year = record["award_year"] and re.sub("^([0-9]{4}) *年$", r"\1", record["award_year"])
    edition = _edition(record["edition"])
    for text in _patents(record["patent"]):
        patent = named(text)
        award, grade = award_and_grade(record["award"], record["grade"], _is_design(patent))
        rows.add(
            "award",
            {
                # What cannot be told apart must not pass: the fault stands in the office's place.
                "office": record[FAULT] or patent.office or "CN",
                "application_number": patent.application_number,
                "publication_number": patent.publication_number,
                "adapter": ADAPTER,
                "is_simulated": flag(record["is_simulated"]),
                "raw_row": record["raw_row"],
                "award": award,
                "edition": edition or (year if award == NATIONAL else None),
                "award_year": year,
                "grade": grade,
                "announced": day(record["announced"]),
            },
        )


def award_and_grade(
    award: str | None, grade: str | None, is_design: bool = False
) -> tuple[str | None, str | None]:
    """Keys of an award and its grade; what is not known stays as written.

    >>> award_and_grade("中国专利奖", "金奖"), award_and_grade("中国外观设计银奖", None)
    (('china_patent_award', 'patent_gold'), ('china_patent_award', 'design_silver'))
    >>> award_and_grade("国家技术发明奖", "二等奖")
    ('national_science_technology_award', 'technological_invention_second')
    >>> award_and_grade("广东专利奖", "金奖")
    ('广东专利奖', '金奖')
    """
    if award in (CHINA_PATENT_AWARD, NATIONAL) and grade in AWARD_GRADES:
        return award, grade
    text = " ".join(unicodedata.normalize("NFKC", f"{award or ''} {grade or ''}").lower().split())
    if re.match("(第.{1,6}届)?中国(专利|外观设计)|(the )?china (patent|design)|china_patent", text):
        levels = {level for word, level in _LEVELS if word in text}
        if len(levels) != 1:
            return CHINA_PATENT_AWARD, grade
        kind = "design" if is_design or "外观" in text or "design" in text else "patent"
        return CHINA_PATENT_AWARD, f"{kind}_{levels.pop()}"
    if re.match(
        "国家|中华人民共和国|(the )?(state|national|international|china)\\b|national_", text
    ):
        for pattern, key in _WITHOUT_GRADE:
            if re.search(pattern, text):
                return NATIONAL, key
        classes = {key for word, key in _CLASSES if word in text}
        for pattern, key in _NATIONAL:
            if re.search(pattern, text):
                return NATIONAL, f"{key}_{classes.pop()}" if len(classes) == 1 else grade
    return award, grade


def _edition(text: str | None) -> str | None:
    """第二十四届, 第24届, 24, 24th as 24; others stay as written.

    >>> [_edition(text) for text in ("第二十四届", "第十届", "24th", "首届", "最近")]
    ['24', '10', '24', '1', '最近']
    """
    if text is None:
        return None
    bare = unicodedata.normalize("NFKC", text).strip().removeprefix("第").removesuffix("届").strip()
    found = re.fullmatch("([0-9]+)(?:st|nd|rd|th)?", bare)
    if found:
        return found[1]
    if bare == "首":
        return "1"
    tens = re.fullmatch("([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)", bare)
    if not bare or tens is None or (tens[1] and tens[3] and not tens[2]):
        return text
    if not tens[2]:
        return str(_NUMERALS[tens[1] or tens[3]])
    return str(_NUMERALS.get(tens[1], 1) * 10 + _NUMERALS.get(tens[3], 0))


def _patents(text: str | None) -> list[str | None]:
    """Patents of a line; a line that names none is one row, which the contract rejects."""
    parts: list[str | None] = [p.strip() for p in re.split("[;；、\n]", text or "") if p.strip()]
    return parts or [None]


def _is_design(patent: Named) -> bool:
    number = patent.application_number or ""
    return bool(re.fullmatch("CN(20[0-9]{2}3[0-9]{7}|[089][0-9]3[0-9]{5})", number)) or (
        patent.office == "CN" and (patent.kind_code or "")[:1] in {"S", "D"}
    )
