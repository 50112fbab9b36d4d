"""Every cross-check of the reference table, rebuilt from the numbers of its expression.

The table solves each relation for one number; so does the rule, with that number left out where
it is not the one the rule claims. The verdict comes from the rule with everything in place.
"""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from figure_samples import figure, target

from contracts.rules import Evaluation, Figure, Relation, Target, review

Seen = tuple[tuple[float, ...], str]  # what the rule computed, and its verdict


class Checked(NamedTuple):
    evaluation: Evaluation
    is_open_finding: bool


def run(
    rule: str,
    figures: Sequence[Figure],
    targets: Sequence[Target] = (),
    relation: Relation | None = None,
    period: str | None = None,
) -> Checked:
    """The one evaluation of `rule` (of `period`), and whether it became an open finding."""
    findings, evaluations = review(figures, targets, [relation] if relation else [])
    (found,) = [
        e for e in evaluations if e.rule == rule and (period is None or e.time_period == period)
    ]
    is_open = any(
        f.rule == rule and f.time_period == found.time_period and f.status == "open"
        for f in findings
    )
    assert is_open == (found.verdict == "violated")
    return Checked(found, is_open)


def seen(*checked: Checked) -> Seen:
    """All numbers computed, and the verdict of the last evaluation."""
    numbers = [c.evaluation.computed for c in checked]
    return tuple(n for n in numbers if n is not None), checked[-1].evaluation.verdict


def relation(kind: str, operands: str, params: str = "") -> Relation:
    return Relation.from_text("r", kind, "result", operands, params)


def change(value: str, baseline: str, printed_change: str) -> Seen:
    return seen(
        run("cumulative_change", [], [target("x", "2025", value, baseline, printed_change)])
    )


def growth(percent: str, level: str | None, before: str | None, period: str = "2022") -> Checked:
    year_before = f"{int(period[:4]) - 1}{period[4:]}"
    figures = [figure("x__growth", period, percent, unit="PT_YOY")]
    figures += [figure("x", period, level)] if level else []
    figures += [figure("x", year_before, before, derived=True)] if before else []
    return run("growth", figures)


def gap(whole: Checked, solved: Checked) -> Seen:
    """The number of the solved gap with the verdict of the whole relation."""
    assert solved.evaluation.verdict == "no_claim"
    return seen(solved)[0], whole.evaluation.verdict


def share(percent: str, part: str, whole: str, qualifier: str = "") -> Seen:
    figures = [
        figure("result", "2022", percent, unit="PT", qualifier=qualifier),
        figure("part", "2022", part),
        figure("whole", "2022", whole),
    ]
    return seen(run("share", figures, relation=relation("share", "part;whole")))


def average(percent: str, first: str, last: str, years: tuple[str, str], coded: str) -> Seen:
    figures = [
        figure("result", coded, percent, unit="PT_PA"),
        figure("x", years[0], first),
        figure("x", years[1], last),
    ]
    params = f"from={years[0]};to={years[1]}"
    return seen(run("cagr", figures, relation=relation("cagr", "x", params)))


def multiple(times: str, top: str, bottom: str) -> Seen:
    figures = [
        figure("result", "2025-06", times, unit="TIMES"),
        figure("x", "2025-06", top),
        figure("x", "2020", bottom, derived=True),
    ]
    return seen(run("multiple", figures, relation=relation("multiple", "x", "base=2020")))


def per_10k(printed: str, stock: str, population: dict[str, str], period: str) -> Checked:
    figures = [figure("result", period, printed, unit="PER_10K_POP"), figure("x", period, stock)]
    figures += [figure("people", year, n, unit="PERSONS") for year, n in population.items()]
    return run("ratio", figures, relation=relation("ratio", "x;people"))


def per_10k_either(printed: str, stock: str, population: dict[str, str], period: str) -> Seen:
    """Each denominator alone gives a number; together they give the verdict."""
    alone = [per_10k(printed, stock, {y: n}, period) for y, n in population.items()]
    verdict = per_10k(printed, stock, population, period).evaluation.verdict
    return seen(*alone)[0], verdict


def parts(printed: str, *values: str) -> Seen:
    names = [f"part{i}" for i in range(len(values))]
    figures = [figure(name, "2022", value) for name, value in zip(names, values, strict=True)]
    figures.append(figure("result", "2022", printed))
    return seen(run("sum", figures, relation=relation("sum", ";".join(names))))


def true_base_of_indicator_5() -> Seen:
    figures = [
        figure("x", "2019", "11.6", unit="PT", release="note", published="2020-12-31"),
        figure("x", "2020", "11.97", unit="PT", release="news", published="2022-01-01"),
    ]
    plan = target("x", "2025", "13.0", "11.6", "1.4", baseline_period="2020", unit="PT")
    return seen(run("baseline_period", figures, [plan]))


