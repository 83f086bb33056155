import json
from typing import Any

import pytest

from sidecars import errors
from sidecars.cluster.failures import CAUSE_LIMIT, Asked, from_answer, redact
from tests.door.scripted import status_body

READ = Asked("list", "pods", "shop")
WRITE = Asked("patch", "deployments", "shop", "web", is_write=True)
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


def translate(
    code: int, asked: Asked = WRITE, message: str = "no", reason: str = "", **details: Any
) -> Exception:
    body = json.dumps(status_body(code, message, reason, **details)).encode()
    return from_answer(code, {"Retry-After": "3"}, body, asked)


@pytest.mark.parametrize(
    ("code", "asked", "kind"),
    [
        (401, READ, errors.Unauthorized),
        (403, READ, errors.Forbidden),
        (404, READ, errors.NotFound),
        (409, WRITE, errors.Stale),
        (410, READ, errors.Expired),
        (422, WRITE, errors.Rejected),
        (400, WRITE, errors.Rejected),
        (429, WRITE, errors.Busy),
        (503, READ, errors.Busy),
        (500, READ, errors.Busy),
        (504, READ, errors.Busy),
        (500, WRITE, errors.OutcomeUnknown),
        (504, WRITE, errors.OutcomeUnknown),
        (502, WRITE, errors.OutcomeUnknown),
    ],
)
def test_each_code_has_its_type(code: int, asked: Asked, kind: type[Exception]) -> None:
    assert type(translate(code, asked)) is kind


def test_a_500_of_the_storage_does_not_say_that_nothing_was_written() -> None:
    error = translate(500, message="etcdserver: request timed out")

    assert isinstance(error, errors.OutcomeUnknown)


def test_a_500_of_admission_is_a_refusal_with_its_cause() -> None:
    said = 'Internal error occurred: failed calling webhook "sidecar.example": connection refused'

    error = translate(500, message=said, reason="InternalError")

    assert isinstance(error, errors.Rejected) and "sidecar.example" in str(error)


def test_a_500_of_a_dry_run_is_a_refusal_with_its_cause() -> None:
    asked = Asked("patch", "deployments", "shop", "web")

    error = translate(500, asked, message="failed to create typed patch object")

    assert isinstance(error, errors.Rejected)


def test_a_missing_right_is_named_by_the_server() -> None:
    said = '"web" is forbidden: User "u" cannot patch resource "deployments" in API group "apps"'
    error = translate(403, message=said)

    assert isinstance(error, errors.Forbidden)
    assert (error.verb, error.resource, error.namespace) == ("patch", "deployments", "shop")


def test_admission_that_says_403_is_a_refusal_and_no_missing_right() -> None:
    error = translate(403, message='pods "web" is forbidden: violates PodSecurity "restricted:latest"')

    assert isinstance(error, errors.Rejected)
    assert error.code == 403


def test_a_conflict_names_fields_and_managers() -> None:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "helm" using apps/v1',
            "field": ".spec.replicas",
        },
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl" with subresource "scale" using v1 at 2026-01-01T00:00:00Z',
            "field": ".spec.template",
        },
    ]
    error = translate(409, causes=causes)

    assert isinstance(error, errors.FieldConflict)
    assert error.fields == (
        errors.OwnedField(".spec.replicas", "helm"),
        errors.OwnedField(".spec.template", "kubectl"),
    )


def test_another_uid_is_stale_even_when_the_server_says_422() -> None:
    error = translate(422, causes=[{"field": "metadata.uid", "message": "field is immutable"}])

    assert isinstance(error, errors.Stale)


def test_an_invalid_field_is_named() -> None:
    error = translate(422, causes=[{"field": "spec.x", "message": "bad"}], reason="Invalid")

    assert isinstance(error, errors.Rejected)
    assert (error.field, error.reason) == ("spec.x", "Invalid")


def test_what_exists_already_is_told_apart() -> None:
    error = translate(409, reason="AlreadyExists")

    assert isinstance(error, errors.Rejected)
    assert error.reason == "AlreadyExists"


def test_a_missing_namespace_is_what_is_missing() -> None:
    error = translate(404, name="shop", kind="namespaces")

    assert error.args
    assert str(error) == "Namespace shop is not there."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"bad header {JWT} here", "bad header [redacted] here"),
        ("Authorization: Bearer abc.def", "Authorization: [redacted] [redacted]"),
        ("got token=abc and more", "got token=[redacted] and more"),
        ('{"password": "hunter2"}', '{"password": "[redacted]"}'),
        ("https://user:pw@host/x", "https://[redacted]@host/x"),
        ("api_key=1234", "api_key=[redacted]"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_do_not_pass(text: str, kept: str) -> None:
    assert redact(text) == kept


def test_words_are_cut_and_controls_dropped() -> None:
    found = redact("a\x1b[31m\u202eb" + "x" * 5000)

    assert len(found) == CAUSE_LIMIT
    assert "\x1b" not in found
    assert "\u202e" not in found


def test_a_body_that_is_no_status_is_dropped() -> None:
    error = from_answer(422, {}, b"<html>token=abc</html>", WRITE)

    assert "abc" not in str(error)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_quoted_secret_is_redacted_with_its_spaces(quote: str) -> None:
    found = redact(f"bad db-password: {quote}correct horse, battery{quote} in line 3")

    assert "horse" not in found and "battery" not in found and found.endswith("in line 3")
    assert found.startswith(f"bad db-password: {quote}[redacted]{quote}")


def test_many_short_words_are_redacted_as_quickly_as_few() -> None:
    """Hostile words of a pod pass here at every look at a rollout; this took minutes of one core."""
    for _look in range(2000):
        redact("a-" * CAUSE_LIMIT * 8)
