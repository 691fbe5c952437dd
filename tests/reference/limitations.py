"""README.md's lists of what is not, or may not be, as on the real server: differences.toml, and the code's assumptions.

uv run python -m tests.reference.limitations    writes them
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tests.reference.differences import read_listed

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DIFFERENCES = Path(__file__).with_name("differences.toml")

BY = "by: uv run python -m tests.reference.limitations"
OF_DIFFERENCES = f"<!-- made of tests/reference/differences.toml {BY} -->\n"
OF_ASSUMPTIONS = f"<!-- made of what mockserver/ marks with Assumed, {BY} -->\n"
END = "<!-- end of the list -->\n"

_ASSUMED = re.compile(r"Assumed: (.+?)\.\s", re.DOTALL)


def differences() -> list[str]:
    """The reason of each listed difference, in the order of the file; one that many places share stands once."""
    return list(dict.fromkeys(entry.reason for entry in read_listed(DIFFERENCES)))


def assumptions() -> list[str]:
    """What the mock's docstrings say after `Assumed:`, up to the full stop."""
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "mockserver").glob("*.py"))]
    found = [" ".join(each.split()) for source in sources for each in _ASSUMED.findall(source)]
    return [f"{each[0].upper()}{each[1:]}." for each in found]


def with_limitations(readme: str) -> str:
    """The README with its lists made anew."""
    return _with_list(_with_list(readme, OF_DIFFERENCES, differences()), OF_ASSUMPTIONS, assumptions())


def _with_list(text: str, begin: str, items: Iterable[str]) -> str:
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(END)
    return "".join([before, begin, *(f"- {item}\n" for item in items), END, after])


if __name__ == "__main__":
    README.write_text(with_limitations(README.read_text(encoding="utf-8")), encoding="utf-8")
