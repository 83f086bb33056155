"""The address of a log view: what is read from it, and that links keep all of it."""

from contextlib import suppress

import pytest
from django.http import Http404, QueryDict
from hypothesis import given
from hypothesis import strategies as st

from dashboard.log_ask import LogAsk
from dashboard.log_range import moment_ns
from sidecars.cluster import LogSource
from sidecars.errors import BadAddress

WHOLE = (
    "src=deployments/shop/web:app,nginx&src=pods/shop/one:*&src=selector/shop/a%20in%20(b,c):x&tail=2000&since=5m"
    "&previous=1&times=utc&wrap=0&hide=nginx&hide=istio-proxy&solo=app&q=a%20%26%20b&re=1&case=1&invert=1"
    "&mode=highlight&level=warn&context=3&cols=path&cols=ms&at=one/app@1767225600000.123456"
)


def read(query: str) -> LogAsk:
    return LogAsk.read(QueryDict(query))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("pods/shop/one", LogSource("pods", "shop", "one")),
        ("pods/shop/one.two:app", LogSource("pods", "shop", "one.two", ("app",))),
        ("pods/shop/one:*", LogSource("pods", "shop", "one", ("*",))),
        ("pods/shop/one:a,b,a", LogSource("pods", "shop", "one", ("a", "b"))),
        ("jobs/shop/nightly:app", LogSource("jobs", "shop", "nightly", ("app",))),
        ("cronjobs/shop/nightly:*", LogSource("cronjobs", "shop", "nightly", ("*",))),
        ("selector/shop/a.b/c%3Dweb,!d:x", LogSource("selector", "shop", "a.b/c=web,!d", ("x",))),
    ],
)
def test_a_source_is_a_pod_or_a_workload_and_its_containers(text: str, source: LogSource) -> None:
    assert read(f"src={text}").sources == (source,)


@pytest.mark.parametrize(
    "query",
    [
        "", "src=", "src=secrets/shop/a", "src=pods/..%2f..%2fa/b", "src=pods/shop/one:*,a",
        "src=pods/shop/one:", "src=pods/shop/one:a%0a", "src=pods/shop", "src=pods/SHOP/one",
        "src=pods/shop/one&src=nonsense",
    ],
)  # fmt: skip
def test_an_address_that_names_nothing_that_can_be_is_404(query: str) -> None:
    with pytest.raises(Http404):
        read(query)


def test_a_link_says_everything_that_the_address_said() -> None:
    ask = read(WHOLE)

    assert LogAsk.read(QueryDict(ask.query_string()[1:])) == ask
    assert (ask.hidden, ask.columns, ask.search) == (("nginx", "istio-proxy"), ("path", "ms"), "a & b")
    assert ask.query_string().count("&") == WHOLE.count("&")


def test_what_is_usual_is_not_said() -> None:
    assert read("src=pods/shop/one:app&tail=&times=local&mode=filter&wrap=1&context=0").query_string() == (
        "?src=pods/shop/one:app"
    )


@given(
    st.dictionaries(st.sampled_from(["tail", "since", "until", "level", "context", "at", "mode"]), st.text())
)
def test_whatever_else_stands_there_is_left_out_or_kept_or_refused_by_name(params: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update({"src": "pods/shop/one:app", **params})

    with suppress(BadAddress):
        ask = LogAsk.read(query)

        assert LogAsk.read(QueryDict(ask.query_string()[1:])) == ask


def test_at_most_fifty_sources_are_read() -> None:
    assert len(read("&".join(f"src=pods/shop/p{i}" for i in range(80))).sources) == 50


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", 500),
        ("&tail=all", None),
        ("&tail=0", 0),
        ("&since=5m", None),
        ("&tail=7", 7),
        ("&since=5m&tail=7", 7),
    ],
)
def test_a_span_of_time_is_shown_whole_unless_a_tail_is_asked_for(query: str, lines: int | None) -> None:
    assert read(f"src=pods/shop/one{query}").tail_lines == lines


def test_since_is_counted_back_from_the_clusters_time_or_is_a_moment() -> None:
    assert read("src=pods/a/b&since=5m").since_ns(1000.0) == 700 * 10**9
    assert read("src=pods/a/b&since=1970-01-01T00:00:01Z").since_ns(1000.0) == 10**9
    assert read("src=pods/a/b").since_ns(1000.0) is None


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1970-01-01T00:00:01Z", 10**9),
        ("1970-01-01T00:00:01.000000002Z", 10**9 + 2),
        ("1970-01-01T01:00:01.5+01:00", 10**9 + 5 * 10**8),
        ("1969-12-31T23:30:01-00:30", 10**9),
    ],
)
def test_a_moment_is_read_to_the_nanosecond(text: str, time_ns: int) -> None:
    assert moment_ns(text) == time_ns


def test_hidden_names_and_a_solo_decide_what_is_shown() -> None:
    assert [read("src=pods/a/b&hide=x").shows(name) for name in ("x", "y")] == [False, True]
    assert [read("src=pods/a/b&hide=x&solo=x").shows(name) for name in ("x", "y")] == [True, False]


@pytest.mark.parametrize("more", ["", "&tail=100", "&since=5m&tail=0"])
def test_up_to_a_moment_nothing_is_counted_from_the_logs_end(more: str) -> None:
    ask = read(f"src=pods/a/b&until=2026-01-01T00:00:00Z{more}")

    assert ask.tail_lines is None and "tail" not in ask.query_string()
    assert read(ask.query_string()[1:]) == ask


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("2h", 7200), ("1h30m", 5400), ("30m1h", 5400), ("1.5h", 5400), ("3d", 259_200)],
)
def test_a_span_is_written_as_kubectl_writes_it(text: str, seconds: int) -> None:
    assert read(f"src=pods/a/b&since={text}").since_ns(10.0**6) == (10**6 - seconds) * 10**9


def test_the_plus_of_a_time_zone_may_be_typed_as_it_is() -> None:
    ask = read("src=pods/a/b&since=1970-01-01T08:00:01+08:00&until=1970-01-01T08:00:02+08:00")

    assert (ask.since_ns(0.0), ask.until_ns) == (10**9, 2 * 10**9)
    assert read(ask.query_string()[1:]) == ask


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("since", text) for text in ("abc", "-5m", "0s", "5", "m", "1.2.3s", "5m ", "99999d", "1h²")),
        *(("since", text) for text in ("2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z")),
        ("since", "0001-01-01T00:00:00Z"),  # the API server answers 400, as to a container that waits
        *(("until", text) for text in ("yesterday", "5m", "0001-01-01T00:00:00Z")),
        *(("tail", text) for text in ("x", "-1", "1.5", "200001", "9" * 5000, "ALL", "٣")),
    ],
)  # fmt: skip
def test_a_range_that_is_not_understood_is_refused_by_name_with_an_example(name: str, text: str) -> None:
    query = QueryDict(mutable=True)
    query.update({"src": "pods/shop/one:app", name: text})

    with pytest.raises(BadAddress) as refused:
        LogAsk.read(query)

    assert refused.value.field == name and f"“{name}”" in refused.value.sentence
    assert f"{name}=" in refused.value.advice and len(str(dict(refused.value.parameters))) < 200


@pytest.mark.parametrize("text", ["0", "007", "200000", "all", ""])
def test_any_number_of_lines_may_be_asked_for(text: str) -> None:
    assert read(f"src=pods/a/b&tail={text}").tail == {"007": "7"}.get(text, text)
