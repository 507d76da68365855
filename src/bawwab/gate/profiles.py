"""What the platform states about a sender, and what it does to the owner it belongs to."""

from bawwab.core.events import SenderProfile
from bawwab.core.records import Profiled
from bawwab.core.state.bundles import Bundle, Member, key
from bawwab.core.state.port import StateStore


def profiled(profile: SenderProfile, state: StateStore, *, now: float, by: str) -> Profiled:
    """Make the record of a profile, with the members that its owners then have."""
    previous: SenderProfile | None = state.fact(key(Bundle.PROFILE, profile.sender_id), now=now)
    owners = {profile.owner} | ({previous.owner} if previous else set())
    members = {owner: _others(owner, profile.sender_id, state, now=now) for owner in sorted(owners)}
    me = Member(profile.sender_id, profile.verified, profile.registered_at)
    members[profile.owner] = (*members[profile.owner], me)
    return Profiled(now=now, profile=profile, previous=previous, members=tuple(members.items()), by=by)


def _others(owner: str, sender_id: str, state: StateStore, *, now: float) -> tuple[Member, ...]:
    known: tuple[Member, ...] = state.fact(key(Bundle.MEMBERS, owner), now=now) or ()
    return tuple(member for member in known if member.sender_id != sender_id)
