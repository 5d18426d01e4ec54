"""Input made to break parsers is refused quickly, cheaply and without a fault of ours."""

from __future__ import annotations

import gc
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.transaction import reading, transaction
from crm.orders.models import Order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user, sign_in
from tests.factories.programs import ADDRESS, ORDERS, bearer, make_token, post_order
from tests.factories.web import csrf_token

GROWTH = 50 * 1024 * 1024
PATIENCE = 2.0


def rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def text_of(sku: str, **parts: str) -> str:
    """A right body in which parts of the text are replaced."""
    body = json.dumps({"lines": [{"sku": sku, "quantity": 1}], "delivery_address": ADDRESS, "note": "N"})
    for old, new in parts.items():
        body = body.replace({"quantity": '"quantity": 1', "note": '"note": "N"'}[old], new)
    return body


def hostile_bodies(sku: str) -> dict[str, tuple[bytes, set[int]]]:
    return {
        "10 MB": (b'{"note": "' + b"x" * 10_000_000 + b'"}', {413}),
        "depth 100k of arrays": (b"[" * 100_000, {400}),
        "depth 100k of objects": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, {400}),
        "depth in a field": (text_of(sku, note='"note": ' + "[" * 50_000 + "]" * 50_000).encode(), {400}),
        "5000-digit integer": (text_of(sku, quantity=f'"quantity": {"9" * 5000}').encode(), {400}),
        "4000-digit integer": (text_of(sku, quantity=f'"quantity": {"9" * 4000}').encode(), {400, 422}),
        "10**20": (text_of(sku, quantity=f'"quantity": {10**20}').encode(), {422}),
        "NaN": (text_of(sku, quantity='"quantity": NaN').encode(), {400}),
        "1e999": (text_of(sku, quantity='"quantity": 1e999').encode(), {400, 422}),
        "a key twice": (text_of(sku, quantity='"quantity": 1, "quantity": 1').encode(), {400}),
        "a key twice, once escaped": (
            text_of(sku, quantity='"quantity": 1, "quantit\\u0079": 1').encode(),
            {400},
        ),
        "bad UTF-8": (text_of(sku).encode().replace(b'"N"', b'"\xff\xfe"'), {400}),
        "overlong UTF-8": (text_of(sku).encode().replace(b'"N"', b'"\xc0\xaf"'), {400}),
        "UTF-16": (text_of(sku).encode("utf-16"), {400}),
        "lone surrogate": (text_of(sku, note='"note": "\\ud800"').encode(), {400}),
        "NUL": (text_of(sku, note='"note": "\\u0000"').encode(), {400}),
        "NUL in a key": (text_of(sku, note='"no\\u0000te": 1').encode(), {400}),
        "a raw NUL": (text_of(sku).encode() + b"\x00", {400}),
        "nothing": (b"", {400}),
        "a number": (b"1", {422}),
        "a list": (b"[]", {422}),
        "null": (b"null", {422}),
        "100,000 lines": (json.dumps({"lines": [{"sku": "x", "quantity": 1}] * 8_000}).encode(), {413, 422}),
        "a comment": (b"{} // x", {400}),
        "a BOM": (b"\xef\xbb\xbf" + text_of(sku).encode(), {400}),
    }


