"""What a downloaded log is called, and what the page says goes into it."""

import re

from django.http import QueryDict

from dashboard.log_ask import LogAsk
from dashboard.log_file_name import file_name
from sidecars.cluster import LogStream
from sidecars.cluster.logs import LogTarget
from tests.dashboard_process import Client
from tests.logs.test_page import view
from tests.pods.viewing import Place, is_running


def named(query: str, *containers: str, ctx: str = "demo", namespaces: int = 1) -> str:
    found = [
        LogStream(LogTarget(f"ns{number}", f"web-{number}", "", container), role="main")
        for number in range(namespaces)
        for container in containers
    ]
    return file_name(ctx, LogAsk.read(QueryDict(query)), found, 1_000_000_000)


def test_it_says_which_workload_which_containers_and_when() -> None:
    assert named("src=deployments/ns0/web:app", "app") == "demo_ns0_web_app_20010909T014640Z"
    assert named("src=deployments/ns0/web:*", "app", "log") == "demo_ns0_web_all_20010909T014640Z"
    assert named("src=pods/ns0/web-0:app&previous=1", "app").endswith("_web-0_app_previous_20010909T014640Z")


def test_all_is_not_said_of_a_file_without_the_hidden_ones() -> None:
    assert "_web_log_" in named("src=deployments/ns0/web:*&hide=app", "log")


def test_many_are_counted() -> None:
    query = "&".join(f"src=pods/ns{n}/web-{n}:*" for n in range(5))
    assert named(query, *"abcd", namespaces=5).startswith("demo_5-namespaces_5-sources_all_")


def test_no_name_of_a_context_leaves_the_file_name() -> None:
    name = named("src=pods/ns0/web-0:app", "app", ctx='../a"; x=\r\n/' + "b" * 500)

    assert re.fullmatch(r"[A-Za-z0-9.+_-]{1,200}", name) and not name.startswith(".")


async def test_the_menu_says_what_goes_into_a_file(demo_viewer: Client, place: Place) -> None:
    await place.pod("one")
    await place.until("one", is_running)
    source = f"pods/{place.namespace}/one:app"

    said = {
        more: (await view(demo_viewer, source, more=more)).text
        for more in ("", "&tail=0", "&tail=100", "&since=5m&tail=100", "&since=5m")
    }

    whole = "All that the nodes keep, not only the lines of this page."
    assert whole in said[""] and whole in said["&tail=0"] and "tail=all" in said["&tail=0"]
    assert "The last 100 lines of each container." in said["&tail=100"]
    assert "Of the range that is chosen. The last 100 lines" in said["&since=5m&tail=100"]
    assert "All of the range that is chosen." in said["&since=5m"]
    assert all("The level, the lines around" in text for text in said.values())
