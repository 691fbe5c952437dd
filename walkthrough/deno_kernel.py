"""The JavaScript kernel: finds Deno and the configuration it runs with, and becomes it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deno import find_deno_bin

from walkthrough.kernels import deno_environment, deno_folder


def main(connection_file: str) -> None:
    """Replace this process by Deno's own Jupyter kernel.

    Args:
        connection_file: where Jupyter says which ports to use.
    """
    connection_file = os.path.abspath(connection_file)
    folder = deno_folder(Path.cwd())
    os.chdir(folder)
    arguments = ["deno", "jupyter", "--quiet", "--kernel", "--conn", connection_file]
    os.execve(find_deno_bin(), arguments, deno_environment(folder))


if __name__ == "__main__":
    main(sys.argv[1])
