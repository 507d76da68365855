"""Numbers and links that an honest business gives out, and how they change: none stays the same for ever."""

from functools import partial

from bawwab.world.author import DAY, Cast
from bawwab.world.chance import stream
from bawwab.world.register import Business, draw_host
from bawwab.world.wording import Wording

_TAKES_UP = 0.3  # share of businesses that take up another number, or a host, while the world lasts
_GIVES_IT_OUT = 0.5  # share of the messages since then that lead there
_HOST = 0.5  # share of changes that bring a host too, such as that of a campaign
_DRIVERS = 20  # numbers of a carrier's drivers, one of whom brings the parcel


class OwnContacts:
    """What a business tells people to call and to open, message by message.

    Parameters
    ----------
    business : Business
    agent : str
        Name of its stream of chance.
    cast : Cast
    """

    def __init__(self, business: Business, agent: str, cast: Cast) -> None:
        self._chance = chance = stream(cast.seed, f"{agent}/contacts")
        number = partial(cast.phrasebook.slot, business.variety, "phone_own", chance)
        drives = business.sender.profile.vertical == "carrier"
        self._drivers = [number() for _ in range(_DRIVERS)] if drives else []
        self._later = {"phone_own": number()}
        if chance.random() < _HOST:
            self._later["link_own"] = f"https://{draw_host(chance)}"
        changes = chance.random() < _TAKES_UP
        at = cast.scenario.begins + DAY * cast.scenario.days * chance.random()
        self._since = at if changes else float("inf")

    def dress(self, wording: Wording, *, now: float) -> Wording:
        """Put the contacts of today into a wording."""
        if now >= self._since and self._chance.random() < _GIVES_IT_OUT:
            return wording.rebound(**self._later)
        if self._drivers:
            return wording.rebound(phone_own=self._drivers[int(self._chance.integers(_DRIVERS))])
        return wording
