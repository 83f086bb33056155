"""Local mode: the launch secret and its session (security.md §1)."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.dashboard_process import Client, Dashboard, Starter
from tests.operations.waiting import until


async def test_the_printed_code_signs_in(frame: Dashboard, visitor: Client) -> None:
    await visitor.get("/login/")

    answer = await visitor.post("/login/", {"code": frame.code})

    assert answer.status == 303
    assert (await visitor.get("/help/")).status == 200


async def test_a_code_works_once_and_a_fresh_link_is_printed(frame: Dashboard, visitor: Client) -> None:
    code = frame.code
    await visitor.sign_in(code)
    second = Client(frame)

    answer = await second.sign_in(code)

    assert answer.status == 403
    assert frame.code != code
    assert (await second.sign_in(frame.code)).status == 303
    await second.close()


async def test_the_code_has_256_bits(frame: Dashboard) -> None:
    assert re.fullmatch(r"[\w-]{43}", frame.code)


async def test_a_pasted_link_is_as_good_as_its_code(frame: Dashboard, visitor: Client) -> None:
    assert (await visitor.sign_in(frame.link)).status == 303


async def test_the_session_cookie_is_strict_and_named_after_the_port(
    frame: Dashboard, visitor: Client
) -> None:
    answer = await visitor.sign_in(frame.code)

    cookie = answer.header("set-cookie")
    assert cookie.startswith(f"sidecar_session_{frame.port}=")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie


async def test_signing_in_changes_the_session_key(frame: Dashboard, visitor: Client) -> None:
    before = (await visitor.get("/login/")).header("set-cookie")

    after = (await visitor.post("/login/", {"code": frame.code})).header("set-cookie")

    assert before.partition(";")[0] != after.partition(";")[0]


async def test_a_page_sends_a_visitor_to_sign_in_and_back(frame: Dashboard, visitor: Client) -> None:
    away = await visitor.get("/help/?x=1")
    assert away.header("location") == "/login/?next=%2Fhelp%2F%3Fx%3D1"
    await visitor.get(away.header("location"))

    back = await visitor.post("/login/", {"code": frame.code, "next": "/help/?x=1"})

    assert back.header("location") == "/help/?x=1"


async def test_sign_in_returns_to_no_other_site(frame: Dashboard, visitor: Client) -> None:
    for address in ("//evil", r"/\evil", "https:evil", "\t//evil", "http://127.0.0.1.evil/", "/\t/evil"):
        other = Client(frame)
        await other.get("/login/")

        answer = await other.post("/login/", {"code": frame.code, "next": address})

        assert answer.header("location") == "/", address
        await other.close()


async def test_sign_in_below_a_base_path_never_leads_outside_of_it(
    dashboard_process: Starter, tmp_path: Path
) -> None:
    """The cookie is sent below it only: outside, two pages would send each other on for ever."""
    below = _own_dashboard(dashboard_process, tmp_path, "--base-url", "/side")
    client = Client(below)
    await client.get("/login/?next=/")

    origin = {"Origin": below.base_url.removesuffix("/side")}
    answer = await client.post("/login/", {"code": below.code, "next": "/"}, headers=origin)

    assert answer.header("location") == "/side/"
    assert (await client.get("/login/?next=/")).header("location") == "/side/#"
    assert (await client.get("/login/?next=/side/help/")).header("location") == "/side/help/#"
    await client.close()


async def test_a_link_opened_by_a_signed_in_browser_leaves_no_code_in_its_address(viewer: Client) -> None:
    answer = await viewer.get("/login/?next=/help/")

    assert answer.header("location") == "/help/#"


async def test_signing_out_ends_the_session(viewer: Client) -> None:
    assert (await viewer.post("/logout/", {})).status == 303

    assert (await viewer.get("/help/")).status == 302


async def test_many_wrong_codes_have_to_wait(dashboard_process: Starter, tmp_path: Path) -> None:
    client = Client(_own_dashboard(dashboard_process, tmp_path))
    await client.get("/login/")

    statuses = [(await client.post("/login/", {"code": "wrong"})).status for _ in range(11)]

    assert statuses == [403] * 10 + [429]
    await client.close()


async def test_a_restart_keeps_people_signed_in(dashboard_process: Starter, tmp_path: Path) -> None:
    first = _own_dashboard(dashboard_process, tmp_path)
    client = Client(first)
    await client.sign_in(first.code)
    first.kill()

    _own_dashboard(dashboard_process, tmp_path, "--port", str(first.port))

    assert (await client.get("/help/")).status == 200
    await client.close()


async def test_state_is_for_its_owner_alone(dashboard_process: Starter, tmp_path: Path) -> None:
    dashboard = _own_dashboard(dashboard_process, tmp_path)

    assert dashboard.state.stat().st_mode & 0o777 == 0o700
    assert (dashboard.state / "secret_key").stat().st_mode & 0o777 == 0o600


async def test_sessions_are_for_their_owner_alone_in_a_folder_that_others_may_read(
    dashboard_process: Starter, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(0o755)

    dashboard = _own_dashboard(dashboard_process, tmp_path)

    open_to_others = [f.name for f in dashboard.state.iterdir() if f.stat().st_mode & 0o077]
    assert (dashboard.state / "dashboard.sqlite3").exists() and open_to_others == []


async def test_expired_sessions_do_not_pile_up(dashboard_process: Starter, tmp_path: Path) -> None:
    first = _own_dashboard(dashboard_process, tmp_path)
    client = Client(first)
    for _visit in range(3):
        client.http.cookie_jar.clear()
        await client.get("/login/")
    await client.close()
    first.kill()
    database = tmp_path / "state" / "dashboard.sqlite3"
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("UPDATE django_session SET expire_date = '2020-01-01 00:00:00'")

    _own_dashboard(dashboard_process, tmp_path)

    async def is_empty() -> bool:
        with closing(sqlite3.connect(database, timeout=20)) as opened:
            return opened.execute("SELECT count(*) FROM django_session").fetchone() == (0,)

    await until(is_empty, limit_s=20)


def _own_dashboard(start: Starter, folder: Path, *arguments: str) -> Dashboard:
    from tests.dashboard_process import UNREACHABLE_KUBECONFIG

    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(UNREACHABLE_KUBECONFIG)
    return start(kubeconfig, arguments, state=folder / "state")
