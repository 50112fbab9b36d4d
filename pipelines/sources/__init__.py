"""The sources, one folder each, named after its id; its package defines SOURCE."""

from __future__ import annotations

import importlib
import pkgutil

from pipelines.source import Source


def all_sources() -> dict[str, Source]:
    """Every source by its id, in alphabetical order."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {m.SOURCE.id: m.SOURCE for m in modules if hasattr(m, "SOURCE")}
