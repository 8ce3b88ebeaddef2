"""Links of the documentation's site that leave the folder docs: to files of the repository.

On the site they lead to the repository where its address is known (`GITHUB_REPOSITORY`, as in a
workflow), and are plain text elsewhere.
"""

import os
import re
from posixpath import join, normpath
from typing import Any

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(((?:\.\./)+[^)\s]*)\)")


def on_config(config: Any) -> Any:
    """The repository's address, where it is known."""
    repository = os.environ.get("GITHUB_REPOSITORY")
    if repository:
        config.repo_url = f"https://github.com/{repository}"
        owner, _, name = repository.partition("/")
        config.site_url = f"https://{owner.lower()}.github.io/{name}/"
    return config


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """A page with its links out of docs rewritten."""
    del files
    folder = page.file.src_uri.rpartition("/")[0]

    def changed(link: re.Match[str]) -> str:
        goal = normpath(join("docs", folder, link[2].partition("#")[0]))
        if goal == "docs" or goal.startswith("docs/"):
            return link[0]
        return f"[{link[1]}]({config.repo_url}/blob/main/{goal})" if config.repo_url else link[1]

    return _LINK.sub(changed, markdown)
