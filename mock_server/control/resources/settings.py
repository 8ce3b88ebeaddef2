"""What a world is told: enforcement, the severity of rules, an outage."""

from collections.abc import Callable

from aiohttp import web

from contracts.judging.policy import Policy
from contracts.judging.settings_change import SettingError, change_settings, shown_settings
from contracts.timing.moment import Moment
from mock_server.control.responses import (
    ControlError,
    Handler,
    answered,
    json_body,
    known_parameters,
    not_found,
)
from mock_server.control.world_scope import narrowed, sent_key
from mock_server.server_state import SERVER


async def settings(request: web.Request) -> web.Response:
    """What the world is told; without a world, what new ones are told.

    An outage and `retries_per_second` are shown where they are not as usual.
    """
    known_parameters(request)
    world_id = await narrowed(request)
    server = request.app[SERVER]
    return answered(shown_settings(await server.store.policy(world_id), await server.now(world_id)))


async def put_settings(request: web.Request) -> web.Response:
    """Change what is named and leave the rest; a rule's null takes its override away."""
    known_parameters(request)
    world_id = await narrowed(request)
    asked = await json_body(request)  # first: another change may come while this one arrives
    server = request.app[SERVER]
    machine, steady = server.clock(), server.steady()

    def changed(policy: Policy) -> Policy:
        return change_settings(policy, asked, Moment(policy.clock.time(machine), steady))

    try:
        policy = await change_policies(request, world_id, changed)
    except SettingError as error:
        raise ControlError(400, str(error)) from None
    server.announce()
    return answered(shown_settings(policy, await server.now(world_id)))


async def change_policies(
    request: web.Request, world_id: str | None, changed: Callable[[Policy], Policy]
) -> Policy:
    """Tell a world something else, which is made if the key is new; what it is told now.

    Without a world each one changes what is named and keeps the rest of its own settings.
    """
    store = request.app[SERVER].store
    policy = changed(await store.policy(world_id))
    others = await store.worlds() if world_id is None else ()
    own = {row.id: changed(await store.policy(row.id)) for row in others}
    if not await store.set_policy(sent_key(request), world_id, policy):
        not_found("world", world_id or "")
    for other, told in own.items():
        await store.set_policy(None, other, told)
    return policy


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/settings", settings),
    ("PUT", "/settings", put_settings),
)
