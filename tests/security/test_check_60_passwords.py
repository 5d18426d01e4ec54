"""Check 60: which passwords are taken, and that they are compared whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

import crm.identity.passwords
from core.errors import Invalid
from core.transaction import reading, transaction
from crm.identity.models import User
from crm.identity.passwords import check_acceptable, common_passwords, hash_password, verify_password
from tests.factories.people import make_customer
from tests.factories.web import post


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "x7" * 32 + "q",  # 65 characters
        "ab c" * 50,  # 200
        "密碼可以是中文的一句話",
        "пароль без правил",
        "🔑🚪🏠🌙⭐🌳🍎🚲🎈🎻",
        "          spaces",
        "ALLCAPSNODIGIT",
        "tab\tinside the words",
    ],
)
def test_long_and_foreign_passwords_are_taken_without_rules_of_composition(password: str) -> None:
    check_acceptable(password)
    assert verify_password(hash_password(password), password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.too_short"),
        ("nine char", "password.too_short"),
        ("a" * 201, "password.too_long"),
        ("password123", "password.too_common"),
        ("PassWord123", "password.too_common"),
        ("1234567890", "password.too_common"),
        ("aaaaaaaaaaaa", "password.too_common"),
        ("ｐａｓｓｗｏｒｄ１２３", "password.too_common"),
        ("purchasing@example.test", "password.too_common"),
    ],
)
def test_short_long_and_well_known_ones_are_not(password: str, code: str) -> None:
    with pytest.raises(Invalid) as told:
        check_acceptable(password, personal=("purchasing@example.test", "Purchasing"))
    assert told.value.code == code


def test_the_3000_most_common_are_refused() -> None:
    listed = (
        Path(crm.identity.passwords.__file__).with_name("common_passwords.txt").read_text("utf-8").split()
    )
    assert len(common_passwords()) >= 3000
    for password in listed[:3000]:
        with pytest.raises(Invalid):
            check_acceptable(password)


def test_what_follows_the_72nd_byte_counts() -> None:
    stored = hash_password("a" * 36 + "b" * 36 + "one")
    assert not verify_password(stored, "a" * 36 + "b" * 36 + "two")
    assert not verify_password(stored, "a" * 36 + "b" * 36)


def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    assert verify_password(hash_password("café crème"), "cafe\u0301 cre\u0300me")


def test_hashes_are_argon2id_and_salted() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first.startswith("$argon2id$")
    assert first != second


def test_nobody_and_no_password_never_match() -> None:
    assert not verify_password(None, "the password of nobody")
    assert not verify_password("", "")
    assert not verify_password("not a hash", "not a hash")


def test_a_weaker_hash_is_renewed_when_its_owner_signs_in(client: FlaskClient) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery")
    with transaction() as session:
        user = make_customer(session)
        user.password_hash = weak
    assert (
        post(client, "/sign-in", {"email": user.email, "password": "correct horse battery"}).status_code
        == 303
    )
    with reading() as session:
        renewed = session.get_one(User, user.id).password_hash
    assert renewed is not None and renewed != weak
    assert "m=19456" in renewed and verify_password(renewed, "correct horse battery")
