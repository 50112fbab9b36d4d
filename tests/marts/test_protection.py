"""Examination, protection and service: every other figure of the plan documents, with its target.

Figures and targets are read from the reference table of the documents by the csv module, or typed
from it. Not here: the main indicators and how targets are judged (test_scorecard.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs as wr

Shared = Callable[[str], Path]
#: Figures that stand in marts of their own: the scorecard's and the patent-intensive industries'.
ELSEWHERE = {
    "high_value_invention_patents_per_10k", "overseas_invention_patents_granted",
    "ip_pledge_financing_registered", "ip_royalties_trade_total", "patent_intensive_va_share_gdp",
    "copyright_industry_va_share_gdp", "ip_protection_social_satisfaction",
    "first_instance_no_appeal_rate", "patent_intensive_va", "patent_intensive_va_growth",
}  # fmt: skip
#: The series table names these otherwise; the number of a letter and a remark are no figures.
SAME = {
    "patent_trademark_pledge_financing_growth": "ip_pledge_financing_registered__growth",
    "patent_trademark_pledge_financing": "ip_pledge_financing_registered",
    "ip_protection_satisfaction": "ip_protection_social_satisfaction",
}
NO_FIGURES = {"document_reply_number", "document_integrity"}


def both(home: Path, condition: str, *parameters: str | None) -> list[wr.Row]:
    """Rows of both marts."""
    marts = "mart_examination union all by name select * from mart_protection_and_service"
    sql = f"select * from (select * from {marts}) where {condition}"  # noqa: S608 - fixed words
    return wr.rows(home, sql, list(parameters))


def keys(path: Path, kind: str) -> set[str]:
    """Indicators of the documents' observations or targets, without those that stand elsewhere."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = {row["indicator_key"] for row in rows if row["kind"] == kind}
    return {
        SAME.get(key, key)
        for key in found
        if not key.endswith("__accumulated_change") and key not in NO_FIGURES
    } - ELSEWHERE


def test_every_other_figure_of_the_documents_is_there(
    published_home: Path, shared_path: Shared
) -> None:
    wanted = keys(shared_path("reference/plan_document_figures.tsv"), "observation")
    assert len(wanted) > 80
    there = {row["indicator_id"] for row in both(published_home, "obs_value is not null")}
    assert wanted - there == set()


def test_every_other_target_of_the_documents_is_there_with_a_verdict_or_why_not(
    published_home: Path, shared_path: Shared
) -> None:
    wanted = keys(shared_path("reference/plan_document_figures.tsv"), "target")
    assert len(wanted) > 20
    rows = both(published_home, "target_release_id is not null")
    assert wanted - {row["indicator_id"] for row in rows} == set()
    assert all(row["target_status"] or row["not_evaluated_because"] for row in rows)
    # A verdict of success or failure has a published figure behind it.
    judged = [row for row in rows if row["target_status"] in ("met", "not_met")]
    assert judged
    assert all(row["obs_value"] is not None for row in judged)


def test_each_figure_stands_in_one_mart_once_and_the_main_indicators_in_none(
    published_home: Path,
) -> None:
    fields: dict[str, set[str]] = {}
    for row in both(published_home, "true"):
        fields.setdefault(row["indicator_id"], set()).add(row["field"])
    assert all(len(found) == 1 for found in fields.values())
    main = wr.rows(
        published_home,
        "select indicator_id from mart_plan_scorecard "
        "where plan_id = 'NAT-IP-FYP14' and indicator_no is not null",
    )
    assert len(main) == 8
    assert not {row["indicator_id"] for row in main} & set(fields)


@pytest.mark.parametrize(
    ("indicator", "area", "period", "value"),
    [
        ("abnormal_applications_notified", "CHN", "2021", 815_000),
        ("abnormal_applications_withdrawal_rate", "CHN", "2021", 90),
        ("patent_infringement_admin_cases", "CHN", "2020", 42_000),
        ("agency_admin_penalties", "CHN", "2020", 182),
        # The document says more than 800,000; a survey of the year after is exact.
        ("ip_service_employees", "CHN", "2020", 865_000),
        ("pledge_beneficiary_enterprises", "CHN", "2022-S1", 9_760),
        ("pledge_inclusive_share", "CHN", "2022-S1", 71.2),
        ("tisc_centers", "CHN", "2020", 51),
        ("trademark_exam_pass_rate", "CHN", "2020", 96.7),
        # Printed as 732 million: a thousand times too many.
        ("designs_granted", "CHN_REG", "2020", 732_000),
        ("reexamination_cases_concluded", "CHN_REG", "2020", 48_000),
        ("ip_royalties_trade_total_usd", "CHN", "2019", 40.98e9),
    ],
)
def test_figures_of_the_documents(
    published_home: Path, indicator: str, area: str, period: str, value: float
) -> None:
    rows = both(
        published_home,
        "indicator_id = ? and ref_area = ? and time_period = ? and obs_value is not null",
        indicator, area, period,
    )  # fmt: skip
    assert {row["obs_value"] for row in rows} == {value}


@pytest.mark.parametrize(
    ("indicator", "period", "plan", "target", "status", "latest"),
    [
        # 15 months in 2025, 15 wanted.
        ("invention_exam_period", "2025", "NAT-IP-FYP14", 15, "met", 15),
        # 34,396 attorneys are the latest year's; 40,000 wanted in 2025.
        ("licensed_patent_attorneys", "2025", "NAT-IP-FYP14", 40_000, "not_yet_reported", 34_396),
        ("tisc_centers", "2021", None, 100, "not_yet_reported", 51),
        ("invention_exam_backlog_cleared", "2019", "NAT-HQ-GUIDE-2019", 100_000, "no_data", None),
        ("patent_invalidation_period", "2025", "NAT-IP-FYP14", 6, "no_data", None),
    ],
)
def test_targets_are_judged_where_they_can_be(
    published_home: Path, indicator: str, period: str, plan: str | None, target: float,
    status: str, latest: float | None,
) -> None:  # fmt: skip
    (row,) = both(
        published_home,
        "indicator_id = ? and ref_area = 'CHN' and time_period = ? "
        "and plan_id is not distinct from ?",
        indicator, period, plan,
    )  # fmt: skip
    assert (row["target_value"], row["target_status"], row["latest_value"]) == (
        target, status, latest,
    )  # fmt: skip
    if status == "no_data":
        assert row["obs_value"] is None
        assert "no official annual value" in row["not_evaluated_because"]
