"""Whose socket is whose: by open files, by user, by elimination, or nobody's."""

from sidecars.observe.matching import Runner
from sidecars.observe.observation import Basis
from sidecars.observe.tables import Socket
from tests.observe.samples import listen, matcher, printed, process, sample

APP, NGINX = "a" * 64, "b" * 64


def socket(inode: int, uid: int = 0, protocol: str = "tcp", state: str = "listen") -> Socket:
    return Socket(protocol, state, inode, uid)


def test_an_open_file_names_the_container() -> None:
    found = matcher(sample("app", printed([process(1, 7)])))

    assert found.owner(socket(7)) == ("app", Basis.FILES)


def test_a_hidden_worker_is_known_by_its_user() -> None:
    nginx = sample("nginx", printed([process(1, 7), process(8, uid=101, hidden=True)]))
    app = sample("app", printed([process(1, 9, uid=1000)]))

    found = matcher(app, nginx)

    assert found.owner(socket(55, uid=101)) == ("nginx", Basis.UID)


def test_two_containers_with_hidden_processes_of_one_user_leave_it_unknown() -> None:
    hidden = printed([process(1), process(8, uid=101, hidden=True)])

    found = matcher(sample("app", hidden), sample("nginx", hidden))

    assert found.owner(socket(55, uid=101)) == (None, Basis.UNKNOWN)


def test_what_hides_from_one_reader_another_may_open() -> None:
    from_root = sample("nginx", printed([process(1, 7), process(8, uid=101, hidden=True)]))
    group = f"0::/../cri-containerd-{NGINX}.scope"
    from_its_user = sample("observe-1", printed([process(8, 55, uid=101, group=group), process(30)]))

    found = matcher(
        from_root,
        from_its_user,
        runners=(Runner("nginx", NGINX), Runner("observe-1", "c" * 64, helps="nginx")),
    )

    assert (found.owner(socket(55, uid=101)), found.hidden) == (("nginx", Basis.FILES), {})


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

    assert found.owner(socket(8, uid=65532)) == ("distroless", Basis.ELIMINATION)


def test_a_passing_socket_of_a_readers_own_user_is_nobodys() -> None:
    app = printed([process(1, 7, uid=1000)], [listen(80, 7)])

    found = matcher(sample("app", app), runners=("app", "distroless"))

    assert found.owner(socket(8, uid=1000, state="established")) == (None, Basis.UNKNOWN)


def test_a_container_of_another_fixed_user_is_no_candidate() -> None:
    app = sample("app", printed([process(1, 7)]))

    found = matcher(app, runners=("app", Runner("distroless", uid=65532)))

    assert found.owner(socket(8, uid=0)) == (None, Basis.UNKNOWN)


def test_a_shared_process_table_is_told_apart_by_the_ids_in_cgroups() -> None:
    both = [
        process(7, 70, group=f"0::/kubepods/pod1/{APP}"),
        process(9, 90, group=f"0::/kubepods/pod1/{NGINX}"),
    ]
    runners = (Runner("app", APP), Runner("nginx", NGINX))

    found = matcher(sample("app", printed(both)), runners=runners, shares_processes=True)

    assert [found.owner(socket(inode))[0] for inode in (70, 90)] == ["app", "nginx"]


def test_a_shared_process_without_an_id_is_nobodys() -> None:
    other = printed([process(9, 90, group="0::/../xyz")])

    found = matcher(sample("app", other), shares_processes=True)

    assert found.owner(socket(90)) == (None, Basis.UNKNOWN)


def test_on_the_nodes_network_only_open_files_count() -> None:
    nginx = sample("nginx", printed([process(1, 7), process(8, uid=101, hidden=True)]))

    found = matcher(nginx, runners=("nginx",), host_network=True)

    assert (found.owner(socket(7))[0], found.owner(socket(55, uid=101))[0]) == ("nginx", None)
