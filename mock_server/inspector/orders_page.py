"""Orders: one line each, the latest first."""

from aiohttp import web

from contracts.findings import Severity, State
from mock_server.control.answers import DEFAULT_LIMIT, known_parameters, whole
from mock_server.control.narrowing import narrowed
from mock_server.control.orders import orders
from mock_server.inspector.pages import rendered, wants_twin
from mock_server.keys import SERVER


async def page(request: web.Request) -> web.Response:
    """The list; its twin is the control API's."""
    if wants_twin(request):
        return await orders(request)
    known_parameters(request, "before")
    before = whole(request, "before", 2**63, least=1, most=2**63)
    listing = await request.app[SERVER].store.orders(await narrowed(request))
    earlier = [(seq, view) for seq, view in listing.rows if seq < before]
    shown = earlier[: -DEFAULT_LIMIT - 1 : -1]
    return await rendered(
        request,
        "orders",
        here="orders",
        rows=[
            (
                view,
                {
                    str(severity): sum(
                        1
                        for one in view.findings
                        if one.severity is severity and one.state is State.OPEN
                    )
                    for severity in Severity
                },
            )
            for _, view in shown
        ],
        total=len(listing.rows),
        evicted=listing.evicted,
        older=shown[-1][0] if len(earlier) > len(shown) else None,
    )
