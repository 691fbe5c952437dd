"""Serves langgraph.json on the mock; goes as soon as `mockserver --config langgraph.json` does the same."""

from __future__ import annotations

import json
from pathlib import Path

from mockserver.__main__ import main
from mockserver.deployment import Deployment

if __name__ == "__main__":
    graphs = json.loads(Path("langgraph.json").read_text())["graphs"]
    defaults = Deployment.__init__.__kwdefaults__
    assert defaults is not None
    defaults["graphs"] = {
        name: where.removeprefix("./").replace(".py:", ":") for name, where in graphs.items()
    }
    main()
