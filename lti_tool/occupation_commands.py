"""`backontrack occupations`: the official occupations, skills and interests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from config.clock import utcnow
from lti_tool.command_tools import check_schema, open_services, readable
from lti_tool.occupations.files import EscoFiles, OnetFiles
from lti_tool.occupations.operations import (
    Coverage,
    Progress,
    coverage,
    datasets,
    import_esco,
    import_onet,
)
from lti_tool.occupations.reconcile import Change

_FILE = click.Path(path_type=Path)
_release = click.option(
    "--release", help="What to call the release. Default: from the name of the file or its folder."
)
_quiet = click.option("--quiet", is_flag=True, help="No progress bar.")


@click.group()
def occupations() -> None:
    """Put ESCO's 3,000 occupations in the place of the 436 groups that come with the tool.

    The files are free and come from https://esco.ec.europa.eu/en/use-esco/download and
    https://www.onetcenter.org/database.html; docs/operator.md says which to choose. Import again
    as often as you like: the same files change nothing, newer ones change what is new.
    """


@occupations.command("import-esco")
@click.option("--occupations", type=_FILE, required=True, help="Zip: classification, English, CSV.")
@click.option("--relations", type=_FILE, required=True, help="Zip: relations, CSV.")
@click.option("--labels", type=_FILE, required=True, help="CSV: names in nine languages.")
@click.option(
    "--conditions", type=_FILE, help="CSV: Nesta's training and remote work. May be left out."
)
@_release
@_quiet
@readable
def esco(
    occupations: Path,
    relations: Path,
    labels: Path,
    conditions: Path | None,
    release: str | None,
    *,
    quiet: bool,
) -> None:
    """Read ESCO's occupations, their names, skills and relations; takes about a minute.

    Every file is read and checked first. When one is broken, a line names it and says how to mend
    it, and the database stays as it was. People may go on working meanwhile.
    """
    services = open_services()
    check_schema(services)
    with _bar(quiet) as show:
        change = import_esco(
            services.database,
            EscoFiles(occupations, relations, labels, conditions),
            utcnow(),
            release=release,
            on_progress=show,
        )
    click.echo(_said(change))


@occupations.command("import-onet")
@click.option("--interests", type=_FILE, required=True, help="Interests.xlsx")
@click.option("--job-zones", type=_FILE, required=True, help="Job Zones.xlsx")
@click.option("--occupations", type=_FILE, required=True, help="Occupation Data.xlsx")
@click.option("--crosswalk", type=_FILE, required=True, help="CSV: the ESCO-O*NET crosswalk.")
@_release
@_quiet
@readable
def onet(
    interests: Path,
    job_zones: Path,
    occupations: Path,
    crosswalk: Path,
    release: str | None,
    *,
    quiet: bool,
) -> None:
    """Read which interests and how much preparation each occupation asks for.

    O*NET's figures reach ESCO's occupations through the official crosswalk. Occupations without
    any take those of their ISCO-08 group. Before or after import-esco is the same.
    """
    services = open_services()
    check_schema(services)
    with _bar(quiet) as show:
        change = import_onet(
            services.database,
            OnetFiles(interests, job_zones, occupations, crosswalk),
            utcnow(),
            release=release,
            on_progress=show,
        )
    click.echo(_said(change))


@occupations.command()
@readable
def status() -> None:
    """Show what was imported, and how many occupations have figures and names of their own."""
    services = open_services()
    check_schema(services)
    with services.database.read_connection() as connection:
        found = datasets(connection)
        covered = coverage(connection)
    for one in found:
        counts = ", ".join(
            f"{count:,} {name.replace('_', ' ')}" for name, count in one.counts.items()
        )
        click.echo(f"{one.name:6} {one.release:8} {one.imported_at:%Y-%m-%d %H:%M}  {counts}")
    if covered.occupations:
        _show(covered)
    else:
        click.echo("No occupations imported: learners see the 436 ISCO-08 groups of the tool.")


def _show(covered: Coverage) -> None:
    whole = covered.occupations
    for what, count in (
        ("interests", covered.interests),
        ("preparation", covered.job_zone),
        ("training on the job", covered.training),
        ("work from home", covered.remote),
    ):
        click.echo(f"{what:20} {count:,} of {whole:,}; the others take their ISCO-08 group's")
    titles = ", ".join(f"{language} {count:,}" for language, count in covered.titles.items())
    click.echo(f"{'names':20} {titles}")
    click.echo(f"{'':20} readers of other languages see the 436 groups of the tool")
    if covered.undescribed:
        names = ", ".join(covered.undescribed)
        click.echo(
            f"{'no description':20} {len(covered.undescribed)}: named by the relations, absent "
            f"from the list of occupations ({names})"
        )


def _said(change: Change) -> str:
    if change.nothing:
        return f"Nothing new: all {change.same:,} rows were there already."
    return (
        f"{change.added:,} rows added, {change.changed:,} changed, {change.removed:,} removed, "
        f"{change.same:,} as before. Next: backontrack occupations status"
    )


@contextmanager
def _bar(quiet: bool) -> Iterator[Progress]:
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _share: None
        return
    with click.progressbar(
        length=1000, label="Importing", item_show_func=lambda what: what, file=sys.stderr
    ) as bar:

        def show(what: str, share: float) -> None:
            bar.update(max(0, round(share * 1000) - bar.pos), what)

        yield show
