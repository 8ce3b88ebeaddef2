"""Several events in one step: sequences that single actions would rarely make."""

from collections.abc import Mapping

from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import (
    TIMED_EVENTS,
    ClientSimulator,
    items_event,
    new_order,
    reference_of,
)
from fuzz.generate.context import Context, Step


def pair(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Ships, refunds and cancels units of a product and its plan, alone and together.

    What is missing, what completes it, and what counts as alone depends on the whole history.
    """
    if len(client.orders) >= context.max_orders:
        return None
    order = new_order(client, choices)
    products = [
        line
        for line in order.lines
        if reference_of(line) is None and order.plans_for(str(line["product_id"]))
    ]
    order.sent = True
    if not products:
        return Step("pair", (context.request_for(client, order.placement),))
    product = one_of(choices, products)
    plans = order.plans_for(str(product["product_id"]))
    line, plan = str(product["id"]), one_of(choices, plans)
    if chance(choices, 3):  # more plans than products, from the start
        for item in order.placement["payload"]["line_items"]:
            if item["id"] == plan:
                item["quantity"] = int(product["quantity"]) % 7 + 1 + choices.pick(2)
    events = [order.placement]
    options: tuple[Mapping[str, int | None], ...] = ({line: 1}, {plan: 1}, {line: 1, plan: 1})
    for other in products if chance(choices, 3) else ():  # another pair of the order, in between
        if other is not product:
            other_plan = order.plans_for(str(other["product_id"]))[0]
            options += ({str(other["id"]): 1}, {other_plan: 1})
    lines = options[0]
    for _ in range(3 + choices.pick(4)):
        order.day += choices.pick(2)
        kind = one_of(choices, (*TIMED_EVENTS, *tuple(TIMED_EVENTS)[1:]))
        # What one event left incomplete, the next one often completes.
        late = lines is options[0] and chance(choices, 2)
        lines = options[1] if late else one_of(choices, options)
        events.append(items_event(kind, order.order_id, lines, order.day))
    return Step("pair", tuple(context.request_for(client, event) for event in events))


ACTIONS = ((pair, 9),)
"""The actions with their weights."""
