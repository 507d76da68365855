"""A platform whose gate writes to a log on disk, and what was exported from it."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bawwab.core.events import Survey
from bawwab.core.policy import Policy, default_policy
from bawwab.gate import Gate
from bawwab.gate.gate import KeepText
from bawwab.stores.export import Exported, export
from bawwab.stores.memory import MemoryState
from bawwab.stores.sql import SqlLog
from engines_kit import log_url
from kit import Platform, keyword_model


class Logged(Platform):
    """A platform whose gate writes to a log on disk."""

    def __init__(
        self,
        folder: Path,
        *,
        policy: Policy | None = None,
        keep_text: KeepText = "masked",
        engine: str = "sqlite",
    ) -> None:
        self.folder = folder
        self.log = SqlLog(log_url(engine, folder), gather=0.0)
        super().__init__(
            Gate(
                state=MemoryState(),
                journal=self.log,
                policy=policy or default_policy(),
                model=keyword_model(),
                keep_text=keep_text,
            )
        )

    def export(self, name: str = "out") -> Exported:
        self.log.flush()
        return export(self.log, self.folder / name)

    def table(self, table: str, name: str = "out") -> list[dict[str, Any]]:
        files = sorted((self.folder / name / table).glob("*/*.parquet"))
        return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]

    def files(self, name: str = "out") -> dict[str, bytes]:
        root = self.folder / name
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

    def ask(self, recipient: str, message_id: str, *, wanted: bool | None, probability: float = 0.1) -> None:
        self.tell(
            Survey(
                recipient=recipient,
                sender_id="shop",
                message_id=message_id,
                wanted=wanted,
                sampling_probability=probability,
            )
        )