def inclusive_borrowers_one_year_before() -> Seen:
    implied = growth("111.7", "6951", None, "2022-S1")
    params = "part_growth=part__growth;whole_growth=whole__growth"
    figures = [
        figure("result", "2022-S1", "71.2", unit="PT"),
        figure("part__growth", "2022-S1", "111.7", unit="PT_YOY"),
        figure("whole__growth", "2022-S1", "68.0", unit="PT_YOY"),
        figure("result", "2021", "71.8", unit="PT"),
    ]
    by_share = relation("share_growth", "part;whole", params)
    broken = run("share_growth", figures, relation=by_share, period="2022-S1")
    assert broken.evaluation.computed == pytest.approx(56.5, abs=0.05)
    assert broken.evaluation.claimed == 71.8
    return gap(broken, implied)


def growth_target_of_2019() -> Seen:
    goals = [
        target("x__growth", "2019", "10", release="guide", baseline_period=None, unit="PT_YOY")
    ]
    before = [figure("x", "2018", "122.4")]
    implied = run("growth", before, goals)
    goals.append(target("x", "2019", "135", qualifier="more_than", release="guide"))
    return gap(run("growth", before, goals), implied)


def five_years_against_five() -> Seen:
    figures = [
        figure("result", "2016-01-01/P5Y", "2", unit="TIMES"),
        figure("total", "2016-01-01/P5Y", "709.5", unit="CNY"),
        figure("patent_total", "2011-01-01/P5Y", "153.3", unit="CNY"),
    ]
    times = relation("multiple", "total;patent_total", "base=2011-01-01/P5Y")
    return seen(run("multiple", figures, relation=times))


def inside_five_years(years: dict[str, str], period: str) -> Seen:
    figures = [figure("x", year, value, unit="CNY") for year, value in years.items()]
    figures.append(figure("result", "2016-01-01/P5Y", "709.5", unit="CNY"))
    return seen(run("total", figures, relation=relation("total", "x"), period=period))


def one_year_against_five() -> Seen:
    return inside_five_years({"2020": "2180"}, "2020")


def compounded_reduction() -> Seen:
    """10 % off, then 15 % off: the length left of 100, of which neither base is published."""
    first = growth("-10", None, "100", "2018")
    second = growth("-15", None, f"{first.evaluation.computed:g}", "2019")
    ((left,), verdict) = seen(second)
    return (100 - left,), verdict


def designs_as_written() -> Seen:
    figures = [
        figure("x", "2020", "732000000", release="report", trust="machine_translation"),
        figure("x", "2022", "720907", release="yearbook", trust="primary"),
    ]
    return seen(run("scale", figures, period="2020"))


def madrid_as_written() -> Seen:
    figures = [figure("madrid", "2020", "44230000"), figure("result", "2020", "30173000")]
    return seen(run("subset", figures, relation=relation("subset", "madrid")))


def union_against_parts() -> Seen:
    known = {"c1": "147.2", "c2": "13.9", "c3": "79.3", "result": "215.5"}
    figures = [figure(name, "2025-06", value) for name, value in known.items()]
    checked = run("union", figures, relation=relation("union", "c1;c2;c3;c4;c5"))
    assert checked.evaluation.detail == "parts overlap by at least 24.9"
    return seen(checked)


def ratio_with_population_of_2019() -> Seen:
    checked = per_10k("15.8", "2213", {"2020": "1411780", "2019": "1400050"}, "2020")
    assert "2019: 15.81 (agrees)" in checked.evaluation.detail
    assert "2020: 15.68 (agrees)" not in checked.evaluation.detail
    return seen(checked)


PEOPLE = {  # year-end population in units that make 10,000 patents / people a rate per 10,000
    "2021": "141260",
    "2022": "141175",
    "2023": "140967",
    "2024": "140828",
    "2025": "140489",
}


def high_value_rate(printed: str, stock: str, *years: str, period: str) -> Seen:
    return per_10k_either(printed, stock, {year: PEOPLE[year] for year in years}, period)


