"""What the assets share: the settings of a run and the dbt command. Nothing else."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import cast

from dagster import ConfigurableResource, InitResourceContext
from dagster_dbt import DbtCliResource
from packaging.version import Version

from pipelines.build import DBT_PROJECT
from pipelines.lock import writer
from pipelines.settings import Settings


class Warehouse(ConfigurableResource[None]):
    """One run's choices. `live`: ask the sources' addresses, not only inbox and checkout."""

    live: bool = False

    @property
    def settings(self) -> Settings:
        """Settings from the environment."""
        return Settings()

    @contextmanager
    def yield_for_execution(
        self,
        context: InitResourceContext,  # noqa: ARG002 - Dagster's signature
    ) -> Generator[None, None, None]:
        """A run is the one writer from its first step to its last: what it builds from stands."""
        with writer(self.settings):
            # Dagster hands this very object to the assets, whatever its type says.
            yield cast(None, self)


class _Dbt(DbtCliResource):
    """dbt of the package that is installed here. dagster-dbt starts dbt once more to ask which."""

    @property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))


def dbt() -> DbtCliResource:
    """dbt on this project, with its own profile; the one beside this Python, whatever PATH says."""
    return _Dbt(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=str(Path(sys.executable).with_name("dbt")),
    )
