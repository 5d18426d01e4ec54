"""`rapport import orders` and `rapport user` as they are typed: exit codes, and a run that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from app.cli import cli
from core.settings import get_settings
from core.transaction import reading, transaction
from crm.orders.models import Order
from tests.factories.imports import PROFILE, csv_bytes, row
from tests.factories.people import make_staff, sign_in
from tests.factories.web import post
from tests.source import ROOT

PASSWORD = "several words in a row"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["import", "orders", *map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes([row(), row("C536379", quantity=-1), row("3", customer="")]))
    return path


def test_what_was_loaded_is_told_with_exit_code_0(
    tmp_path: Path, file: Path, real_transactions: None
) -> None:
    done = run(file, "--profile", PROFILE, "--report", tmp_path / "r.csv")
    assert done.exit_code == 0, done.output
    assert "accepted          3   28.05 GBP   2 orders, 1 cancellations, 0 stock adjustments" in done.output
    assert (
        "written           3 documents, 1 products and 1 customers; 0 documents were there already"
        in done.output
    )
    assert (tmp_path / "r.csv").read_text().count("accepted") == 3


def test_rejected_lines_end_with_exit_code_1(tmp_path: Path, real_transactions: None) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes([row(), row("2", quantity="x")]))
    done = run(path, "--profile", PROFILE, "--report", tmp_path / "r.csv")
    assert done.exit_code == 1
    assert "rejected          1   0.00 GBP" in done.output
    with reading() as session:
        assert list(session.scalars(select(Order.number))) == ["536365"]


def test_a_file_that_cannot_be_read_ends_with_exit_code_1(tmp_path: Path, real_transactions: None) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes([row(), row("2", name="£")], encoding="latin-1"))
    done = run(path, "--profile", PROFILE, "--report", tmp_path / "r.csv")
    assert done.exit_code == 1
    assert "line 3: byte" in done.output
    assert "Nothing was loaded." in done.output


def test_wrong_use_ends_with_exit_code_2(tmp_path: Path, file: Path, real_transactions: None) -> None:
    wrong = tmp_path / "mine.yaml"
    wrong.write_text("source: x\ncolumns: {document: no}\n")
    absent = tmp_path / "absent.csv"
    for arguments, told in (
        ((file,), "--profile"),
        ((absent, "--profile", PROFILE), "does not exist"),
        ((file, "--profile", "nothing"), "there is no profile nothing"),
        ((file, "--profile", wrong), "columns.code: Field required"),
        ((tmp_path, "--profile", PROFILE), "is a directory"),
    ):
        done = run(*arguments)
        assert done.exit_code == 2, done.output
        assert told in " ".join(done.output.split())


def test_an_imported_customer_is_given_a_sign_in_and_sees_the_past(
    file: Path, tmp_path: Path, client: FlaskClient, real_transactions: None
) -> None:
    assert run(file, "--profile", PROFILE, "--report", tmp_path / "r.csv").exit_code == 0
    made = CliRunner().invoke(
        cli,
        [
            "user",
            "create",
            "--account",
            "17850",
            "--email",
            "buyer@example.test",
            "--name",
            "Purchasing",
            "--password",
        ],
        input=f"{PASSWORD}\n",
    )
    assert made.exit_code == 0, made.output
    signed_in = post(client, "/sign-in", {"email": "buyer@example.test", "password": PASSWORD})
    assert signed_in.status_code == 303
    page = client.get("/orders").text
    assert "536365" in page
    assert "C536379" in page
    for number in ("536365", "C536379"):
        assert client.get(f"/orders/{number}").status_code == 200
    with transaction() as session:
        agent = make_staff(session, "agent")
    sign_in(client, agent)
    for words in ("536365", "c536379", "17850", "3"):
        assert client.get("/staff/orders", query_string={"q": words}).status_code == 200
    assert "C536379" in client.get("/staff/orders", query_string={"q": "customer 17850"}).text


def test_user_commands_explain_what_is_wrong(real_transactions: None) -> None:
    for arguments, code, told in (
        (["password", "nobody@example.test"], 1, "Nobody signs in with nobody@example.test."),
        (["create", "--email", "a@example.test"], 2, "give either --account NUMBER or --role ROLE"),
        (
            ["create", "--email", "a@example.test", "--account", "4711"],
            1,
            "There is no customer with the number 4711.",
        ),
        (
            ["create", "--email", "no address", "--role", "agent"],
            2,
            "email: This does not look like an email address.",
        ),
    ):
        done = CliRunner().invoke(cli, ["user", *arguments], input=f"{PASSWORD}\n")
        assert done.exit_code == code, done.output
        assert told in done.output


def test_staff_are_made_given_roles_and_shut_out(client: FlaskClient, real_transactions: None) -> None:
    email = "desk@example.test"
    create = ["create", "--email", email, "--role", "agent", "--name", "Order desk", "--password"]
    assert CliRunner().invoke(cli, ["user", *create], input=f"{PASSWORD}\n").exit_code == 0
    assert post(client, "/sign-in", {"email": email, "password": PASSWORD}).status_code == 303
    assert CliRunner().invoke(cli, ["user", "role", email, "supervisor"]).output == f"{email}: supervisor\n"
    assert CliRunner().invoke(cli, ["user", "disable", email]).exit_code == 0
    assert post(client, "/sign-in", {"email": email, "password": PASSWORD}).status_code == 422
    assert CliRunner().invoke(cli, ["user", "enable", email]).exit_code == 0
    short = CliRunner().invoke(cli, ["user", "password", email], input="short\n")
    assert (short.exit_code, "at least 10 characters" in short.output) == (2, True)


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[str]:
    """The address of a database of the run's kind that programs started by the test have to themselves."""
    url = make_url(get_settings().database)
    if url.get_backend_name() != "postgresql":
        yield f"sqlite:///{tmp_path / 'own.db'}"
        return
    own = url.set(database=f"{url.database}_import")
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{own.database}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{own.database}"'))
    yield own.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{own.database}" WITH (FORCE)'))
    admin.dispose()


