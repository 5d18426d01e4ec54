"""Who carries parcels, and where each lets people follow one. The names are invented, like the shop's own."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Carrier:
    """`tracking` holds {code}; empty: this carrier has no page to follow a parcel."""

    code: str
    name: str
    tracking: str = ""


CARRIERS: dict[str, Carrier] = {
    "postline": Carrier("postline", "PostLine", "https://track.postline.example/parcels/{code}"),
    "swiftparcel": Carrier("swiftparcel", "SwiftParcel", "https://swiftparcel.example/follow?code={code}"),
    "nordfreight": Carrier("nordfreight", "NordFreight", "https://nordfreight.example/shipments/{code}"),
    "own": Carrier("own", "Aurora Home"),
    "pickup": Carrier("pickup", "Aurora Home"),
}


def carrier_name(code: str) -> str:
    """The name people know; an unknown code is shown as it is."""
    carrier = CARRIERS.get(code)
    return carrier.name if carrier else code


def tracking_url(code: str, tracking_code: str) -> str | None:
    """Where the parcel can be followed, or None."""
    carrier = CARRIERS.get(code)
    if carrier is None or not carrier.tracking or not tracking_code:
        return None
    return carrier.tracking.format(code=quote(tracking_code, safe=""))
