from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from deno import find_deno_bin
from jupyter_client.kernelspec import KernelSpecManager

from walkthrough import kernels
from walkthrough.kernels import (
    ModulesError,
    default_deno_folder,
    deno_folder,
    install_command,
    missing_tools,
    prefetch_javascript,
)

NOWHERE = "http://127.0.0.1:9/"


@pytest.mark.parametrize("name", ["shell", "deno"])
def test_kernelspec_is_installed_with_the_package(name: str) -> None:
    source = Path(kernels.__file__).parent / "kernelspecs" / name / "kernel.json"

    folder = Path(KernelSpecManager().get_kernel_spec(name).resource_dir)

    assert folder == Path(sys.prefix) / "share" / "jupyter" / "kernels" / name
    assert json.loads((folder / "kernel.json").read_text()) == json.loads(source.read_text())


def test_no_tool_is_missing_here() -> None:
    assert missing_tools(["python", "javascript", "curl"]) == []


def test_missing_tools_are_named_with_their_install_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    apt = tmp_path / "apt-get"
    apt.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert missing_tools(["curl", "python"]) == [
        ("bash", "sudo apt-get install bash"),
        ("curl", "sudo apt-get install curl"),
        ("jq", "sudo apt-get install jq"),
    ]


def test_a_missing_deno_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(kernels, "find_deno_bin", not_there)

    assert missing_tools(["javascript"]) == [("deno", install_command("deno"))]


def test_the_nearest_configuration_above_is_used(tmp_path: Path) -> None:
    pages = tmp_path / "docs" / "pages"
    pages.mkdir(parents=True)

    assert deno_folder(pages) == default_deno_folder()
    (tmp_path / "deno.jsonc").write_text("{}")
    assert deno_folder(pages) == pages


def test_prefetch_needs_no_network_the_second_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prefetch_javascript(tmp_path)
    monkeypatch.setenv("HTTP_PROXY", NOWHERE)
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)

    prefetch_javascript(tmp_path)


def test_prefetch_without_network_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DENO_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", NOWHERE)

    with pytest.raises(ModulesError) as failure:
        prefetch_javascript(tmp_path)

    assert str(failure.value).splitlines() == [
        "The JavaScript packages could not be downloaded: npm:@langchain/langgraph-sdk@2.0.0.",
        f"Deno says: {str(failure.value).splitlines()[1].removeprefix('Deno says: ')}",
        (
            "The first run needs the npm registry; later runs need no network. Behind a proxy set HTTPS_PROXY; for a "
            "mirror set NPM_CONFIG_REGISTRY (it is set) or `registry=` in .npmrc. Then run the command again."
        ),
    ]
    assert "Connection refused" in str(failure.value)


def test_the_lock_file_is_complete_and_names_no_host() -> None:
    folder = default_deno_folder()

    done = subprocess.run([find_deno_bin(), "install", "--frozen", "--quiet"], cwd=folder, check=False)

    assert done.returncode == 0
    assert "://" not in (folder / "deno.lock").read_text()
