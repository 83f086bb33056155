"""Whose socket is whose: by open files, by user, by elimination, or nobody's."""

from sidecars.observe.matching import Matcher, Owner, Runner
from sidecars.observe.observation import Basis
from tests.observe.samples import listen, matcher, printed, process, sample, tcp

APP, NGINX = "a" * 64, "b" * 64


def owner(found: Matcher, inode: int) -> Owner:
    """Of the socket with this inode, as the tables show it."""
    rows = {row.inode: row for each in found.samples for row in each.readout.sockets}
    return found.owner(rows[inode])


def test_an_open_file_names_the_container() -> None:
    found = matcher(sample("app", printed([process(1, 7)], [listen(80, 7)])))

    assert owner(found, 7) == ("app", Basis.FILES)


def test_a_hidden_worker_is_known_by_its_user() -> None:
    rows = [listen(80, 7), listen(8080, 55, uid=101)]
    nginx = sample("nginx", printed([process(1, 7), process(8, uid=101, hidden=True)], rows))
    app = sample("app", printed([process(1, 9, uid=1000)], rows))

    found = matcher(app, nginx)

    assert owner(found, 55) == ("nginx", Basis.UID)


def test_two_containers_with_hidden_processes_of_one_user_leave_it_unknown() -> None:
    hidden = printed([process(1), process(8, uid=101, hidden=True)], [listen(80, 55, uid=101)])

    found = matcher(sample("app", hidden), sample("nginx", hidden))

    assert owner(found, 55) == (None, Basis.UNKNOWN)


def test_what_hides_from_one_reader_another_may_open() -> None:
    rows = [listen(80, 7), listen(8080, 55, uid=101)]
    from_root = sample("nginx", printed([process(1, 7), process(8, uid=101, hidden=True)], rows))
    group = f"0::/../cri-containerd-{NGINX}.scope"
    from_its_user = sample("observe-1", printed([process(8, 55, uid=101, group=group), process(30)], rows))

    found = matcher(
        from_root,
        from_its_user,
        runners=(Runner("nginx", NGINX), Runner("observe-1", "c" * 64, helps="nginx")),
    )

    assert (owner(found, 55), found.hidden) == (("nginx", Basis.FILES), {})


def test_a_reader_that_meets_the_shell_of_another_is_not_told_of_a_hidden_process() -> None:
    group = f"0::/../cri-containerd-{NGINX}.scope"
    turns = []
    for turn, shell in enumerate((40, 50)):
        seen = printed([process(8, 55, uid=101, group=group), process(shell, hidden=True, group=group)])
        turns.append(sample("observe-1", seen, turn))

    found = matcher(*turns, runners=(Runner("nginx", NGINX), Runner("observe-1", "c" * 64, helps="nginx")))

    assert found.hidden == {}


def test_what_no_reader_has_is_of_the_one_that_could_not_be_read() -> None:
    app = printed([process(1, 7)], [listen(80, 7), listen(9000, 8, uid=65532)])

    found = matcher(sample("app", app), runners=("app", "distroless"))

    assert owner(found, 8) == ("distroless", Basis.ELIMINATION)


def test_a_passing_socket_of_a_readers_own_user_is_nobodys() -> None:
    passing = tcp("127.0.0.1:40000", "127.0.0.1:80", "01", 1000, 8)
    app = printed([process(1, 7, uid=1000)], [listen(80, 7), passing])

    found = matcher(sample("app", app), runners=("app", "distroless"))

    assert owner(found, 8) == (None, Basis.UNKNOWN)


def test_a_container_of_another_fixed_user_is_no_candidate() -> None:
    app = sample("app", printed([process(1, 7)], [listen(80, 7), listen(90, 8)]))

    found = matcher(app, runners=("app", Runner("distroless", uid=65532)))

    assert owner(found, 8) == (None, Basis.UNKNOWN)


def test_a_shared_process_table_is_told_apart_by_the_ids_in_cgroups() -> None:
    both = [
        process(7, 70, group=f"0::/kubepods/pod1/{APP}"),
        process(9, 90, group=f"0::/kubepods/pod1/{NGINX}"),
    ]
    runners = (Runner("app", APP), Runner("nginx", NGINX))

    rows = [listen(80, 70), listen(81, 90)]
    found = matcher(sample("app", printed(both, rows)), runners=runners, shares_processes=True)

    assert [owner(found, inode)[0] for inode in (70, 90)] == ["app", "nginx"]


def test_a_shared_process_without_an_id_is_nobodys() -> None:
    other = printed([process(9, 90, group="0::/../xyz")], [listen(80, 90)])

    found = matcher(sample("app", other), shares_processes=True)

    assert owner(found, 90) == (None, Basis.UNKNOWN)


def test_on_the_nodes_network_only_open_files_count() -> None:
    rows = [listen(80, 7), listen(8080, 55, uid=101)]
    nginx = sample("nginx", printed([process(1, 7), process(8, uid=101, hidden=True)], rows))

    found = matcher(nginx, runners=("nginx",), host_network=True)

    assert (owner(found, 7)[0], owner(found, 55)[0]) == ("nginx", None)


def test_a_container_cannot_give_its_socket_to_another() -> None:
    """It prints the inode of the other's listener beside a call of its own."""
    bank = printed([process(1, 500)], [listen(8080, 500)])
    forged = tcp("127.0.0.1:40000", "127.0.0.1:9999", "01", 0, 500)
    evil = printed([process(1, 900)], [listen(9999, 900), listen(8080, 500), forged])

    found = matcher(sample("bank", bank), sample("evil", evil), runners=("bank", "evil"))

    assert owner(found, 500) == (None, Basis.UNKNOWN)


def test_what_two_containers_say_they_have_is_nobodys() -> None:
    rows = [listen(8080, 500)]
    bank, evil = (sample(name, printed([process(1, 500)], rows)) for name in ("bank", "evil"))

    found = matcher(bank, evil, runners=("bank", "evil"))

    assert owner(found, 500) == (None, Basis.UNKNOWN)


def test_a_container_cannot_show_a_process_of_another() -> None:
    group = f"0::/kubepods/pod1/{NGINX}"
    app = printed([process(7, 70, group=group)], [listen(80, 70)])

    found = matcher(sample("app", app), runners=(Runner("app", APP), Runner("nginx", NGINX)))

    assert owner(found, 70) == ("app", Basis.FILES)


def test_what_another_reader_does_not_see_is_not_laid_on_the_one_that_was_not_read() -> None:
    rows = [listen(80, 7)]
    app = printed([process(1, 7)], rows)
    evil = printed([process(1, 8)], [*rows, listen(9000, 9, uid=65532)])

    found = matcher(sample("app", app), sample("evil", evil), runners=("app", "evil", "distroless"))

    assert owner(found, 9) == (None, Basis.UNKNOWN)


def test_a_helper_s_own_program_is_no_hidden_process_of_its_target() -> None:
    own = process(1, 10) + process(40, uid=65534, hidden=True, group="0::/../" + "c" * 64)
    turns = [sample("nginx", printed([own]), turn) for turn in (0, 1)]

    found = matcher(*turns, runners=(Runner("nginx", NGINX), Runner("observe-1", "c" * 64, helps="nginx")))

    assert not found.hidden
