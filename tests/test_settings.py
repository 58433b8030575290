"""Every knob of the service."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from app.security import SCOPES
from app.settings import DEMO_SECRET, HOUSE, Issuer, Scope, Settings

SECRET = "a secret of more than thirty-two characters"
HELSEID: dict[str, Any] = {
    "issuer": "https://sts.example",
    "jwks": "https://sts.example/jwks",
    "audience": "svar",
    "orgnr_claim": ["orgnr_parent"],
    "scopes": {"svar/results": ["results"]},
}


def given(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET)
    for name, value in variables.items():
        monkeypatch.setenv(f"SVAR_{name.upper()}", value)
    return Settings()


def refused(**wrong: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings(**({"secret_key": SECRET} | wrong))
    return str(caught.value)


OTHERS: dict[str, tuple[str, Any]] = {
    "demo": ("true", True),
    "database_url": ("postgresql+psycopg://db/svar", "postgresql+psycopg://db/svar"),
    "host": ("127.0.0.2", "127.0.0.2"),
    "port": ("9000", 9000),
    "public_url": ("https://svar.example", "https://svar.example"),
    "timezone": ("Atlantic/Reykjavik", "Atlantic/Reykjavik"),
    "token_minutes": ("5", 5),
    "requests_per_minute": ("60", 60),
    "requests_at_once": ("10", 10),
    "failures_per_minute": ("5", 5),
    "issuers": (json.dumps([HELSEID]), (Issuer(**HELSEID),)),
    "visit_hours": ("1", 1),
    "idle_minutes": ("5", 5),
    "code_hours": ("1", 1),
    "shared_minutes": ("2", 2),
    "order_days": ("7", 7),
    "body_kilobytes": ("16", 16),
    "score_megabytes": ("16", 16),
    "order_megabytes": ("8", 8),
    "import_megabytes": ("8", 8),
    "two_people": ("false", False),
    "centre_contact": ("pro@example.org", "pro@example.org"),
    "oidc_label": ("Helse Nord", "Helse Nord"),
    "oidc_claim": ("upn", "upn"),
    "instruments": ("/srv/instruments", Path("/srv/instruments")),
}


OIDC: dict[str, Any] = {
    "oidc_issuer": "https://login.example.org/realms/svar",
    "oidc_client_id": "svar",
    "oidc_client_secret": "a secret of theirs",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_setting_is_an_environment_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    text, value = OTHERS[name]
    assert getattr(given(monkeypatch, **{name: text}), name) == value


def test_every_setting_is_tested_and_explained() -> None:
    assert set(Settings.model_fields) == {*OTHERS, *OIDC, "secret_key", "oidc_only"}
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_without_any_the_service_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch)
    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8000, False)
    assert settings.database_url == f"sqlite:///{HOUSE}/var/svar.db"
    assert settings.instruments == HOUSE / "instruments"
    assert settings.zone.key == "Europe/Oslo"
    assert not settings.secure


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 0),
        ("port", 65536),
        ("token_minutes", -1),
        ("token_minutes", 1441),
        ("requests_per_minute", 0),
        ("requests_per_minute", 1_000_001),
        ("requests_at_once", 0),
        ("requests_at_once", 1_000_001),
        ("failures_per_minute", 0),
        ("failures_per_minute", 10_001),
        ("issuers", [HELSEID | {"orgnr_claim": []}]),
        ("issuers", [HELSEID | {"scopes": {"a": ["admin"]}}]),
        ("issuers", [HELSEID | {"scopes": {}}]),
        ("issuers", [HELSEID | {"jwks": "ftp://sts.example/jwks"}]),
        ("issuers", [HELSEID | {"jwks": "https://user@sts.example/jwks"}]),
        ("issuers", [HELSEID | {"secret": "no field"}]),
        ("visit_hours", 0),
        ("visit_hours", 73),
        ("idle_minutes", 4),
        ("idle_minutes", 1441),
        ("code_hours", 0),
        ("code_hours", 169),
        ("shared_minutes", 0),
        ("shared_minutes", 61),
        ("order_days", 0),
        ("order_days", 731),
        ("body_kilobytes", 0),
        ("body_kilobytes", 65537),
        ("score_megabytes", 0),
        ("score_megabytes", 1025),
        ("centre_contact", "a\nb"),
        ("demo", "perhaps"),
        ("public_url", "svar.example"),
        ("public_url", "https://svar.example/"),
        ("public_url", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", ""),
        ("timezone", "../etc"),
        ("database_url", "mysql://db/svar"),
        ("database_url", "var/svar.db"),
        ("prot", 8000),
    ],
)
def test_a_setting_out_of_range_is_named(name: str, value: object) -> None:
    assert name in refused(**{name: value})


def test_the_secret_must_be_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SVAR_SECRET_KEY", raising=False)
    with pytest.raises(ValidationError, match="SVAR_SECRET_KEY is not set"):
        Settings()
    assert "SVAR_SECRET_KEY is not set" in refused(secret_key=DEMO_SECRET)


def test_the_secret_must_be_long() -> None:
    assert "at least 32 characters" in refused(secret_key="a" * 31)
    assert Settings(secret_key="a" * 32).secret_key.get_secret_value() == "a" * 32


def test_the_secret_is_never_shown() -> None:
    assert SECRET not in repr(Settings(secret_key=SECRET))


def test_the_demo_has_a_secret_that_everyone_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SVAR_SECRET_KEY", raising=False)
    assert Settings(demo=True).secret_key.get_secret_value() == DEMO_SECRET


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "svar.example", ""])
def test_the_demo_serves_this_machine_alone(host: str) -> None:
    assert "SVAR_HOST" in refused(demo=True, host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_the_demo_may_be_served_here(host: str) -> None:
    assert Settings(demo=True, host=host).host == host


def test_outside_the_demo_any_address_will_do_that_patients_can_reach() -> None:
    url = "https://svar.example.org"
    assert Settings(secret_key=SECRET, host="0.0.0.0", public_url=url).host == "0.0.0.0"
    assert "SVAR_PUBLIC_URL" in refused(host="0.0.0.0")


def test_a_variable_that_is_no_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="There is no setting SVAR_TOKEN_MINUTE:"):
        given(monkeypatch, token_minute="5")


def test_settings_stay_as_they_are() -> None:
    settings = Settings(demo=True)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings, "port", 9000)  # noqa: B010 - the type checker would refuse it too


def test_cookies_travel_by_https_alone_when_patients_do() -> None:
    assert Settings(demo=True, public_url="https://svar.example").secure


def test_issuers_are_a_json_list_each_named_once_with_its_keys_behind_https() -> None:
    assert "is not JSON" in refused(issuers="[{")
    assert "names an issuer twice" in refused(issuers=[HELSEID, HELSEID])
    plain = HELSEID | {"jwks": "http://127.0.0.1:1/jwks"}
    assert "jwks must begin with https://" in refused(issuers=[plain])
    assert Settings(demo=True, issuers=(Issuer(**plain),)).issuers[0].jwks.startswith("http:")


def test_the_scopes_that_an_issuers_can_be_worth_are_those_there_are() -> None:
    assert get_args(Scope) == tuple(SCOPES)


def test_a_login_elsewhere_is_an_issuer_with_an_id_and_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = given(monkeypatch, oidc_only="true", **OIDC)
    assert (settings.oidc_issuer, settings.oidc_only) == (OIDC["oidc_issuer"], True)
    assert OIDC["oidc_client_secret"] not in repr(settings)
    for name in OIDC:
        monkeypatch.delenv(f"SVAR_{name.upper()}")
        with pytest.raises(ValidationError, match="belong together"):
            Settings()
        monkeypatch.setenv(f"SVAR_{name.upper()}", OIDC[name])


def test_a_login_elsewhere_that_lets_nobody_in_is_refused() -> None:
    assert "SVAR_OIDC_ONLY lets nobody in" in refused(oidc_only=True)
    for wrong in ("login.example.org", "https://a@login.example.org", "https://login.example#x"):
        assert "oidc_issuer" in refused(**OIDC | {"oidc_issuer": wrong})
    assert "must begin with https" in refused(**OIDC | {"oidc_issuer": "http://login.example.org"})
    assert Settings(secret_key=SECRET, **OIDC | {"oidc_issuer": "http://127.0.0.1:1"}).oidc_issuer
