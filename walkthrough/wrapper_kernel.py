"""What the shell and the Deno kernel share: Jupyter's side of a kernel that has another program run the cells."""

from __future__ import annotations

import signal
from typing import Any

from ipykernel._version import kernel_protocol_version
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from walkthrough.program import CellError, Publish


class WrapperKernel(Kernel):
    """A kernel whose `run` has another program run the cells.

    `language_info` of a subclass has no version: notebooks record it, and are to be the same on every machine.
    """

    banner = ""

    async def run(self, code: str, publish: Publish) -> None:
        """Run a cell to its end.

        Args:
            code: the source.
            publish: called with the outputs while the cell runs.

        Raises:
            CellError: the cell failed.
        """
        raise NotImplementedError

    def interrupt(self) -> None:
        """Stop the cell that is running, if one is. Called by a signal handler."""
        raise NotImplementedError

    def close(self) -> None:
        """End the other program. Called by another thread than `run`."""
        raise NotImplementedError

    @property
    def kernel_info(self) -> dict[str, object]:
        """What the kernel is. The base class would promise a debugger, and import one for half a second to find it."""
        return {
            "protocol_version": kernel_protocol_version,
            "implementation": type(self).__module__,
            "implementation_version": "1",
            "language_info": self.language_info,
            "banner": self.banner,
        }

    def pre_handler_hook(self) -> None:
        """Hand an interrupt to the other program, instead of raising KeyboardInterrupt wherever Python is."""
        self.saved_sigint_handler = signal.signal(signal.SIGINT, lambda *_: self.interrupt())

    async def do_execute(self, code: str, silent: bool, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run a cell and tell Jupyter how it ended."""

        def publish(kind: str, content: dict[str, Any]) -> None:
            if not silent:
                self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]

        reply: dict[str, Any] = {
            "execution_count": self.execution_count,
            "payload": [],
            "user_expressions": {},
        }
        try:
            await self.run(code, publish)
        except CellError as failure:
            error = {"ename": failure.name, "evalue": f"{failure}", "traceback": failure.traceback}
            publish("error", error)
            return {"status": "error", **reply, **error}
        return {"status": "ok", **reply}

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """End the other program with the kernel."""
        self.close()
        return {"status": "ok", "restart": restart}

    @classmethod
    def launch(cls) -> None:
        """Run the kernel as this process, with the arguments Jupyter gave."""
        # ERROR: on loopback, the warning that the connection is not encrypted would only worry the reader. No
        # outstream: what this process and its children print is for the terminal, not for the notebook.
        WrapperApp.launch_instance(kernel_class=cls, log_level="ERROR", outstream_class=None)


class WrapperApp(IPKernelApp):
    """An application that ends in order."""

    def start(self) -> None:
        """Serve until the shutdown, and end when the control thread has confirmed it.

        Otherwise ipykernel's exit handlers now and then close the socket that the thread is using, and libzmq aborts.
        """
        super().start()  # type: ignore[no-untyped-call]
        if self.control_thread and self.control_thread.is_alive():
            self.control_thread.stop()
            self.control_thread.join()
