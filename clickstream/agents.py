"""Which senders are programs: by their own words, and by what no person's browser does."""

from __future__ import annotations

import re

_PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|headless|phantomjs|lighthouse|pingdom|uptime|monitor|preview|fetcher|scan"
    r"|facebookexternalhit|embedly|curl/|wget/|python|httpx|aiohttp|libwww|java/|okhttp|go-http|node-fetch|axios"
    r"|postman|selenium|playwright|puppeteer|archiver|validator",
    re.I,
)


def is_bot(user_agent: str | None, *, speaks_a_language: bool = True) -> bool:
    """A program: it says so, says nothing, is no browser, or asks for no language as every browser does."""
    agent = (user_agent or "").strip()
    return not agent.startswith("Mozilla/") or not speaks_a_language or bool(_PROGRAMS.search(agent))
