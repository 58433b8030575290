"""The command that keeps a folder up to date with a registry's results."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from app.cli.console import err, tell
from app.cli.offline import Quiet

if TYPE_CHECKING:
    from app.pulling.asking import Service, Shown
    from app.pulling.pull import Progress, Wish

BAR = (
    TextColumn("Pulling"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("{task.fields[table]} {task.fields[rows]:,} results {task.fields[mega]:.1f} MB"),
)


def _an_address(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/"):
        raise typer.BadParameter("give the service's address, such as https://svar.example.org")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise typer.BadParameter("must begin with https://, as a secret is sent there")
    return given.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Url = Annotated[str, typer.Option(help="Such as https://svar.example.org", callback=_an_address)]
ClientId = Annotated[str, typer.Option(envvar="CLIENT_ID", help="Your client's id")]
SecretFile = Annotated[
    Path | None,
    typer.Option(help="File with the secret; $CLIENT_SECRET if left out", dir_okay=False),
]
KeyFile = Annotated[
    Path | None, typer.Option(help="PEM file with your private key, instead", dir_okay=False)
]
Instruments = Annotated[
    list[str] | None,
    typer.Option("--instrument", help="Only this one; may be repeated; all if left out"),
]
Rows = Annotated[int, typer.Option(min=1, max=1_000_000, help="Results in a file, at most")]
Tries = Annotated[
    int, typer.Option(min=1, max=20, help="How often to ask when the service is away")
]
Latest = Annotated[
    bool, typer.Option(help="Also keep a file with the newest result of each response")
]
Form = Annotated[Literal["parquet", "csv"], typer.Option("--format", help="Of the files")]
Check = Annotated[bool, typer.Option("--check", help="Read every file again first")]
Folder = Annotated[Path, typer.Argument(help="Where the files are kept", file_okay=False)]


def pull(
    folder: Folder,
    url: Url,
    client_id: ClientId,
    secret_file: SecretFile = None,
    key_file: KeyFile = None,
    instrument: Instruments = None,
    format_: Form = "parquet",
    latest: Latest = True,
    rows: Rows = 50_000,
    tries: Tries = 6,
    check: Check = False,
    quiet: Quiet = False,
) -> None:
    """Pull a registry's new results into a folder, one for each instrument and version.

    Run it as often as you like, by hand or by cron: it goes on where it was, also after it was
    killed. Files that have come are never changed.

    Exit codes: 0 up to date; 2 a wrong option; 3 the service does not answer, the next run goes on;
    4 it refuses, and says why; 5 the folder cannot be used; 6 another pull is at work in it.
    """
    from app.pulling.asking import Service
    from app.pulling.pull import Wish

    shown = _shown(secret_file, key_file)
    service = Service(url=url, client_id=client_id, shown=shown, tries=tries, tell=tell)
    wish = Wish(
        folder=folder,
        form=format_,
        instruments=instrument or (),
        rows=rows,
        latest=latest,
        check=check,
    )
    done = _done_with_a_bar(service, wish, quiet=quiet)
    if not quiet:
        tell(_summary(done))


def _shown(secret_file: Path | None, key_file: Path | None) -> "Shown":
    """Return the secret or the key; a secret is no option, as others could see it there."""
    from app.pulling.credentials import NotAKeyFile, Secret, read_key

    if secret_file and key_file:
        raise typer.BadParameter("Give --secret-file or --key-file, not both.")
    try:
        if key_file:
            return read_key(key_file)
        secret = (
            secret_file.read_text("utf-8") if secret_file else os.environ.get("CLIENT_SECRET", "")
        ).strip()
    except NotAKeyFile as error:
        raise typer.BadParameter(f"{error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{secret_file or key_file} cannot be read: {error}") from None
    if not secret:
        raise typer.BadParameter("Set CLIENT_SECRET, or give --secret-file or --key-file.")
    return Secret(secret)


def _done_with_a_bar(service: "Service", wish: "Wish", *, quiet: bool) -> "Progress":
    from app.pulling.pull import pull as bring
    from app.pulling.stops import Stopped

    with Bar(*BAR, console=err, disable=quiet or not err.is_terminal) as bar:
        task = bar.add_task("pull", total=None, table="", rows=0, mega=0.0)

        def told(so_far: "Progress") -> None:
            bar.update(
                task,
                completed=so_far.done,
                total=so_far.tables,
                table=so_far.table,
                rows=so_far.rows.total(),
                mega=so_far.bytes / 1e6,
            )

        try:
            return bring(service, wish, told)
        except Stopped as stopped:
            tell(str(stopped))
            raise typer.Exit(stopped.code) from None


def _summary(done: "Progress") -> str:
    """Return one line: what came."""
    if not done.parts:
        return "Up to date: nothing new."
    some = ", ".join(f"{table} {rows:,}" for table, rows in done.rows.items())
    files = "1 file" if done.parts == 1 else f"{done.parts:,} files"
    return f"Up to date: {done.rows.total():,} new in {files} ({some})."
