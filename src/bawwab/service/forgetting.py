"""Forgetting a recipient, a sender, or every recipient's name at once, while the server is stopped."""

from contextlib import ExitStack
from pathlib import Path

from bawwab.service.home import Home
from bawwab.service.pseudonyms import recognise, replace
from bawwab.service.recovery import recover
from bawwab.service.server import read_policy
from bawwab.service.settings import Settings
from bawwab.stores.erasure import Erased, Recipient, Sender, erase_from_log, erase_from_state
from bawwab.stores.snapshot import Moment, save_snapshot
from bawwab.stores.sql import SqlLog


def forget(settings: Settings, *, recipient: str | None = None, sender: str | None = None) -> Erased:
    """Erase whom is named; the old snapshot goes first, so that no step leaves more than there was.

    Raises
    ------
    ConfigurationError, StoreError
        A server runs on this home, or something cannot be read or written.
    """
    with ExitStack() as stack:
        home = Home(settings.home)
        stack.callback(home.close)
        policy = read_policy(settings.policy)
        log = SqlLog(settings.log_url)
        stack.callback(log.close)
        pseudonyms = recognise(settings.secret_path, log.engine)
        known = recover(log, home.snapshot, policy)
        subject = Recipient(pseudonyms.of(recipient)) if recipient is not None else Sender(sender or "")
        changed = erase_from_log(log.engine, subject)
        left, gone = erase_from_state(known.state.dump(), subject)
        home.snapshot.unlink(missing_ok=True)
        save_snapshot(home.snapshot, Moment(log.appended, known.clock), left)
        log.compact()
        return Erased(changed, gone)


def rotate_secret(settings: Settings) -> Path:
    """Let the log take the secret that is there now, or a new one; where that is.

    Raises
    ------
    ConfigurationError, StoreError
        A server runs on this home, or the old secret is still in its place.
    """
    with ExitStack() as stack:
        home = Home(settings.home)
        stack.callback(home.close)
        log = SqlLog(settings.log_url)
        stack.callback(log.close)
        replace(settings.secret_path, log.engine)
        return settings.secret_path
