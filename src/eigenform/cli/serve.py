"""`eigenform serve`: the site and its background worker, ended together."""

from datetime import UTC, datetime

import click

from eigenform.cli.answers import answer, json_option
from eigenform.cli.home import open_home


@click.command(short_help="Serve the site, with its background worker.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; 0.0.0.0 for all.")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes.  [default: 1 on SQLite, else 2]")
@click.option("--no-worker", is_flag=True, help="Serve pages only; another process runs the background work.")
@json_option
def command(port: int, host: str, workers: int | None, no_worker: bool, as_json: bool) -> None:
    """Serve the site until Ctrl-C. An installation where nobody can sign in prints a one-time set-up link.

    \b
    Example: eigenform serve
             eigenform serve --port 8001
    """
    run(host=host, port=port, workers=workers, with_worker=not no_worker, as_json=as_json)


def run(  # also called by `eigenform demo`
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int | None = None,
    with_worker: bool = True,
    as_json: bool = False,
    greeting: str = "",
) -> None:
    """Serve until told to end; `greeting` is printed below the address once the site answers."""
    from eigenform.cli import processes  # noqa: PLC0415 - the server is needed only here

    processes.refuse_busy_port(host, port)
    open_home()
    link = _set_up_link(port)
    url = f"http://localhost:{port}"

    def announce() -> None:
        lines = [f"Eigenform is at {url} (end it with Ctrl-C)."]
        if link:
            lines.append(f"Nobody can sign in yet. Make the first leader here, once, within 24 hours:\n{link}")
        text = "\n".join([*lines, *([greeting] if greeting else [])])
        answer({"url": url, "set_up_link": link}, as_json=as_json, human=lambda: click.echo(text))

    processes.serve(host=host, port=port, workers=workers, with_worker=with_worker, announce=announce)


def _set_up_link(port: int) -> str | None:
    from eigenform.policy import actions as policy  # noqa: PLC0415 - after Django is ready
    from eigenform.staff import actions as staff  # noqa: PLC0415

    now = datetime.now(UTC)
    policy.ensure_first(now=now)
    token = staff.first_setup_token(now=now)
    return f"http://localhost:{port}/set-up/{token}/" if token else None
