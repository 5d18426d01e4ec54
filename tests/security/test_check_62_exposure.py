"""Check 62: nothing of the machine or the code base is served."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

PATHS = [
    "/.git/HEAD", "/.git/config", "/.env", "/.env.local", "/metrics", "/console", "/debug", "/admin/", "/server-status",
    "/static/../app/wsgi.py", "/static/%2e%2e/%2e%2e/pages.py", "/static/..%2f..%2fpages.py", "/static/../../../etc/passwd",
    "/static//etc/passwd", "/static/", "/static", "/static/.git/HEAD", "/static/app.css/../../pages.py",
    "/static/..%5c..%5cpages.py", "/static/%00", "/backup.zip", "/rapport.db", "/var/rapport.db", "/var/secret", "/secret",
    "/pyproject.toml", "/requirements.lock", "/app.py", "/__debugger__?__debugger__=yes&cmd=resource&f=debugger.js",
    "/wp-login.php", "/.well-known/../.env", "/api/", "/api/v1/", "/static/app.css.map",
]  # fmt: skip
MARKS = ("ref: refs", "root:", "import ", "SECRET", "[project]", "SQLite format", "from __future__")


@pytest.mark.parametrize("path", PATHS)
def test_what_is_no_page_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {400, 404, 405}
    assert not [mark for mark in MARKS if mark in answer.text]


@pytest.mark.parametrize(
    "method", ["TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND", "PUT", "DELETE", "PATCH"]
)
@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/app.css", "/healthz"])
def test_methods_that_no_page_has_are_refused(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(
        path, method=method, headers={"X-Probe": "probe-marker", "Cookie": "a=cookie-marker"}
    )
    assert answer.status_code in {400, 404, 405, 501}
    assert "marker" not in answer.text


def test_metrics_need_their_token(client: FlaskClient) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic Og=="},
    ):
        assert client.get("/metrics", headers=headers).status_code == 404
