"""The checkout itself: what may stand in it, and that its two commands are there.

Not here: what the code does.
"""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CHECKOUT = Path(__file__).resolve().parents[2]
MEBIBYTE = 2**20

#: Addresses and options that tie an installation to one package registry, and paths of one machine.
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(com|org)|crates\.io|proxy\.golang\.org|[a]rtifactory"
    r"|conda\.anaconda|index[-_]url|--[i]ndex\b|find[-]links|trusted[-]host|/simple/?[\"'\s]",
    re.IGNORECASE,
)
ONE_MACHINE = re.compile(r"(^|[\s\"'`(=])/([w]ork|root|home)/", re.MULTILINE)
#: What running and building leave behind.
PRODUCTS = re.compile(
    r"(^|/)(\.venv|build|dist|target|logs|__pycache__|\.dagster|\.?[a-z]+_cache|.*\.egg-info)/"
    r"|^raw/(objects|receipts|inbox)/|^warehouse/(?!README\.md)|\.(duckdb|parquet|pyc)$"
)


@pytest.fixture(scope="module")
def carried() -> list[str]:
    """Files that are in git or would be with the next commit."""
    if not (CHECKOUT / ".git").exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHECKOUT} is no git checkout")
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    names = [name for name in done.stdout.splitlines() if (CHECKOUT / name).is_file()]
    assert "README.md" in names
    return names


def texts(names: list[str]) -> dict[str, str]:
    return {name: (CHECKOUT / name).read_text(encoding="utf-8") for name in names}


def targets() -> set[str]:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_every_file_is_text_and_smaller_than_a_mebibyte(carried: list[str]) -> None:
    assert texts(carried)  # read as UTF-8
    sizes = {name: (CHECKOUT / name).stat().st_size for name in carried}
    assert {name: size for name, size in sizes.items() if size >= MEBIBYTE} == {}


def test_no_file_names_a_package_registry_or_one_machine(carried: list[str]) -> None:
    found = [
        (name, match[0])
        for name, text in texts(carried).items()
        for pattern in (REGISTRIES, ONE_MACHINE)
        for match in pattern.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["--in|dex-url https://x", "https://py|pi.org/", "PIP_IN|DEX_URL=x", "- http://x/sim|ple/\n"],
)
def test_the_search_for_registries_finds_them(line: str) -> None:
    assert REGISTRIES.search(line.replace("|", ""))  # parted, for this file is searched too


def test_nothing_that_a_run_makes_is_carried(carried: list[str]) -> None:
    assert [name for name in carried if PRODUCTS.search(name)] == []


def locked() -> dict[str, str]:
    """Name and version of every pinned package."""
    lines = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    matches = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.+!]*)", pin) for pin in pins]
    assert [pin for pin, match in zip(pins, matches, strict=True) if match is None] == []
    names = [plain(match[1]) for match in matches if match]
    assert len(names) == len(set(names))
    return {plain(match[1]): match[2] for match in matches if match}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_pins_every_package_that_the_project_names() -> None:
    pins = locked()
    with (CHECKOUT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    named = [
        Requirement(text)
        for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    ]
    assert [r.name for r in named if plain(r.name) not in pins] == []
    assert [str(r) for r in named if not r.specifier.contains(pins[plain(r.name)])] == []


def test_the_readme_s_commands_exist() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^make ([a-z]+)", readme, re.MULTILINE))
    assert commands == {"run", "test"}  # the two commands
    assert set(re.findall(r"`make ([a-z]+)`", readme)) | commands <= targets()


def test_what_ci_runs_exists() -> None:
    ci = (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")
    assert set(re.findall(r"^make ([a-z]+)$", ci, re.MULTILINE)) == {"lint", "test"}
    assert (CHECKOUT / ".ci" / "run").stat().st_mode & 0o111
    assert {"run", "test", "lint", "dagster", "clean"} <= targets()


@pytest.mark.parametrize(
    ("target", "says"), [("run", "/ipw run"), ("test", "-m pytest"), ("lint", "/mypy")]
)
def test_make_knows_how(target: str, says: str) -> None:
    command = ["make", "--dry-run", "--no-print-directory", target]
    done = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    assert says in done.stdout