CASES: dict[str, Callable[[], Seen]] = {
    "accumulated change I1": lambda: change("12", "6.3", "5.7"),
    "accumulated change I2": lambda: change("9", "4", "5"),
    "accumulated change I3": lambda: change("3200", "2180", "1020"),
    "accumulated change I4": lambda: change("3500", "3194.4", "305.6"),
    "accumulated change I5": lambda: change("13.0", "11.6", "1.4"),
    "accumulated change I6": lambda: change("7.5", "7.39", "0.11"),
    "accumulated change I7": lambda: change("82", "80.05", "1.95"),
    "I5 true 2020 base": true_base_of_indicator_5,
    "inclusive share": lambda: share("71.2", "6951", "9760"),
    "beneficiaries 2021-H1": lambda: seen(growth("68.0", "9760", None, "2022-S1")),
    "inclusive 2021-H1": inclusive_borrowers_one_year_before,
    "pledge 2021-H1": lambda: gap(
        growth("51.5", "162.65", "107.4", "2022-S1"), growth("51.5", "162.65", None, "2022-S1")
    ),
    "patent operations 2020": lambda: seen(growth("19.7", "485000", None, "2021")),
    "royalty CAGR": lambda: average("15.4", "23.11", "40.98", ("2015", "2019"), "2015-01-01/P5Y"),
    "pledge 2019 target": growth_target_of_2019,
    "pledge 13FYP vs 12FYP": five_years_against_five,
    "pledge 2018-2020 vs 5-year total": lambda: inside_five_years(
        {"2018": "122.4", "2019": "151.5", "2020": "218.0"}, "2016-01-01/P5Y"
    ),
    "HV cycle compounded": compounded_reduction,
    "patent-intensive 2019": lambda: gap(
        growth("7", "11.5", "10.709", "2019"), growth("7", None, "10.709", "2019")
    ),
    "invention per 10k 2020, pop 2019": ratio_with_population_of_2019,
    "invention per 10k 2020, census": lambda: seen(
        per_10k("15.8", "2213", {"2020": "1411780"}, "2020")
    ),
    "I3 as written": one_year_against_five,
    "designs as written": designs_as_written,
    "Madrid as written": madrid_as_written,
    "HV 2022": lambda: gap(growth("24.2", "132.4", "106.6"), growth("24.2", None, "106.6")),
    "HV per 10k 2022": lambda: high_value_rate("9.4", "132.4", "2021", "2022", period="2022"),
    "HV per 10k 2023": lambda: high_value_rate("11.8", "166.5", "2022", "2023", period="2023"),
    "HV per 10k 2024": lambda: high_value_rate("14.0", "197.8", "2023", "2024", period="2024"),
    "HV per 10k 2025-06": lambda: high_value_rate("15.3", "215.5", "2024", period="2025-06"),
    "HV per 10k 2025": lambda: high_value_rate("16", "229.2", "2024", "2025", period="2025"),
    "HV share 2025": lambda: share("43.1", "229.2", "532"),
    "SEI growth 2022": lambda: seen(growth("18.7", "95.2", "79.2")),
    "SEI share 2022": lambda: share("71.9", "95.2", "132.4"),
    "SEI share 2023": lambda: share("70.0", "116.6", "166.5"),
    "SEI share 2025": lambda: share("70", "153.4", "229.2", "approximately"),
    "union vs parts 2025-06": union_against_parts,
    "SEI x2.2": lambda: multiple("2.2", "147.2", "67.8"),
    "royalty 2024 CAGR 2020-24": lambda: average(
        "5.7", "3194.4", "3987.1", ("2020", "2024"), "2020-01-01/P4Y"
    ),
    "pledge growth 2022": lambda: seen(growth("57.1", "4868.8", "3098")),
    "pledge growth 2023": lambda: seen(growth("75.4", "8539.9", "4868.8", "2023")),
    "patent-intensive parts 2018": lambda: parts(
        "107090", "32833", "21551", "19472", "14130", "9465", "7215", "2424"
    ),
    "patent-intensive parts 2023": lambda: parts(
        "168713", "32101", "48808", "17310", "13695", "3834", "39322", "13643"
    ),
    "patent-intensive parts 2022": lambda: parts(
        "153176", "31818", "41643", "18575", "12880", "3419", "33888", "10953"
    ),
}


def wanted_verdict(verdict: str) -> str:
    """The class of a verdict of the table."""
    if re.search(r"impossible|^BAD|break$|base is 2019", verdict):
        return "violated"
    if re.search(r"^implied|^ambiguous|^would be", verdict):
        return "no_claim"
    return "ok"


def half_unit(text: str) -> float:
    """How far a number may be from the table's; the table writes whole numbers with `.0`."""
    decimals = len(text.removesuffix(".0").partition(".")[2])
    return 0.5001 * 10.0**-decimals


@pytest.fixture
def table(shared_path: Callable[[str], Path]) -> dict[str, dict[str, str]]:
    path = shared_path("reference/arithmetic_checks.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["check"]: row for row in csv.DictReader(file, delimiter="\t")}


def test_every_check_of_the_table_is_rebuilt(table: dict[str, dict[str, str]]) -> None:
    assert len(table) == 43
    assert set(CASES) == set(table)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_rule_agrees_with_the_table(name: str, table: dict[str, dict[str, str]]) -> None:
    computed, verdict = CASES[name]()
    wanted = re.findall(r"[0-9.]+", table[name]["computed"])
    assert len(computed) == len(wanted)
    for number, text in zip(computed, wanted, strict=True):
        assert number == pytest.approx(float(text), abs=half_unit(text))
    assert verdict == wanted_verdict(table[name]["verdict"])


VERDICTS = {
    "violated": {
        "I5 true 2020 base",
        "inclusive 2021-H1",
        "pledge 13FYP vs 12FYP",
        "I3 as written",
        "designs as written",
        "Madrid as written",
        "SEI growth 2022",
    },
    "no_claim": {
        "beneficiaries 2021-H1",
        "patent operations 2020",
        "HV cycle compounded",
        "invention per 10k 2020, census",
    },
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_verdict_holds_without_the_table(name: str) -> None:
    wanted = next((verdict for verdict, names in VERDICTS.items() if name in names), "ok")
    assert CASES[name]()[1] == wanted
