"""A FastAPI endpoint that takes the same request and does nothing: the price of the framework."""

from typing import Literal

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class ScoreRequest(BaseModel):
    """The request of `POST /v1/score`."""

    model_config = ConfigDict(strict=True, extra="forbid")

    message_id: str = Field(min_length=1, max_length=128)
    sender_id: str = Field(min_length=1, max_length=128)
    recipient_id: str = Field(min_length=1, max_length=128)
    category: Literal["authentication", "utility", "marketing", "service"]
    text: str = Field(min_length=1, max_length=4096)
    language: str | None = None
    template_id: str | None = None
    campaign_id: str | None = None
    opted_in: bool | None = None
    recipient_region: str | None = None
    last_inbound_at: AwareDatetime | None = None
    occurred_at: AwareDatetime | None = None
    dry_run: bool = False


app = FastAPI()


@app.post("/v1/score")
async def score(request: ScoreRequest) -> dict[str, str]:
    """Answer at once."""
    return {"message_id": request.message_id, "verdict": "allow"}
