"""What reports are worth: the same door in the same world, without them."""

from enum import StrEnum

import msgspec

from bawwab.core.errors import ConfigurationError
from bawwab.core.events import Feedback, Message, Outcome, OutcomeKind, Report, SenderProfile, Survey
from bawwab.core.model.model import Model
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.signals import CATALOGUE, Group
from bawwab.core.standing import Rate
from bawwab.world.doors import Answer, Door


class Without(StrEnum):
    """What a trial is run without."""

    REPORT_SIGNALS = "report-signals"  # in the model; the policy's rules hear everything
    REPORTS = "reports"  # nobody reports or blocks anyone
    VOICES = "voices"  # nor answers a survey, nor opts out


def to_be_without(name: str) -> Without:
    """Read the name of what a trial is run without.

    Raises
    ------
    ConfigurationError
        There is no such name.
    """
    if name not in {item.value for item in Without}:
        raise ConfigurationError(f"--without {name}: there are {', '.join(item.value for item in Without)}")
    return Without(name)


class Unheard:
    """A door that some of what people say never reaches.

    What was delivered, read and answered does: it is no word of mouth.

    Parameters
    ----------
    door : Door
    without : Without
        `REPORTS` or `VOICES`.
    """

    def __init__(self, door: Door, without: Without) -> None:
        self.door = door
        self._without = without

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        """Pass it on."""
        self.door.put_profile(profile, now=now)

    def score(self, message: Message, *, now: float) -> Answer:
        """Pass it on."""
        return self.door.score(message, now=now)

    def observe(self, item: Feedback, *, now: float) -> None:
        """Pass on what may be heard."""
        if not self._drowned(item):
            self.door.observe(item, now=now)

    def unwanted_rate(self, sender_id: str, *, now: float) -> Rate | None:
        """Pass it on."""
        return self.door.unwanted_rate(sender_id, now=now)

    def _drowned(self, item: Feedback) -> bool:
        if isinstance(item, Report):
            return True
        opted_out = isinstance(item, Outcome) and item.kind is OutcomeKind.OPTED_OUT
        return self._without is Without.VOICES and (isinstance(item, Survey) or opted_out)


def deafened(model: Model) -> Model:
    """Take what recipients say out of a model: those tables add nothing.

    What they add on average, over the messages the model was centred on, is zero already, so
    that the others need no shift.
    """
    tables = tuple(
        Table(table.name, (), (0.0,), 0.0) if entry.group is Group.REPORTS else table
        for table, entry in zip(model.risk.tables, CATALOGUE, strict=True)
    )
    return msgspec.structs.replace(model, risk=RiskModel(model.risk.intercept, tables))
