"""The mock's own API under /mock, apart from the imitated one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mockserver import schemas
from mockserver.exchange import answer, deployment_of, read_body


async def reset(request: Request) -> Response:
    """Forget all threads and runs and draw the same ids again; `{"seed": n}` draws others."""
    deployment = deployment_of(request)
    body = await read_body(request, schemas.reset, if_empty={})
    await deployment.reset(int(body["seed"]) if "seed" in body else None)
    return answer({"seed": deployment.ids.seed})
