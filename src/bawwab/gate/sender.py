"""How a sender stands, for those who ask."""

import msgspec

from bawwab.core.decisions import Limit, Quality
from bawwab.core.events import SenderProfile, owner_of
from bawwab.core.policy import Policy
from bawwab.core.standing import (
    Rate,
    brigade_budget,
    complaint_rate,
    first_step,
    is_suspended,
    quality,
    quota,
    tier_name,
    unwanted_rate,
)
from bawwab.core.state.bundles import OWNER, Bundle, Member, Tier, key
from bawwab.core.state.port import StateStore


class SenderView(msgspec.Struct, frozen=True, kw_only=True):
    """Profile and standing of one sender."""

    sender_id: str
    profile: SenderProfile | None
    owner: str
    quality: Quality
    suspended: bool
    tier: str
    limit: Limit
    complaint_rate: Rate
    unwanted_rate: Rate | None
    brigade_budget: int


def view_sender(state: StateStore, sender_id: str, policy: Policy, *, now: float) -> SenderView | None:
    """How the sender stands; None if nobody has heard of it."""
    profile: SenderProfile | None = state.fact(key(Bundle.PROFILE, sender_id), now=now)
    owner = owner_of(sender_id, None) if profile is None else profile.owner
    stored = state.row(key(Bundle.OWNER, owner), now=now)
    if profile is None and stored is None:
        return None
    row = OWNER.values(stored, now=now)
    step = step_of(state, owner, policy, now=now)
    return SenderView(
        sender_id=sender_id,
        profile=profile,
        owner=owner,
        quality=quality(row, policy.quality),
        suspended=is_suspended(row, policy.sequential),
        tier=tier_name(step, policy.limit),
        limit=_limit(state, owner, step, policy, now=now),
        complaint_rate=complaint_rate(row, policy.quality),
        unwanted_rate=unwanted_rate(row, policy.quality),
        brigade_budget=brigade_budget(row, policy.quality, policy.reports),
    )


def step_of(state: StateStore, owner: str, policy: Policy, *, now: float) -> int:
    """Step of the ladder an owner is on: where it started, or what it has reached by use."""
    members: tuple[Member, ...] = state.fact(key(Bundle.MEMBERS, owner), now=now) or ()
    tier: Tier | None = state.fact(key(Bundle.TIER, owner), now=now)
    start = first_step(members, policy.limit, now=now)
    return start if tier is None else max(start, tier.step)


def _limit(state: StateStore, owner: str, step: int, policy: Policy, *, now: float) -> Limit:
    reached = key(Bundle.REACHED, owner)
    used = state.seen_count(reached, policy.reached, now=now)
    oldest = state.seen_oldest(reached, policy.reached, now=now)
    allowed = quota(step, policy.limit)
    left = None if allowed is None else max(0, allowed - used)
    frees_in = 0.0 if oldest is None else oldest + policy.limit.window - now
    return Limit(allowed, left, frees_in)
