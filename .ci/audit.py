"""What is installed is what requirements.lock says, and nothing in it is known to be unsafe.

The first needs no network and fails the check. For the second pip-audit asks a public service: a
known weakness fails the check, and a service that does not answer is told and does not. An answer
"none found" counts only for packages that the service knows.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
#: pip comes with the environment, the project is not a dependency of itself.
APART = {"pip", "ip-warehouse"}
SECONDS = 180


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    """Name to version. Raises SystemExit for a line that does not pin one version."""
    found: dict[str, str] = {}
    for number, line in enumerate(LOCK.read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            pin = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!_]+)", line)
            if pin is None or normal(pin[1]) in found:
                raise SystemExit(f"{LOCK.name}, line {number}: not one package pinned once: {line}")
            found[normal(pin[1])] = pin[2]
    return found


def differences(lock: dict[str, str]) -> list[str]:
    """Where the environment is not what the lock says."""
    here = {normal(d.metadata["Name"]): d.version for d in distributions()}
    return [
        f"{name}: {LOCK.name} says {lock.get(name, 'nothing')}, installed is "
        f"{here.get(name, 'nothing')}"
        for name in sorted((lock.keys() | here.keys()) - APART)
        if lock.get(name) != here.get(name)
    ]


def known_weaknesses(packages: int) -> list[str]:
    """What the service knows; says on the way how many packages it could be asked about."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--no-deps",
        "--disable-pip", "--format", "json", "--progress-spinner", "off",
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        audited = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        print(f"audit: the service of known weaknesses does not answer; 0 of {packages} asked")
        return []
    answered = [each for each in audited if "skip_reason" not in each]
    print(f"audit: {len(answered)} of {packages} packages are known to the service of weaknesses")
    return [
        f"{each['name']} {each['version']}: {found['id']} (mended in "
        f"{', '.join(found['fix_versions']) or 'no version'})"
        for each in answered
        for found in each["vulns"]
    ]


def main() -> int:
    """Prints what is wrong; 1 when anything is."""
    lock = pinned()
    wrong = differences(lock)
    check = subprocess.run(
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    if check.returncode:
        wrong += check.stdout.splitlines()
    wrong += known_weaknesses(len(lock))
    print("\n".join(wrong) if wrong else f"audit: {len(lock)} packages are installed as pinned")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
