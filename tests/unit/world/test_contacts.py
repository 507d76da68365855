"""What honest businesses of the world give out."""

import random

from bawwab.core.text.analysis import analyse
from bawwab.world.chance import stream
from bawwab.world.contacts import OwnContacts
from bawwab.world.honest import HonestSender
from bawwab.world.wording import Wording
from world_kit import run_world, small

DAYS = 21.0


def senders() -> list[HonestSender]:
    return run_world(small(scale=0.01, days=0.01)).honest


def given_out(sender: HonestSender) -> set[str]:
    """Names of the numbers that a hundred messages of a sender lead to, over three weeks."""
    scenario, cast = small(scale=0.01, days=DAYS), sender.cast
    own = OwnContacts(sender.business, sender.agent, sender.cast)
    drawn = cast.phrasebook.draw("en", ("delivery_out", "card_purchase"), stream(1, "t"), count=400, seed=1)
    wording = next(found for found in drawn if "{phone_own}" in found.form.text)
    fixed = wording.rebound(**sender.business.fixed(stream(1, sender.agent)))
    moments = [scenario.begins + DAYS * 864.0 * step for step in range(100)]
    return {name for now in moments for name in _names(own.dress(fixed, now=now), now)}


def _names(wording: Wording, now: float) -> tuple[str, ...]:
    return analyse(wording.write(random.Random(now), now=now)).contacts


def test_most_businesses_keep_to_their_number_and_some_take_up_another() -> None:
    found = [
        given_out(sender) for sender in senders() if sender.business.sender.profile.vertical != "carrier"
    ]
    alone = sum(len(names) == 1 for names in found)
    assert len(found) / 2 < alone < len(found)


def test_a_carriers_drivers_have_numbers_of_their_own() -> None:
    found = [
        given_out(sender) for sender in senders() if sender.business.sender.profile.vertical == "carrier"
    ]
    assert min(map(len, found)) > 3
