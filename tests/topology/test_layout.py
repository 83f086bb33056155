"""The picture holds together, whatever the pod."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings

from sidecars import manifests
from sidecars.diagram.layout import lay_out
from sidecars.diagram.measures import CODE, HEADING, WORD, shorten, shorten_image, width
from sidecars.diagram.placed import Placed
from sidecars.diagram.words import Words
from sidecars.topology import Edge, Pod, Usage
from tests.topology.gallery import gallery
from tests.topology.generated import pods
from tests.topology.pods import CONFIGMAPS, container, empty_dir, pod, sample, service
from tests.topology.shapes import call_lines, crosses, labels_of, mount_lines, overlap, service_lines

generated = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
LONG = Words(
    **{name: f"«{value} {value}»" for name, value in (("calls", "ruft"), ("no_ports", "keine Ports"))}
)  # a language with longer words


@given(pods())
@generated
def test_no_two_texts_lie_on_each_other(read: Pod) -> None:
    labels = labels_of(lay_out(read))

    assert [(a.text, b.text) for a, b in combinations(labels, 2) if overlap(a.box, b.box)] == []


@given(pods())
@generated
def test_no_wire_runs_through_a_text(read: Pod) -> None:
    placed = lay_out(read)
    lines = call_lines(placed) + mount_lines(placed) + service_lines(placed)

    labels = [label for label in labels_of(placed) if label.style.name != "mode"]

    assert [(label.text, line) for label in labels for line in lines if crosses(line, label.box)] == []


@given(pods())
@generated
def test_every_text_lies_inside_the_picture(read: Pod) -> None:
    placed = lay_out(read)

    for label in labels_of(placed):
        assert label.box.x >= 0 and label.box.right <= placed.width, label
        assert label.box.y >= 0 and label.box.bottom <= placed.height, label


@given(pods())
@generated
def test_wires_on_one_lane_never_lie_on_each_other(read: Pod) -> None:
    horizontal = [line for line in call_lines(lay_out(read)) if line[1] == line[3]]

    for a, b in combinations(horizontal, 2):
        (left_a, right_a), (left_b, right_b) = sorted((a[0], a[2])), sorted((b[0], b[2]))
        assert a[1] != b[1] or right_a < left_b or right_b < left_a


@given(pods())
@generated
def test_every_element_has_a_title_and_its_neighbours_exist(read: Pod) -> None:
    placed = lay_out(read)
    shown = {
        part.id for part in (*placed.chips, *placed.cards, *placed.tanks, *placed.sockets, *placed.stems)
    }
    shown |= {part.id for part in (*placed.calls, *placed.folds, *filter(None, [placed.system]))}
    shown |= {stream.id for tank in placed.tanks for stream in tank.streams}

    folded_mounts = {key for key in placed.related if key.startswith("m-")} - shown
    assert all(placed.related[key][0] == key and placed.titles.get(key, "") for key in shown)
    known = shown | folded_mounts
    assert {other for key in shown for other in placed.related.get(key, ())} <= known


def test_the_same_pod_gives_the_same_picture() -> None:
    one, other = (
        lay_out(manifests.read_pod(sample(), services=[service()], configmaps=CONFIGMAPS)) for _ in "ab"
    )

    assert one == other


@pytest.mark.parametrize("name", sorted(gallery()))
def test_the_gallery_draws_in_long_words_too(name: str) -> None:
    manifest, services, configmaps = gallery()[name]
    placed = lay_out(manifests.read_pod(manifest, services=services, configmaps=configmaps), LONG)

    labels = labels_of(placed)

    assert [(a.text, b.text) for a, b in combinations(labels, 2) if overlap(a.box, b.box)] == []


def drawn(
    *containers: dict[str, object], services: list[dict[str, object]] | None = None, **fields: object
) -> Placed:
    return lay_out(manifests.read_pod(pod(*containers, **fields), services=services or []))  # type: ignore[arg-type]


def test_the_way_in_stands_left_of_the_app() -> None:
    placed = lay_out(manifests.read_pod(sample(), services=[service()], configmaps=CONFIGMAPS))

    assert [card.id for card in placed.cards] == ["c-nginx", "c-main-app"]


def test_init_containers_come_first_behind_a_divider_and_debuggers_last() -> None:
    inits = (container("second", restartPolicy="Always"), container("first"))

    placed = drawn(container("web"), container("a"), inits=inits, ephemeral=(container("debug"),))

    assert [card.id for card in placed.cards] == ["c-first", "c-web", "c-a", "c-second", "c-debug"]
    assert placed.divider and placed.divider.label.text == "runs before"


def test_the_width_follows_the_number_of_cards() -> None:
    widths = [drawn(*(container(f"c{i}") for i in range(n))).width for n in (1, 2, 3, 12)]

    assert widths == [640, 662, 968, 3722]


def test_a_call_to_the_left_bends_to_the_left() -> None:
    caller = container("z", env=[{"name": "A_URL", "value": "http://localhost:80"}])

    (call,) = drawn(container("web", ports=[80]), caller).calls

    assert call.wire.points[-1][0] < call.wire.points[0][0]


def test_a_call_to_nobody_ends_in_a_question() -> None:
    caller = container("web", env=[{"name": "A_URL", "value": "http://localhost:80"}])

    (call,) = drawn(caller).calls

    assert call.question == call.wire.points[-1]


def test_ports_that_do_not_fit_fold_into_one_pill() -> None:
    placed = drawn(container("a", ports=[(8000 + i, f"name-{i}") for i in range(7)]), container("b"))

    assert placed.sockets[-1].id == "p-a.more"
    assert placed.folded["p-a.8006"] == "p-a.more"


def test_a_clash_is_marked_on_both_sockets() -> None:
    placed = drawn(container("a", ports=[80]), container("b", ports=[80]))

    assert [socket.look for socket in placed.sockets] == ["clash", "clash"]


def crowded() -> Placed:
    """Nine volumes in a card that has room for six lines."""
    volumes = tuple(empty_dir(f"v{i}") for i in range(9))
    many = container("a", mounts=[(f"v{i}", f"/{i}", *(("ro",) if i < 7 else ())) for i in range(9)])
    return drawn(many, container("b"), volumes=volumes)


def test_more_mounts_than_fit_share_a_line() -> None:
    card = crowded().cards[0]

    assert card.bundle and card.bundle.label.text == "+4 mounts"
    assert (len(card.rows), len(card.bundle.rows), card.bundle.mode) == (5, 4, "rw")


def test_a_shared_line_ends_in_every_tank_that_it_joins() -> None:
    placed = crowded()

    joined = {mount: (x, mode) for tank in placed.tanks for mount, x, mode in tank.pills}

    assert set(joined) == {f"m-a.v{i}" for i in range(9)}
    assert {joined[f"m-a.v{i}"] for i in range(5, 7)} == {(joined["m-a.v8"][0], "ro")}


def test_a_shared_line_is_no_ghost_where_it_has_a_pill_and_tells_its_mode_once() -> None:
    placed = crowded()
    stems = {stem.id: stem for stem in placed.stems}

    assert [stems[f"m-a.v{i}"].arrows for i in range(5, 9)] == ["rw", "", "", ""]
    assert {len(stems[f"m-a.v{i}"].ghosts) for i in range(5, 9)} == {5}


def test_usage_above_four_fifths_of_the_limit_is_hot() -> None:
    read = manifests.read_pod(pod(container("a", resources={"limits": {"cpu": "100m", "memory": "100Mi"}})))

    cpu, memory = lay_out(read, usage={"a": Usage(81, 80 << 20)}).cards[0].meters

    assert (cpu.part, cpu.is_hot, memory.part, memory.is_hot) == (0.81, True, 0.8, False)


def test_a_missing_limit_divides_by_nothing() -> None:
    read = manifests.read_pod(pod(container("a")))

    assert [meter.part for meter in lay_out(read, usage={"a": Usage(81, 80)}).cards[0].meters] == [None, None]


def test_the_node_network_is_named_on_the_rail() -> None:
    placed = drawn(container("a"), hostNetwork=True)

    assert placed.rail.is_node and placed.rail.labels[0].text == "node network: localhost is the node"


def test_a_service_to_another_column_takes_a_lane_of_its_own() -> None:
    containers = (container("web", ports=[(80, "http")]), container("b", ports=[(90, "metrics")]))

    placed = drawn(*containers, services=[service("s", (80, "http"), (90, "metrics"))])

    straight, turning = placed.chips[0].wires
    assert (len(straight.points), len(turning.points)) == (2, 4)


def test_the_empty_pod_is_drawn() -> None:
    assert lay_out(replace(manifests.read_pod({}), name="nothing")).cards == ()


def test_an_identifier_is_six_tenths_of_its_size_a_character() -> None:
    assert width("abcdef", CODE) == pytest.approx(6 * 0.6 * 12)


def test_an_image_keeps_its_own_name() -> None:
    image = "registry.example.com/team/parts/web-server:1.2.3"

    assert shorten_image(image, CODE, 1000) == image
    assert shorten_image(image, CODE, 200) == "…/parts/web-server:1.2.3"
    assert shorten_image(image, CODE, 80) == "…/web-serv…"


def test_a_tank_counts_its_containers_where_their_names_have_no_room() -> None:
    names = [f"{letter}-with-a-rather-long-name" for letter in "abc"]
    writers = [container(name, mounts=[("v", "/v")]) for name in names]

    (tank,) = drawn(*writers, container("r", mounts=[("v", "/v", "ro")]), volumes=(empty_dir("v"),)).tanks

    said = next(label for label in tank.labels if label.full)
    assert (said.text, said.full) == ("3 write · r reads", f"{', '.join(names)} write · r reads")


def test_a_calls_address_is_cut_before_the_call_folds() -> None:
    read = manifests.read_pod(pod(container("a", ports=[8080]), container("b")))
    call = Edge("a", "b", None, protocol="unix", path="/run/php-fpm.sock")

    (drawn_call,) = lay_out(replace(read, edges=(call,))).calls

    assert drawn_call.owns_plug and drawn_call.plug.labels[1].text.startswith("php-fpm")


def test_names_that_begin_alike_keep_their_ends() -> None:
    names = [f"worker-with-a-rather-long-name-{i}" for i in (1, 2)]

    placed = drawn(*(container(name) for name in names))

    headings = [label.text for card in placed.cards for label in card.labels if label.style is HEADING]
    assert [text[-2:] for text in headings] == ["-1", "-2"] and all("…" in text for text in headings)


def test_a_folder_of_the_node_keeps_its_tail() -> None:
    host = {"name": "logs", "hostPath": {"path": "/var/lib/kubelet/plugins/registry"}}

    placed = drawn(container("a", mounts=[("logs", "/l")]), container("b"), volumes=(host,))

    assert placed.tanks[0].names[1].text == "hostPath · …/plugins/registry"


def test_other_protocols_are_part_of_the_number() -> None:
    statsd = container("statsd")
    statsd["ports"] = [{"containerPort": 8125, "protocol": "UDP"}]

    (socket,) = drawn(statsd).sockets

    assert (socket.id, socket.labels[0].text) == ("p-statsd.8125.udp", ":8125/UDP")


def observed(*, seen_at: str = "08:41:05", **call: object) -> Placed:
    read = manifests.read_pod(pod(container("a"), container("b", ports=[80])))
    edge = Edge("a", "b", 80, kind="observed", **call)  # type: ignore[arg-type]
    return lay_out(replace(read, edges=(edge,)), seen_at=seen_at)


def test_an_observed_call_shows_its_time() -> None:
    placed = observed()

    assert [label.text for label in placed.calls[0].plug.labels] == ["calls", ":80", "08:41:05"]
    assert "08:41:05" in placed.titles["w-a.b.80"] and "08:41:05" in placed.description


def test_the_time_goes_before_a_call_folds() -> None:
    placed = observed(seen_at="on the twenty-fourth of November, early in the morning")

    assert [label.text for label in placed.calls[0].plug.labels] == ["calls", ":80"]


def test_a_block_device_is_said() -> None:
    block = container("db", volumeDevices=[{"name": "disk", "devicePath": "/dev/xvda"}])
    claim = {"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}}

    row = drawn(block, container("b"), volumes=(claim,)).cards[0].rows[0]

    assert [label.text for label in row.labels] == ["rw", "/dev/xvda", "device"]


def test_of_a_manifest_no_readiness_is_claimed() -> None:
    card = drawn(container("a"), statuses=()).cards[0]

    assert not [label.text for label in card.labels if "ready" in label.text]


def test_a_chinese_character_is_as_wide_as_its_size() -> None:
    assert width("容器", CODE) == pytest.approx(24)
    assert width("容器", WORD) == pytest.approx(24, rel=0.03)


def test_a_path_keeps_its_tail_and_a_name_its_head() -> None:
    assert shorten("/var/lib/very/long/secrets", CODE, 80) == "…/secrets"
    assert shorten("/averylongfolder", CODE, 80) == "…longfolder"
    assert shorten("/var/lib/folder/", CODE, 80) == "…/folder/"
    assert shorten("oauth2-proxy-authenticator", HEADING, 110) == "oauth2-pro…"
