"""A Deno that runs cells: its own Jupyter kernel, and what mends that; knows nothing of ours.

Between Jupyter and Deno, because Deno 2.9:

- reports a cell as finished before its last output is sent, so that Jupyter drops that output now and then;
- takes its configuration from the working directory only, which is the notebook's, so that a notebook outside of a
  Deno project could not import anything by name;
- cannot be interrupted, and says nothing when a cell ends it or a module cannot be resolved.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from queue import Empty
from typing import Any

from deno import find_deno_bin
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file

from walkthrough.kernels import deno_environment, deno_folder
from walkthrough.program import CellError, ProcessGroup, Publish, ended, not_installed

OUTPUTS = {"clear_output", "display_data", "error", "execute_result", "stream", "update_display_data"}
START_S = 15  # a Deno that has not answered by then never will; another one is started
ALIVE_S = 0.2  # how often to look whether Deno is still there while it is silent


class Deno:
    """A Deno, started for the notebooks of the working directory.

    Raises:
        CellError: there is no Deno.
    """

    def __init__(self) -> None:
        try:
            binary = find_deno_bin()
        except FileNotFoundError:
            raise CellError("DenoMissing", not_installed("Deno", "deno")) from None
        self._here = Path.cwd()
        self._folder = deno_folder(self._here)
        self._directory = tempfile.TemporaryDirectory()
        environment = deno_environment(self._folder)
        if self._folder != self._here:
            # A copy, because Deno notes what a cell imports in the deno.lock beside its configuration.
            for name in ("deno.json", "deno.lock"):
                shutil.copy(self._folder / name, self._directory.name)
            self._folder = Path(self._directory.name)
        file, _ = write_connection_file(
            f"{self._directory.name}/connection.json", key=os.urandom(16).hex().encode()
        )
        self._group = ProcessGroup()
        self._process = subprocess.Popen(
            [binary, "jupyter", "--quiet", "--kernel", "--conn", file],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            process_group=self._group.id,
        )
        self._client = AsyncKernelClient(connection_file=file)
        self._client.load_connection_file()
        self._client.start_channels(stdin=False, hb=False, control=False)
        self._token = f"flushed {os.urandom(16).hex()}"
        self._ready = self._interrupted = False

    @property
    def alive(self) -> bool:
        """Whether Deno is still there."""
        return self._process.poll() is None

    async def run(self, code: str, publish: Publish) -> None:
        """Run one cell to its end; the arguments are those of the kernel's `run`."""
        await self.start()
        errors: list[dict[str, Any]] = []

        def forward(kind: str, content: dict[str, Any]) -> None:
            if kind == "error":
                errors.append(content)
            else:
                publish(kind, content)

        reply = await self._answer(self._client.execute(code), forward)
        await self._flush(forward)
        for error in errors:
            raise CellError(error["ename"], error["evalue"], error["traceback"])
        if reply["status"] != "ok":
            message = (
                "Deno could not load the cell: an import in it names a module that it cannot find or download"
            )
            raise CellError("ModuleError", message)

    async def complete(self, code: str, position: int) -> dict[str, Any]:
        """Deno's answer to a completion request."""
        await self.start()
        return await self._answer(self._client.complete(code, position))

    def interrupt(self) -> None:
        """End Deno, which knows no other way to stop a cell."""
        self._interrupted = True
        self._group.signal(signal.SIGKILL)

    def close(self) -> None:
        """End Deno and all that it started."""
        self._group.close()
        self._process.wait()
        self._directory.cleanup()

    async def start(self) -> None:
        """Wait until Deno answers and its outputs arrive, go to where the notebook is, and try one output.

        Raises:
            TimeoutError: Deno does not answer; seen once in some 200 starts on a busy machine.
            CellError: Deno has ended.
        """
        if self._ready:
            return
        async with asyncio.timeout(START_S):
            answered = False
            while not answered:
                request = self._client.kernel_info()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._answer(request), timeout=0.1)
                    answered = True
            prepare = f"globalThis[Symbol.for({self._token!r})] = console.log.bind(console)"
            if self._folder != self._here:
                prepare += f"; Deno.chdir({json.dumps(str(self._here))})"
            await self._answer(self._client.execute(prepare, silent=True, store_history=False))
            await self._flush(lambda kind, content: None)
            self._ready = True

    async def _flush(self, forward: Publish) -> None:
        """Pass on what a cell printed last, which may come after the message that it has ended.

        Deno sends the printed texts in order; so when the token comes, all before it have come.
        """
        flushed = False

        def forward_until_token(kind: str, content: dict[str, Any]) -> None:
            nonlocal flushed
            if kind == "stream" and self._token in content["text"]:
                flushed = True
                content["text"] = content["text"].replace(f"{self._token}\n", "")
            if kind != "stream" or content["text"]:
                forward(kind, content)

        code = f"globalThis[Symbol.for({self._token!r})]({self._token!r})"
        await self._answer(self._client.execute(code, silent=True, store_history=False), forward_until_token)
        while not flushed:
            await self._output(forward_until_token)

    async def _answer(self, request: str, forward: Publish = lambda kind, content: None) -> dict[str, Any]:
        """Pass on outputs until Deno is idle again after a request; the content of its reply."""
        while await self._output(forward) != request:
            pass
        while (reply := await self._next(self._client.get_shell_msg))["parent_header"].get(
            "msg_id"
        ) != request:
            pass
        content: dict[str, Any] = reply["content"]
        return content

    async def _output(self, forward: Publish) -> str | None:
        """Pass on one output; the request that is now done, if that is what Deno had to say."""
        message = await self._next(self._client.get_iopub_msg)
        kind, content = message["msg_type"], message["content"]
        if kind in OUTPUTS:
            forward(kind, content)
        done = kind == "status" and content["execution_state"] == "idle"
        return message["parent_header"].get("msg_id") if done else None

    async def _next(self, get: Callable[..., Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        while True:
            try:
                return await get(timeout=ALIVE_S)
            except Empty:
                if not self.alive:
                    raise self._ended() from None

    def _ended(self) -> CellError:
        status = self._process.wait()
        self._client.stop_channels()
        self.close()
        if self._interrupted:
            return CellError(
                "Interrupted", "the cell was interrupted, and Deno with it; the next cell gets a new one"
            )
        return CellError("DenoEnded", ended("Deno", status))
