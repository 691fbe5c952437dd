"""What the kernels need before they start: tools of the machine, and the npm modules of the JavaScript pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from deno import find_deno_bin

from walkthrough.errors import WalkthroughError

TOOLS = {"javascript": ("deno",), "curl": ("bash", "curl", "jq")}

# The package manager that is there says what its users type.
INSTALL = {
    "apt-get": "sudo apt-get install",
    "dnf": "sudo dnf install",
    "pacman": "sudo pacman -S",
    "apk": "sudo apk add",
    "zypper": "sudo zypper install",
    "brew": "brew install",
}


class MissingTool(NamedTuple):
    """A program that a language needs and that is not on this machine."""

    tool: str
    install: str


class ModulesError(WalkthroughError):
    """npm modules that could not be downloaded."""


def install_command(tool: str) -> str:
    """The command that installs a tool on this machine."""
    if tool == "deno":
        return f"{Path(sys.executable).name} -m pip install deno"
    manager = next((name for name in INSTALL if shutil.which(name)), "brew")
    return f"{INSTALL[manager]} {tool}"


def missing_tools(languages: Iterable[str]) -> list[MissingTool]:
    """The tools that these languages need and this machine lacks, each with the command that installs it.

    Args:
        languages: any of "python", "javascript", "curl".
    """
    tools = [tool for language in sorted(languages) for tool in TOOLS.get(language, ())]
    return [MissingTool(tool, install_command(tool)) for tool in tools if not _is_there(tool)]


def _is_there(tool: str) -> bool:
    if tool != "deno":
        return shutil.which(tool) is not None
    try:
        return bool(find_deno_bin())
    except FileNotFoundError:
        return False


def deno_folder(folder: Path) -> Path:
    """Where Deno has to start to find the configuration for the notebooks of a folder.

    Deno takes the nearest deno.json above its working directory; `deno jupyter` has no option that names another.
    Where there is none, that is the folder of this package's own.

    Args:
        folder: where the notebooks are.
    """
    folder = folder.resolve()
    if any(
        (parent / name).is_file()
        for parent in (folder, *folder.parents)
        for name in ("deno.json", "deno.jsonc")
    ):
        return folder
    return default_deno_folder()


def default_deno_folder() -> Path:
    """The folder of this package's own deno.json and deno.lock."""
    package = Path(__file__).parent
    installed = package / "javascript"  # put there by the wheel; in a checkout the notebooks' own are used
    return installed if installed.is_dir() else package.parent / "notebooks"


def deno_environment(folder: Path) -> dict[str, str]:
    """The environment for Deno in a folder that `deno_folder` gave."""
    environment = {**os.environ, "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
    environment.pop("FORCE_COLOR", None)  # any value of it, 0 included, wins over NO_COLOR
    if folder == default_deno_folder():
        # A package.json that happens to lie above an installed package is none of the notebook's business.
        environment["DENO_NO_PACKAGE_JSON"] = "1"
    return environment


def prefetch_javascript(directory: Path) -> None:
    """Download the npm modules of a folder's notebooks, unless they are there, so that no cell waits for them.

    Args:
        directory: where the notebooks are.

    Raises:
        ModulesError: Deno could not get them.
    """
    folder = deno_folder(directory)
    done = subprocess.run(
        [find_deno_bin(), "install", "--quiet"],
        cwd=folder,
        env=deno_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ModulesError(_download_failed(folder, done.stderr))


def _download_failed(folder: Path, message: str) -> str:
    config = folder / "deno.json"
    packages = sorted(json.loads(config.read_text()).get("imports", {}).values()) if config.is_file() else []
    lines = [line.strip() for line in message.partition("Stack backtrace")[0].splitlines() if line.strip()]
    cause = re.sub(r"^(error|\d+): ", "", lines[-1]) if lines else "nothing"
    registry = "is set" if os.environ.get("NPM_CONFIG_REGISTRY") else "is not set"
    return (
        f"The JavaScript packages could not be downloaded: {', '.join(packages) or 'those of ' + str(folder)}.\n"
        f"Deno says: {cause}\n"
        "The first run needs the npm registry; later runs need no network. Behind a proxy set HTTPS_PROXY; for a "
        f"mirror set NPM_CONFIG_REGISTRY (it {registry}) or `registry=` in .npmrc. Then run the command again."
    )