@pytest.mark.slow
@pytest.mark.no_database
def test_a_killed_run_goes_on_and_loads_each_invoice_once(tmp_path: Path, own_database: str) -> None:
    rows = [
        row(f"{n // 4}", code=f"{10000 + n % 900}", quantity=n % 9 + 1, price=f"{n % 13}.{n % 89:02}")
        for n in range(120_000)
    ]
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes(rows))
    environment = {**os.environ, "RAPPORT_HOME": str(tmp_path / "home"), "RAPPORT_DATABASE_URL": own_database}
    command = [sys.executable, "-m", "app", "import", "orders", str(path), "--profile", PROFILE]
    engine = create_engine(own_database)

    def count() -> int:
        with engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(Order)).scalar_one())

    subprocess.run(
        [sys.executable, "-m", "app", "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while count() == 0:
        assert running.poll() is None, "the import ended before it could be killed"
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    loaded = count()
    assert 0 < loaded < 30_000
    again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert f"written      {30_000 - loaded:,} documents" in again.stdout
    expected: dict[str, Decimal] = {}
    for one in rows:
        expected[str(one[0])] = expected.get(str(one[0]), Decimal(0)) + Decimal(str(one[5])) * int(
            str(one[3])
        )
    with engine.connect() as connection:
        assert dict(connection.execute(select(Order.number, Order.total)).all()) == expected
        lines = connection.execute(text("SELECT count(*), sum(amount) FROM order_line")).one()
        jobs = connection.execute(text("SELECT count(*) FROM job WHERE name = 'search.rebuild'")).scalar_one()
    assert (lines[0], Decimal(lines[1]) / 10_000, jobs) == (120_000, sum(expected.values()), 1)
    engine.dispose()
