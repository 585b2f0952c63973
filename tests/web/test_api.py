"""The JSON API: what it says of itself is what it does."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import BASE
from whowhom.analyse.filters import QUERY_NAMES
from whowhom.web.api import BASE as API
from whowhom.web.api import ENDPOINTS, ROWS, filter_parameters, openapi, parameters_of
from whowhom.web.security import Guard


def path(endpoint: str, **values: str) -> str:
    found = next(e for e in ENDPOINTS if e.name == endpoint)
    return API + found.path.format(**values)


def test_the_same_numbers_as_the_pages(client: TestClient) -> None:
    totals = client.get(path("totals"), params={"status": "all"}).json()
    assert totals["reports"] == 7
    assert totals["outlets"] == 3
    events = client.get(path("events"), params={"status": "all"}).json()
    assert events["total"] == len(events["rows"]) == 7
    assert {e["id"] for e in events["rows"]} >= {"ev-d1-1", "ev-d3-1"}


def test_one_event_document_incident(client: TestClient, incident: str) -> None:
    assert client.get(path("event", id="ev-d1-1")).json()["event"]["event_type"] == "ASSAULT"
    document = client.get(path("document", id="d1")).json()
    assert document["document"]["outlet"] == "Coast Herald"
    assert len(document["events"]) == 2
    assert len(document["rejections"]) == 1
    found = client.get(path("incident", id=incident)).json()
    assert {r["outlet"] for r in found["reports"]} >= {"Coast Herald", "Lake Courier"}


@pytest.mark.parametrize(
    "url",
    ["/counts?of=outlet&of=type&by=month", "/pairs", "/actors?unit=reports",
     "/series/KEN/SOM?by=day",
     "/changes/KEN/SOM?by=day", "/network", "/places?at=Mogadishu", "/claims?status=all",
     "/denials", "/figures", "/money", "/compare?a=Coast%20Herald&b=Lake%20Courier", "/coverage",
     "/marks", "/incidents?type=AID"],
)  # fmt: skip
def test_answers(client: TestClient, url: str) -> None:
    answer = client.get(API + url)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    if "rows" in body:
        assert len(body["rows"]) <= ROWS


def test_wrong_questions_are_problems(client: TestClient) -> None:
    for url, status in (
        ("/counts?of=weather", 400), ("/events?page=0", 400), ("/events?nonsense=1", 400),
        ("/pairs?between=KEN~SOM", 400), ("/compare", 400), ("/series/kenya/SOM", 400),
        ("/events/none", 404), ("/none", 404), ("/totals?page=2", 400),
    ):  # fmt: skip
        answer = client.get(API + url)
        assert answer.status_code == status, url
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert answer.json()["title"]
    wrong = client.delete(path("totals"), headers={"origin": BASE})
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["allow"]


def test_the_description_covers_the_filter() -> None:
    assert {p.name for p in filter_parameters()} >= set(QUERY_NAMES)
    described = openapi()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {API + e.path for e in ENDPOINTS}
    for endpoint in ENDPOINTS:
        given = described["paths"][API + endpoint.path]["get"]["parameters"]
        assert [p["name"] for p in given] == [p.name for p in parameters_of(endpoint)]


def test_schemathesis_finds_no_fault(app: Guard) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    schema = schemathesis.openapi.from_dict(openapi())
    schema.app = app
    client = TestClient(app, base_url=BASE, raise_server_exceptions=False)
    cases = st.one_of(*(o.ok().as_strategy() for o in schema.get_all_operations()))
    checks = schemathesis.checks
    wanted = [
        checks.not_a_server_error,
        *(
            c
            for c in checks.CHECKS.get_all()
            if c.__name__
            in (
                "status_code_conformance",
                "content_type_conformance",
                "response_schema_conformance",
            )
        ),
    ]

    @given(case=cases)
    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def conforms(case: object) -> None:
        sent = case.as_transport_kwargs(base_url=BASE)  # type: ignore[attr-defined]
        answer = client.request(
            sent["method"], sent["url"], params=sent.get("params"),
            headers={k: v for k, v in (sent.get("headers") or {}).items() if k.lower() != "host"},
        )  # fmt: skip
        case.validate_response(answer, checks=wanted)  # type: ignore[attr-defined]

    conforms()