def bounded(ask: Any) -> TestResponse:
    """The answer, if it comes in time."""
    found: list[TestResponse] = []
    thread = threading.Thread(target=lambda: found.append(ask()), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert found, f"no answer within {PATIENCE} s"
    return found[0]


@pytest.mark.usefixtures("real_transactions")
def test_json_bodies(flask_app: Flask) -> None:
    with transaction() as session:
        sku = make_product(session).sku
        token = make_token(session, make_user(session, account=make_account(session, pays_on_account=True)))
    client = flask_app.test_client()
    assert post_order(client, token, text_of(sku, note='"note": "warm"')).status_code == 201
    for name, (body, allowed) in hostile_bodies(sku).items():
        gc.collect()
        before = rss()
        answer = bounded(lambda body=body: post_order(flask_app.test_client(), token, body))
        assert answer.status_code in allowed, (name, answer.status_code, answer.text[:200])
        assert answer.mimetype == "application/problem+json", name
        assert len(answer.data) < 20_000, name
        grown = rss() - before - 2 * len(body)  # the test's own copies do not count
        assert grown < GROWTH, (name, grown)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1


@pytest.mark.parametrize(
    "target",
    [
        f"{ORDERS}/{10**20}", f"{ORDERS}/{'9' * 3000}", f"{ORDERS}/%00", f"{ORDERS}/%ff%fe", f"{ORDERS}/%ED%A0%80",
        f"{ORDERS}/SO-%F0%9F%98%80", f"{ORDERS}/'; DROP TABLE x", f"{ORDERS}?limit={10**6}", f"{ORDERS}?limit={'9' * 5000}",
        f"{ORDERS}?limit=%00", f"{ORDERS}?after=%00", f"{ORDERS}?after={'A' * 3000}", f"{ORDERS}?limit=-1",
        f"{ORDERS}?limit=٣", f"{ORDERS}?limit=NaN", f"{ORDERS}?per_page={10**6}", f"{ORDERS}?{'a=1&' * 3000}",
    ],
)  # fmt: skip
def test_addresses(client: FlaskClient, session: Session, target: str) -> None:
    token = make_token(session, make_user(session, account=make_account(session)))
    answer = client.get(target, headers=bearer(token))
    assert 400 <= answer.status_code < 500, answer.status_code


FORMS = ("/cart/items", "/checkout", "/checkout/review", "/cart/prices")


@pytest.mark.usefixtures("real_transactions")
@pytest.mark.parametrize("path", FORMS)
def test_forms(flask_app: Flask, path: str) -> None:
    with transaction() as session:
        user = make_user(session, account=make_account(session))
    client = sign_in(flask_app.test_client(), user)
    token = csrf_token(client)
    boundary = "x" * 20
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(1100)
    )
    multipart = f"multipart/form-data; boundary={boundary}"
    urlencoded = "application/x-www-form-urlencoded"
    cases: dict[str, tuple[bytes, str, set[int]]] = {
        "20k fields": (b"&".join(b"f%d=1" % n for n in range(20_000)), urlencoded, {413}),
        "20k fields of one name": (b"a=1&" * 20_000, urlencoded, {413}),
        "20k semicolons": (b"a=1;" * 20_000, urlencoded, {400}),
        "600 kB in one field": (b"note=" + b"x" * 600_000, urlencoded, {413}),
        "10 MB": (b"note=" + b"x" * 10_000_000, urlencoded, {413}),
        "1100 parts": (f"{parts}--{boundary}--\r\n".encode(), multipart, {413}),
        "a part of 10 MB": (
            f'--{boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\n'.encode()
            + b"x" * 10_000_000 + f"\r\n--{boundary}--\r\n".encode(), multipart, {413},
        ),
        "a part without an end": (f"--{boundary}\r\nContent-Disposition: form-data; name=".encode(), multipart, {400}),
        "NUL": (f"csrf_token={token}&note=%00&product_id=%00".encode(), urlencoded, {400}),
        "bad UTF-8": (f"csrf_token={token}&note=%ff%fe&product_id=%ff".encode(), urlencoded, {400}),
        "lone surrogate": (f"csrf_token={token}&note=%ED%A0%80".encode(), urlencoded, {400}),
        "a boundary of 10 kB": (b"", f"multipart/form-data; boundary={'b' * 10_000}", {400}),
    }  # fmt: skip
    cookies = client.get("/healthz").request.headers["Cookie"]
    for name, (body, kind, allowed) in cases.items():
        gc.collect()
        before = rss()
        answer = bounded(
            lambda body=body, kind=kind: flask_app.test_client(use_cookies=False).post(
                path, data=body, content_type=kind, headers={"Cookie": cookies}
            )
        )
        assert answer.status_code in allowed, (name, answer.status_code, answer.text[:300])
        grown = rss() - before - 2 * len(body)
        assert grown < GROWTH, (name, grown)


@pytest.mark.parametrize(
    "identifier", [str(10**20), "9" * 5000, "x", "%00", "00000000-0000-0000-0000-00000000000g"]
)
def test_identifiers_in_forms(client: FlaskClient, session: Session, identifier: str) -> None:
    sign_in(client, make_user(session, account=make_account(session)))
    session.flush()
    token = csrf_token(client)
    path = f"/cart/items/{identifier}" if len(identifier) < 100 else f"/cart/items/{identifier[:1500]}"
    assert client.post(path, data={"csrf_token": token, "quantity": "1"}).status_code in {400, 404}
    added = client.post(
        "/cart/items", data={"csrf_token": token, "product_id": identifier.replace("%00", "\x00")}
    )
    assert added.status_code in {400, 422}
