"""The languages a page can show: their tab labels, fences and kernels."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """A language of a page; its value is the one used on the command line and in notebook names."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    CURL = "curl"

    @property
    def label(self) -> str:
        """The tab's label, exactly as a page writes it."""
        return _LABELS[self]

    @property
    def fence(self) -> str:
        """The info string of the tab's code fence."""
        return _FENCES[self]

    @property
    def kernel(self) -> str:
        """The name of the Jupyter kernel that runs the code."""
        return str(self.notebook_metadata["kernelspec"]["name"])

    @property
    def notebook_metadata(self) -> dict[str, Any]:
        """`kernelspec` and `language_info` of a notebook, without the versions that differ between machines."""
        return _METADATA[self]


_LABELS = {Language.PYTHON: "Python", Language.JAVASCRIPT: "JavaScript", Language.CURL: "cURL"}
_FENCES = {Language.PYTHON: "python", Language.JAVASCRIPT: "javascript", Language.CURL: "bash"}
_METADATA: dict[Language, dict[str, Any]] = {
    Language.PYTHON: {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
        },
    },
    Language.JAVASCRIPT: {
        "kernelspec": {"display_name": "Deno", "language": "typescript", "name": "deno"},
        "language_info": {
            "codemirror_mode": "typescript",
            "file_extension": ".ts",
            "mimetype": "text/x.typescript",
            "name": "typescript",
            "nbconvert_exporter": "script",
            "pygments_lexer": "typescript",
        },
    },
    Language.CURL: {
        "kernelspec": {"display_name": "Shell (bash)", "language": "bash", "name": "shell"},
        "language_info": {
            "codemirror_mode": "shell",
            "file_extension": ".sh",
            "mimetype": "text/x-sh",
            "name": "bash",
            "pygments_lexer": "bash",
        },
    },
}
