"""The platform's register: ids, names and profiles, in which nothing tells honest from abusive.

Ids are digests. Names come from the same lists for everybody, hosts from the same syllables.
What the platform states (verified, age, domains) is drawn as the scenario says, and there it may
of course differ: few fraudsters are verified.
"""

from dataclasses import dataclass

import numpy as np

from bawwab.core.events import SenderProfile
from bawwab.world.chance import draw, to_milliseconds, token
from bawwab.world.intent import Role, Sender
from bawwab.world.scenario import Profile
from bawwab.world.wording import Phrasebook

_VERTICALS = ("bank", "wallet", "app", "airline", "carrier", "clinic", "school", "shop", "utility", "telecom")
_SLOT_OF = {"sensor": "brand", "any": "brand"}
_START = ("bo", "ka", "li", "ma", "no", "pe", "ra", "se", "ta", "vo", "zu", "de", "fi", "go", "ju")
_MIDDLE = ("lan", "mer", "nor", "pal", "quin", "ros", "sol", "tor", "vel", "win", "bra", "cro", "den")
_END = ("da", "va", "ro", "lia", "tek", "mart", "go", "ly", "sa", "ria", "net", "pay", "port")
_SUFFIX = ("com", "com", "com", "net", "org", "co", "app", "io", "shop")


@dataclass(frozen=True, slots=True)
class Registration:
    """Who registers: the agent's stream name, what it says of itself, and when it joins."""

    agent: str
    kind: str
    role: Role
    profile: Profile
    country: str
    variety: str
    joins_at: float
    portfolio: str | None = None


@dataclass(frozen=True, slots=True)
class Business:
    """A registered sender with what its messages say about it."""

    sender: Sender
    variety: str
    name: str
    host: str
    phone: str
    hotline: str

    @property
    def sender_id(self) -> str:
        """Id of the sender."""
        return self.sender.sender_id

    def fixed(self, chance: np.random.Generator) -> dict[str, str]:
        """Slots that are the sender's own in every message."""
        spoken = dict.fromkeys((*_VERTICALS, "brand"), self.name)
        path = "".join(str(chance.choice(np.array(_END))) for _ in range(2))
        link = f"https://{self.host}/{path}"
        return {**spoken, "link_own": link, "phone_own": self.phone, "hotline": self.hotline}


class Register:
    """Registers senders.

    Parameters
    ----------
    seed : int
    phrasebook : Phrasebook
        Where names come from.
    """

    def __init__(self, seed: int, phrasebook: Phrasebook) -> None:
        self._seed = seed
        self._phrasebook = phrasebook

    def enrol(self, who: Registration, chance: np.random.Generator, *, host: str | None = None) -> Business:
        """Register a sender; the same number of draws whoever it is."""
        facts = who.profile
        vertical = facts.vertical if facts.vertical != "any" else str(chance.choice(np.array(_VERTICALS)))
        own_host = draw_host(chance)
        name = self._phrasebook.slot(who.variety, _SLOT_OF.get(vertical, vertical), chance)
        phone = self._phrasebook.slot(who.variety, "phone_own", chance)
        hotline = self._phrasebook.slot(who.variety, "hotline", chance)
        verified, owns = chance.random() < facts.verified, chance.random() < facts.own_domain
        days = draw(chance, facts.registered_days)
        profile = SenderProfile(
            sender_id="s_" + token(self._seed, f"sender/{who.agent}"),
            name=name or None,
            verified=bool(verified),
            domains=(own_host,) if verified and owns else (),
            vertical=vertical,
            country=who.country,
            portfolio_id=None if who.portfolio is None else "p_" + token(self._seed, who.portfolio),
            registered_at=to_milliseconds(who.joins_at - 86_400.0 * days),
        )
        sender = Sender(profile, who.kind, who.agent, who.role, who.joins_at)
        return Business(sender, who.variety, name, host or own_host, phone, hotline)


def draw_host(chance: np.random.Generator) -> str:
    """Draw a host out of syllables."""
    parts = [str(chance.choice(np.array(part))) for part in (_START, _MIDDLE, _END)]
    return "".join(parts) + "." + str(chance.choice(np.array(_SUFFIX)))
