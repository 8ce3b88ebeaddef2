"""Forms that a page posts: read with the same bounds as any body."""

from urllib.parse import parse_qsl

from aiohttp import web

from mock_server.body import ClientGoneError, read_body
from mock_server.control.answers import MOST_BYTES, ControlError

MOST_FIELDS = 100


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a posted form; of a repeated one the last."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise ControlError(400, "send the form as application/x-www-form-urlencoded")
    try:
        body = await read_body(request, MOST_BYTES)
    except ClientGoneError:
        raise ControlError(400, "the connection broke") from None
    if body.problem:
        raise ControlError(400, body.problem)
    try:
        pairs = parse_qsl(
            body.data.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise ControlError(400, "the form cannot be read") from None
    return {name: value.replace("\r\n", "\n") for name, value in pairs}
