"""``bawwab score`` answers as ``POST /v1/score`` answers the first message of a sender nobody knows."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from bawwab.core.policy import default_policy
from bawwab.learning.offline import ANSWERS, score_rows
from kit import keyword_model
from service_kit import Service, run_service

TEXTS = (
    "your parcel has arrived",
    "Your code is 481920. Do not share it.",
    "sale today",
    "scam: pay at https://sa-post-fee.top/pay/8x2k or call +966500000001",
    "zzz",
    "رمز التحقق الخاص بك هو ٤٨١٩٢٠",
)


def offline(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    given, answered = io.StringIO(), io.StringIO()
    writer = csv.DictWriter(given, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    given.seek(0)
    score_rows(csv.DictReader(given), answered, model=keyword_model(), policy=default_policy())
    answered.seek(0)
    return list(csv.DictReader(answered))


def online(service: Service, row: dict[str, str], number: int) -> dict[str, Any]:
    opted_in = {"true": True, "false": False, "": None}[row["opted_in"]]
    fields = {"text": row["text"], "category": row["category"], "opted_in": opted_in}
    answer = service.score(sender_id=f"stranger-{number}", **fields)
    return {
        "verdict": answer["verdict"],
        "score": f"{answer['score']:.6f}",
        "risk_level": answer["risk_level"],
        **{name: f"{value:.6f}" for name, value in answer["text_scores"].items()},
        "reasons": " ".join(reason["code"] for reason in answer["reasons"]),
        "advice": answer["advice"],
    }


@pytest.mark.parametrize("category", ["authentication", "utility", "marketing", "service"])
def test_offline_and_online_answer_alike(tmp_path: Path, category: str) -> None:
    consent = ("true", "false", "")
    rows = [
        {"text": text, "category": category, "opted_in": consent[number % 3]}
        for number, text in enumerate(TEXTS)
    ]
    with run_service(tmp_path) as service:  # a sender and a wording each: nothing is known of any
        found = [online(service, row, number) for number, row in enumerate(rows)]
    assert [{name: answer[name] for name in ANSWERS} for answer in offline(rows)] == found
