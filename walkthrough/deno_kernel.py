"""The JavaScript kernel: passes cells to Deno; knows no pages."""

from __future__ import annotations

import contextlib
from typing import Any

from walkthrough.deno_program import Deno
from walkthrough.languages import Language
from walkthrough.program import CellError, Publish
from walkthrough.wrapper_kernel import WrapperKernel


class DenoKernel(WrapperKernel):
    """Jupyter's side of Deno."""

    banner = "Deno"
    language_info = Language.JAVASCRIPT.notebook_metadata["language_info"]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._deno: Deno | None = None
        self._busy = False

    def start(self) -> None:
        """Start Deno with the kernel, so that the first cell need not wait for it."""
        super().start()  # type: ignore[no-untyped-call]
        with contextlib.suppress(CellError):  # the first cell will say it
            self._deno = Deno()

    async def run(self, code: str, publish: Publish) -> None:
        """Run a cell in Deno."""
        if self._deno and not self._deno.alive:
            self._deno = None
            text = "This cell runs in a new Deno; variables and imports of the last are gone.\n"
            publish("stream", {"name": "stderr", "text": text})
        self._busy = True
        try:
            await (await self._answering()).run(code, publish)
        finally:
            self._busy = False

    async def _answering(self) -> Deno:
        """A Deno that answers; one that does not is replaced, for nothing has run in it yet.

        Deno takes TCP ports only, and one that was free may be taken by the time Deno binds it.
        """
        failure = CellError("DenoSilent", "Deno was started three times and never answered")
        for _ in range(3):
            self._deno = self._deno or Deno()
            try:
                await self._deno.start()
                return self._deno
            except TimeoutError:
                self._deno.close()
            except CellError as ended:
                if ended.name == "Interrupted":
                    raise
                failure = ended
            self._deno = None
        raise failure

    def interrupt(self) -> None:
        """Stop the cell that is running."""
        if self._deno and self._busy:
            self._deno.interrupt()

    def close(self) -> None:
        """End Deno."""
        if self._deno:
            self._deno.close()

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        """Complete a name, as Deno knows it."""
        with contextlib.suppress(CellError):
            if self._deno and self._deno.alive:
                return await self._deno.complete(code, cursor_pos)
        nothing: dict[str, Any] = await super().do_complete(code, cursor_pos)  # type: ignore[no-untyped-call]
        return nothing


if __name__ == "__main__":
    DenoKernel.launch()
