"""However many long answers are under way, the loop comes round to everybody else."""

import asyncio

from mock_server.event_loop.slices import AT_ONCE, Slices


async def test_only_a_few_slices_are_made_before_others_have_a_turn():
    made = []

    async def answer():
        slices = Slices()
        for _ in range(3):
            await slices.begin()
            made.append(1)

    answers = [asyncio.ensure_future(answer()) for _ in range(50)]
    rounds = []
    while not all(item.done() for item in answers):
        before = len(made)
        await asyncio.sleep(0)
        rounds.append(len(made) - before)
    assert max(rounds) <= AT_ONCE
    assert len(made) == 150


async def test_one_that_is_gone_costs_the_others_no_turn():
    gone = [asyncio.ensure_future(Slices().begin()) for _ in range(20)]
    await asyncio.sleep(0)
    last = asyncio.ensure_future(Slices().begin())
    for item in gone[AT_ONCE:]:
        item.cancel()
    await asyncio.wait_for(last, 5)
