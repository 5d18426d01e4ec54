"""Health, unknown addresses and the language switch."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_healthz_needs_nothing(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readyz_asks_the_database(client: FlaskClient) -> None:
    assert client.get("/readyz").json == {"status": "ready"}


def test_unknown_page_is_a_404_page_in_the_visitors_language(client: FlaskClient) -> None:
    response = client.get("/no-such-page", headers={"Accept-Language": "zh-TW"})
    assert response.status_code == 404
    assert 'lang="zh-Hant"' in response.text


def test_unknown_api_address_is_problem_json(client: FlaskClient) -> None:
    response = client.get("/api/v1/nothing")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    assert response.json is not None and response.json["code"] == "error.not_found"


def test_language_needs_csrf(client: FlaskClient) -> None:
    assert client.post("/language", data={"locale": "zh-Hans"}).status_code == 400
