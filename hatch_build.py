"""Completes the package metadata: a README whose links work on PyPI, and the project's URLs.

PyPI shows the README alone, so relative links must become addresses in the repository. As long as
`home` is empty in pyproject.toml, they become plain text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# A link to a file of the repository: no scheme, no anchor in the page itself.
_RELATIVE = re.compile(r"\[([^\[\]]+)\]\((?!\w+:|#)([^()\s]+)\)")


def readme(text: str, home: str, version: str) -> str:
    """The README with relative links into the repository at the tag of this version, or without them."""
    return _RELATIVE.sub(rf"[\1]({home}/blob/v{version}/\2)" if home else r"\1", text)


def urls(home: str, version: str) -> dict[str, str]:
    """The links beside the README on PyPI."""
    if not home:
        return {}
    pages = {"Documentation": "tree/v{}/docs", "Changelog": "blob/v{}/CHANGELOG.md"}
    found = {"Source": home, "Issues": f"{home}/issues"}
    return found | {name: f"{home}/{path.format(version)}" for name, path in pages.items()}


class CustomMetadataHook(MetadataHookInterface):
    """Called by hatchling for every build."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fills in `readme` and `urls`."""
        home: str = self.config["home"]
        version: str = metadata["version"]
        text = Path(self.root, "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": readme(text, home, version)}
        metadata["urls"] = urls(home, version)
