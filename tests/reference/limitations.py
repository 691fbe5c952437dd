"""README.md's list of differences from the real server, made of differences.toml.

uv run python -m tests.reference.limitations    writes it
"""

from __future__ import annotations

from pathlib import Path

from tests.reference.compare import Listed, read_listed

README = Path(__file__).parents[2] / "README.md"
DIFFERENCES = Path(__file__).with_name("differences.toml")
BEGIN = "<!-- made of tests/reference/differences.toml by: uv run python -m tests.reference.limitations -->\n"
END = "<!-- end of the list -->\n"


def limitations(listed: list[Listed]) -> str:
    """One line for each reason, in the order of the file; a reason that many places share stands once."""
    return "".join(f"- {reason}\n" for reason in dict.fromkeys(entry.reason for entry in listed))


def with_limitations(readme: str, listed: list[Listed]) -> str:
    """The README with its list made anew."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{limitations(listed)}{END}{after}"


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(with_limitations(text, read_listed(DIFFERENCES)), encoding="utf-8")
