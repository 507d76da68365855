"""A snapshot of the state in memory: what the log's records up to a number amount to.

One file: a line that names the format, frames of MessagePack, each with its length, and the
SHA-256 of all that. It is written beside its place and moved there when it is whole. Writing goes
in small frames, so that the thread that writes never keeps the event loop waiting for long.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bawwab.core.errors import StoreError
from bawwab.core.state.bundles import FACT_TYPES
from bawwab.core.state.decay import Row
from bawwab.core.state.port import Key
from bawwab.stores.memory import Dump, Fact

_FORMAT = b"bawwab snapshot 1\n"
_LENGTH, _DIGEST = 4, 32
_FRAME = 1_000  # entries a frame: about a millisecond of encoding

T = TypeVar("T")


class Moment(msgspec.Struct, frozen=True):
    """Which record the snapshot follows, and what the event clock said then."""

    seq: int
    clock: float | None


class Frame(msgspec.Struct, array_like=True):
    """Some entries of one section."""

    section: str
    entries: msgspec.Raw


_encode = msgspec.msgpack.Encoder().encode
_frames = msgspec.msgpack.Decoder(Frame)
_DECODERS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    "moment": msgspec.msgpack.Decoder(Moment),
    "rows": msgspec.msgpack.Decoder(list[tuple[Key, Row]]),
    "cells": msgspec.msgpack.Decoder(list[tuple[Key, float]]),
    "sets": msgspec.msgpack.Decoder(list[tuple[Key, tuple[float, dict[str, float], bytes]]]),
    **{
        f"facts/{bundle}": msgspec.msgpack.Decoder(
            list[tuple[Key, kind, float, float | None]]  # type: ignore[valid-type] # a run-time type
        )
        for bundle, kind in FACT_TYPES.items()
    },
}


def save_snapshot(path: Path, moment: Moment, dump: Dump) -> None:
    """Write a snapshot and put it in the place of an earlier one.

    Raises
    ------
    StoreError
        It could not be written; an earlier one is as it was.
    """
    digest, new = hashlib.sha256(), path.with_suffix(".new")
    try:
        with new.open("wb") as file:
            for piece in _pieces(moment, dump):
                digest.update(piece)
                file.write(piece)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"the snapshot {path} could not be written: {error.strerror}") from error


def load_snapshot(path: Path) -> tuple[Moment, Dump] | None:
    """Read a snapshot; None if there is none.

    Raises
    ------
    StoreError
        It is damaged, or of another version.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"the snapshot {path} cannot be read: {error.strerror}") from error
    body, digest = memoryview(content)[:-_DIGEST], content[-_DIGEST:]
    if hashlib.sha256(body).digest() != digest or body[: len(_FORMAT)] != _FORMAT:
        raise StoreError(f"the snapshot {path} is damaged")
    try:
        return _assemble(body[len(_FORMAT) :])
    except (msgspec.MsgspecError, KeyError) as error:
        raise StoreError(f"the snapshot {path} is of another version: {error}") from error


def _assemble(body: memoryview) -> tuple[Moment, Dump]:
    moment, dump = Moment(0, None), Dump({}, {}, {}, {})
    for frame in _read_frames(body):
        entries = _DECODERS[frame.section].decode(frame.entries)
        match frame.section:
            case "moment":
                moment = entries
            case "rows":
                dump.rows.update(entries)
            case "cells":
                dump.cells.update(entries)
            case "sets":
                dump.sets.update(entries)
            case _:
                dump.facts.update((key, Fact(*fact)) for key, *fact in entries)
    return moment, dump


def _read_frames(body: memoryview) -> Iterator[Frame]:
    start = 0
    while start < len(body):
        size = int.from_bytes(body[start : start + _LENGTH], "big")
        start += _LENGTH
        yield _frames.decode(body[start : start + size])
        start += size


def _pieces(moment: Moment, dump: Dump) -> Iterator[bytes]:
    yield _FORMAT
    for section, entries in _sections(moment, dump):
        frame = _encode((section, entries))
        yield len(frame).to_bytes(_LENGTH, "big")
        yield frame


def _sections(moment: Moment, dump: Dump) -> Iterator[tuple[str, object]]:
    yield "moment", moment
    whole: list[tuple[str, Iterable[object], int]] = [
        ("rows", dump.rows.items(), _FRAME),
        ("cells", dump.cells.items(), _FRAME),
        ("sets", dump.sets.items(), _FRAME // 100),
        *((f"facts/{bundle}", facts, _FRAME) for bundle, facts in _by_bundle(dump.facts).items()),
    ]
    for section, entries, size in whole:
        for chunk in _chunks(entries, size):
            yield section, chunk


def _by_bundle(facts: dict[Key, Fact]) -> dict[str, list[tuple[Key, Any, float, float | None]]]:
    sorted_out: dict[str, list[tuple[Key, Any, float, float | None]]] = {}
    for key, fact in facts.items():
        sorted_out.setdefault(key[0], []).append((key, *fact))
    return sorted_out


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _sync_folder(folder: Path) -> None:
    """Make the move itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
