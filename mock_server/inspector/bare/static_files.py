"""Style sheet, scripts and icon: files of this package, read once."""

import hashlib
from functools import cache
from importlib.resources import files

from aiohttp import web

from mock_server import inspector
from mock_server.control.responses import not_found
from mock_server.inspector.rendering import PAGE_HEADERS

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@cache
def _read() -> dict[str, tuple[bytes, str, str]]:
    """Content, type and ETag by name."""
    found = {}
    for path in files(inspector).joinpath("static").iterdir():
        kind = _TYPES.get(path.name.rpartition(".")[2])
        if kind is not None:
            content = path.read_bytes()
            found[path.name] = (content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    return found


async def page(request: web.Request) -> web.Response:
    """One file; a browser that has it already is told so."""
    name = request.match_info["name"]
    if name not in _read():
        not_found("file", name, list(_read()))
    content, kind, etag = _read()[name]
    headers = {**PAGE_HEADERS, "Cache-Control": "no-cache", "ETag": etag, "Content-Type": kind}
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, headers=headers)


async def favicon(request: web.Request) -> web.Response:
    """The icon; `?violations=N` wears a badge."""
    text = request.query.get("violations", "0")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    badge = ""
    if number:
        shown = str(number) if number < 100 else "99"
        badge = (
            '<circle cx="44" cy="20" r="20" fill="#d92d20"/>'
            '<text x="44" y="29" font-family="sans-serif" font-size="26" font-weight="700" '
            f'text-anchor="middle" fill="#fff">{shown}</text>'
        )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        '<rect x="4" y="4" width="56" height="56" rx="14" fill="#3b4ad0"/>'
        '<path d="M22 18v28M22 33c4-7 20-8 20 2v11" fill="none" stroke="#fff" stroke-width="7" '
        f'stroke-linecap="round"/>{badge}</svg>'
    )
    headers = {**PAGE_HEADERS, "Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600"}
    return web.Response(body=svg.encode(), headers=headers)
