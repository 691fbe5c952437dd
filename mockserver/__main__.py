"""The `mockserver` command."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from mockserver import BadGraph, MockDeployment, MockServerError
from mockserver.settings import Settings

command = typer.Typer(add_completion=False)


@command.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")] = 8123,
    hold: Annotated[
        float, typer.Option(min=0, help="Seconds a background run thinks unless it is joined.")
    ] = Settings.hold_s,
    think: Annotated[
        float, typer.Option(min=0, help="Seconds a run thinks that is waited for.")
    ] = Settings.think_s,
    seed: Annotated[int, typer.Option(help="Same seed and requests, same answers.")] = Settings.seed,
    config: Annotated[
        Path | None, typer.Option(help="A langgraph.json; serves its graphs instead of the weather agent.")
    ] = None,
    graph: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PLACE:ATTRIBUTE", help="A graph in a module or file; may be repeated."),
    ] = None,
    loopback_webhooks: Annotated[
        bool, typer.Option("--loopback-webhooks", help="Let webhooks name this machine.")
    ] = False,
    api_key: Annotated[
        str | None,
        typer.Option(envvar="MOCKSERVER_API_KEY", help="Key that clients must send as x-api-key."),
    ] = None,
) -> None:
    """Serve a mock LangGraph deployment; Ctrl-C stops it."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        with MockDeployment(
            host=host,
            port=port,
            hold_s=hold,
            think_s=think,
            seed=seed,
            api_key=api_key,
            config=config,
            graphs=_named(graph or []),
            loopback_webhooks=loopback_webhooks,
        ) as deployment:
            print(f"Mock LangGraph deployment at {deployment.url} (Ctrl-C stops it). Try:")
            print(_example(deployment.url, api_key), flush=True)
            stopping.wait()
    except MockServerError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None


def _named(graphs: list[str]) -> dict[str, str]:
    for each in graphs:
        if not all(each.partition("=")):
            raise BadGraph(f"{each!r} names no graph. Write --graph NAME=path/to/file.py:ATTRIBUTE")
    return {name: where for name, _, where in (each.partition("=") for each in graphs)}


def _example(url: str, api_key: str | None) -> str:
    key = " --header 'x-api-key: KEY'" if api_key else ""
    return f"  curl --request POST {url}/threads{key} --data '{{}}'"


def main() -> None:
    """Run the command."""
    command()


if __name__ == "__main__":
    main()
