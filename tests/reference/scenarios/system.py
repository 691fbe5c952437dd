"""Assistants, and the server itself."""

from __future__ import annotations

from ..ids import CONSTANT_IDS, UNKNOWN
from ..recorder import Recorder
from ..scenario import scenario
from .steps import ask, new_thread


@scenario()
async def system_assistants_are_read(server: Recorder) -> None:
    for assistant in sorted(CONSTANT_IDS):
        await server.get(f"/assistants/{assistant}")
    await server.get("/assistants/agent")
    await server.get("/assistants/nope")


@scenario()
async def assistants_are_searched(server: Recorder) -> None:
    for body in (
        {"graph_id": "agent"},
        {"graph_id": "agent", "limit": 1},
        {"limit": 2, "sort_by": "name", "sort_order": "asc"},
        {"limit": 2, "offset": 4, "sort_by": "name", "sort_order": "asc"},
        {
            "metadata": {"created_by": "system"},
            "select": ["assistant_id"],
            "sort_by": "name",
            "sort_order": "asc",
        },
        {"metadata": {"created_by": "nobody"}},
        {"sort_by": "zzz"},
        {"graph_id": "nope"},
        {"limit": 0},
    ):
        await server.post("/assistants/search", body)
    await server.post("/assistants/search")


@scenario()
async def a_run_names_its_assistant_by_uuid(server: Recorder) -> None:
    thread = await new_thread(server)
    run = await server.post(
        f"/threads/{thread}/runs", ask("sf", graph="fe096781-5601-53d2-b2f6-0d3403f7e9ca")
    )
    await server.get(f"/threads/{thread}/runs/{run['run_id']}/join")


@scenario()
async def the_server_tells_about_itself(server: Recorder) -> None:
    await server.get("/ok")
    await server.get("/")
    await server.get("/ok?check_db=1")
    await server.send("HEAD", "/ok")
    await server.get("/info")


@scenario()
async def browsers_may_call_from_anywhere(server: Recorder) -> None:
    thread = await new_thread(server)
    for origin in ("http://localhost:3000", "https://elsewhere.example"):
        headers = {"origin": origin}
        await server.get("/ok", headers)
        await server.get(f"/threads/{thread}", headers)
        await server.get(f"/threads/{UNKNOWN}", headers)
        await server.post(f"/threads/{thread}/runs/stream", ask("sf"), headers)
        for path in ("/threads", f"/threads/{thread}/runs/stream"):
            preflight = {
                **headers,
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type,x-api-key",
            }
            await server.send("OPTIONS", path, headers=preflight)
            private = {**preflight, "access-control-request-private-network": "true"}
            await server.send("OPTIONS", path, headers=private)


@scenario()
async def keys_are_not_asked_for(server: Recorder) -> None:
    await server.post("/threads", {}, {"x-api-key": "whatever"})
    await server.post("/threads", {}, {"authorization": "Bearer x"})
