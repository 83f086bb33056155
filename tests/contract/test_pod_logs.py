"""pods/log: what is read, what is refused, and in which words."""

import re

import pytest

from tests.contract.api import Api, Reply
from tests.contract.running import BROKEN_IMAGE, reason_of, shell, start, start_ready, status_of

STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{9}Z (.*)")
SLOW = "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.3; done; sleep 3600"


async def log(api: Api, pod: str, **query: str) -> Reply:
    return await api.ask("GET", api.path("pods", f"{pod}/log"), **query)


async def log_with(api: Api, pod: str, text: str, **query: str) -> str:
    """The log once it holds `text`."""
    while True:
        reply = await log(api, pod, **query)
        if reply.status == 200 and text in reply.text:
            return reply.text


async def test_a_log_is_the_plain_lines(api: Api) -> None:
    pod = await start_ready(api, shell("echo one; echo two; sleep 3600"))

    await log_with(api, pod, "two")
    reply = await log(api, pod)

    assert reply.text == "one\ntwo\n"
    assert reply.headers["Content-Type"] == "text/plain"


async def test_timestamps_have_nine_digits(api: Api) -> None:
    pod = await start_ready(api, shell("echo one; echo two; sleep 3600"))

    text = await log_with(api, pod, "two", timestamps="true")

    assert [STAMPED.fullmatch(line)[2] for line in text.splitlines()] == ["one", "two"]  # type: ignore[index]


async def test_since_time_counts_in_whole_seconds(api: Api) -> None:
    pod = await start_ready(api, shell(SLOW))
    text = await log_with(api, pod, "line 6", timestamps="true")
    lines = text.splitlines()
    middle = lines[3].partition(" ")[0]

    reply = await log(api, pod, timestamps="true", sinceTime=middle)

    assert reply.text.splitlines() == [line for line in lines if line[:19] >= middle[:19]]


async def test_tail_lines_counts_from_the_end(api: Api) -> None:
    pod = await start_ready(api, shell(SLOW))
    await log_with(api, pod, "line 6")

    assert (await log(api, pod, tailLines="2")).text == "line 5\nline 6\n"
    assert (await log(api, pod, tailLines="0")).text == ""


async def test_limit_bytes_cuts_inside_a_line(api: Api) -> None:
    pod = await start_ready(api, shell(SLOW))
    await log_with(api, pod, "line 6")

    assert (await log(api, pod, limitBytes="9")).text == "line 1\nli"


async def test_a_followed_log_ends_with_its_container(api: Api) -> None:
    pod = await start(api, shell("for i in 1 2 3 4; do echo line $i; sleep 0.5; done"), restartPolicy="Never")
    await log_with(api, pod, "line 1")

    reply = await log(api, pod, follow="true")

    assert reply.text == "line 1\nline 2\nline 3\nline 4\n"


async def test_several_containers_need_a_name(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600", "one"), shell("sleep 3600", "two"),
                            initContainers=[shell("true", "first")])  # fmt: skip

    reply = await log(api, pod)

    wanted = f"a container name must be specified for pod {pod}, choose one of: [first one two]"
    assert (reply.status, reply.message, reply.body["reason"]) == (400, wanted, "BadRequest")


async def test_an_unknown_container_is_not_valid(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))

    reply = await log(api, pod, container="nope")

    assert (reply.status, reply.message) == (400, f"container nope is not valid for pod {pod}")


async def test_a_container_that_waits_for_init_has_no_log(api: Api) -> None:
    pod = await start(api, shell("sleep 3600"), initContainers=[shell("sleep 3600", "first")])
    await api.wait("pods", pod, lambda found: "running" in status_of(found, "first").get("state", {}))

    reply = await log(api, pod, container="app")

    assert reply.status == 400
    assert reply.message == f'container "app" in pod "{pod}" is waiting to start: PodInitializing'


async def test_a_container_without_image_has_no_log(api: Api) -> None:
    broken = shell("true") | {"image": BROKEN_IMAGE, "imagePullPolicy": "IfNotPresent"}
    pod = await start(api, broken)
    await api.wait("pods", pod, lambda found: reason_of(found) == "ImagePullBackOff")

    reply = await log(api, pod)

    wanted = f'container "app" in pod "{pod}" is waiting to start: trying and failing to pull image'
    assert (reply.status, reply.message) == (400, wanted)


async def test_a_first_instance_has_no_previous_one(api: Api) -> None:
    pod = await start_ready(api, shell("sleep 3600"))

    reply = await log(api, pod, previous="true")

    assert reply.status == 400
    assert reply.message == f'previous terminated container "app" in pod "{pod}" not found'


async def test_a_crash_loop_shows_its_last_instance_with_and_without_previous(api: Api) -> None:
    pod = await start(api, shell("echo bad config; exit 1"))
    await api.wait("pods", pod, lambda found: reason_of(found) == "CrashLoopBackOff")

    plain, previous = await log(api, pod), await log(api, pod, previous="true")

    assert (plain.text, previous.text) == ("bad config\n", "bad config\n")


async def test_an_ended_container_keeps_its_log(api: Api) -> None:
    pod = await start(api, shell("echo done"), restartPolicy="Never")
    await api.wait("pods", pod, lambda found: found["status"].get("phase") == "Succeeded")

    assert (await log(api, pod)).text == "done\n"


async def test_a_missing_pod_is_404(api: Api) -> None:
    reply = await log(api, "nobody")

    assert (reply.status, reply.message) == (404, 'pods "nobody" not found')


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("sinceSeconds", "0", "must be greater than 0"),
        ("tailLines", "-1", "must be greater than or equal to 0"),
        ("limitBytes", "0", "must be greater than 0"),
    ],
)
async def test_a_number_out_of_range_is_invalid(api: Api, option: str, value: str, why: str) -> None:
    pod = await start(api, shell("sleep 3600"))

    reply = await log(api, pod, **{option: value})

    message = f'PodLogOptions "{pod}" is invalid: {option}: Invalid value: {value}: {why}'
    assert (reply.status, reply.message) == (422, message)
    assert reply.body["details"]["kind"] == "PodLogOptions"


async def test_two_beginnings_are_refused(api: Api) -> None:
    pod = await start(api, shell("sleep 3600"))

    reply = await log(api, pod, sinceSeconds="5", sinceTime="2020-01-01T00:00:00Z")

    why = "[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
    assert (reply.status, reply.message) == (422, f'PodLogOptions "{pod}" is invalid: {why}')


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("tailLines", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("sinceTime", 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'),
    ],
)
async def test_a_value_that_is_none_is_a_bad_request(api: Api, option: str, why: str) -> None:
    pod = await start(api, shell("sleep 3600"))

    reply = await log(api, pod, **{option: "x"})

    assert (reply.status, reply.message) == (400, why)
