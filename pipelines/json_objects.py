"""JSON whose objects say everything once. Not here: what any object means.

Python's own reader takes the last of two values of one name and says nothing.
"""

from __future__ import annotations

from typing import Any


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For json.loads, as `object_pairs_hook`. Raises ValueError where a name stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return found
