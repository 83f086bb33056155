"""The parts of the log viewer in the real browser, at sizes that a demo cluster does not give."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard_process import Dashboard

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(browser: Browser, frame: Dashboard) -> Iterator[Page]:
    """A signed-in tab of the dashboard, so that modules load under the page's own policy."""
    found = browser.new_page(viewport={"width": 1000, "height": 700})
    found.goto(frame.link)
    found.wait_for_url(lambda address: "/login" not in address)
    found.goto(f"{frame.base_url}/help/")
    yield found
    found.close()


def run(tab: Page, modules: str, body: str) -> Any:
    """`modules`: names of log modules, whose exports are all in scope of `body`."""
    imports = "".join(
        f"Object.assign(all, await import('/static/js/logs/{name}.js'));" for name in modules.split()
    )
    return tab.evaluate(f"async () => {{ const all = {{}}; {imports} {body} }}")


def test_the_buffer_keeps_the_newest_and_counts_the_rest(tab: Page) -> None:
    found = run(
        tab,
        "buffer",
        """const buffer = new all.RowBuffer(4);
        for (let at = 0; at < 6; at += 1) buffer.push(0, at, 0, at === 5 ? 'gap' : '', `line ${at}`);
        const { first, end, dropped, lines } = buffer;
        return [first, end, dropped, lines, buffer.text(2), buffer.text(5), buffer.isNotice(5)];""",
    )

    assert found == [2, 6, 2, 3, "line 2", "line 5", True]


def test_heights_answer_as_a_plain_sum_does(tab: Page) -> None:
    wrong = run(
        tab,
        "heights",
        """const heights = new all.Heights(1000), plain = [];
        let seed = 7, start = 0, wrong = 0;
        const random = (most) => { seed = (seed * 48271) % 2147483647; return seed % most; };
        for (let turn = 0; turn < 3000; turn += 1) {
          const height = 10 + random(50);
          heights.push(height); plain.push(height);
          if (plain.length - start > 1000) start += 1;
          const at = start + random(plain.length - start);
          if (turn % 7 === 0) { heights.set(at, 99); plain[at] = 99; }
          if (turn % 90 === 0) start = Math.min(plain.length - 1, start + random(80));
          heights.dropTo(start);
          const place = start + random(plain.length - start);
          let top = 0;
          for (let at = start; at < place; at += 1) top += plain[at];
          if (heights.offset(place) !== top) wrong += 1;
          const within = top + random(plain[place]);
          const found = heights.find(within);
          if (found.place !== place || found.top !== top) wrong += 1;
        }
        return wrong;""",
    )

    assert wrong == 0


def test_a_list_higher_than_an_element_can_be_is_reached_to_both_ends(tab: Page) -> None:
    found = run(
        tab,
        "scale",
        """const scale = new all.Scale(10_000), total = 1_000_000, view = 500;
        const end = scale.place(total - view, total, view);
        const atEnd = end + scale.offset;
        const top = scale.moved(0, end, total, view);
        const middle = scale.moved(4750, 0, total, view);
        const near = scale.moved(4760, 4750, total, view);
        return [end, atEnd, top, Math.round(middle), Math.round(near - middle)];""",
    )

    assert found == [9500, 999_500, 0, 499_750, 10]


VIEW = """
  const buffer = new all.RowBuffer(5000);
  const view = new all.View(buffer, question, { onChange() {}, onSlow() {}, onSwap() {} });
  const settle = async (view) => {
    for (let turn = 0; turn < 4000 && (!(view.coming ?? view.pass).isCaughtUp || view.coming); turn += 1) {
      view.run(performance.now() + 2);
      await new Promise((resolve) => setTimeout(resolve));
    }
    const numbers = [];
    for (let at = view.shown.start; at < view.shown.end; at += 1) numbers.push(view.shown.at(at));
    return numbers;
  };
  const fill = (count) => {
    for (let at = 0; at < count; at += 1) {
      const code = buffer.end % 500 === 499 ? 'gap' : '';
      buffer.push(buffer.end % 3, 1, 0, code, `${buffer.end % 10 ? 'other' : 'wanted'} ${buffer.end}`);
    }
  };
"""


@pytest.mark.parametrize("is_regex", [False, True])
@pytest.mark.parametrize("context", [0, 2])
def test_rows_judged_as_they_come_are_those_judged_at_once(tab: Page, is_regex: bool, context: int) -> None:
    piecemeal, at_once, plain = run(
        tab,
        "buffer view pattern",
        f"""const pattern = all.patternOf('^wanted|wanted \\\\d+$', {{ isRegex: {str(is_regex).lower()} }})
          ?? null;
        const words = all.patternOf('wanted', {{}});
        const question = {{ pattern: {"pattern" if is_regex else "words"}, isInverted: false, isFilter: true,
          level: 0, context: {context}, isOn: (stream) => stream !== 2 }};
        {VIEW}
        for (let turn = 0; turn < 9; turn += 1) {{ fill(777); await settle(view); }}
        const piecemeal = await settle(view);
        view.ask(question);
        const atOnce = await settle(view);
        const plain = [];
        const on = [];
        for (let n = buffer.first; n < buffer.end; n += 1) if (n % 3 !== 2) on.push(n);
        const hit = (n) => n % 10 === 0 && n % 500 !== 499;
        const lines = on.filter((n) => n % 500 !== 499);
        const near = new Set();
        lines.forEach((n, at) => {{
          if (hit(n)) for (let by = -{context}; by <= {context}; by += 1) near.add(lines[at + by]);
        }});
        return [piecemeal, atOnce, on.filter((n) => near.has(n) || n % 500 === 499)];""",
    )

    assert len(at_once) > 300
    assert sorted(at_once) == sorted(plain)
    # At the oldest edge the rows before were there when it was judged as it came.
    assert [n for n in piecemeal if n >= at_once[10]] == [n for n in at_once if n >= at_once[10]]


def test_terminal_colours_become_fixed_classes(tab: Page) -> None:
    found = run(
        tab,
        "sgr",
        r"""const texts = ['\x1b[1;31mred\x1b[0m plain', '\x1b[38;5;196mcube\x1b[38;2;0;200;0mtrue',
          '\x1b[44;97mground', '\x1b[7minverse\x1b[27m\x1b[999;;m x'];
        return texts.map(all.stretches);""",
    )

    assert found == [
        [["red", "sgr-bold sgr-f1"], [" plain", ""]],
        [["cube", "sgr-f1"], ["true", "sgr-f2"]],
        [["ground", "sgr-f7 sgr-b4"]],
        [["inverse", "sgr-inverse"], [" x", ""]],
    ]


LEVELS = {
    '{"ts":1,"level":"warn","msg":"x"}': 3,
    '{"severity":"ERROR"}': 4,
    '{"level":30,"msg":"pino"}': 2,
    '{"msg":"level of water"}': 0,
    'time=2026 level=debug msg="an ERROR it is not"': 1,
    "E1126 17:00:00.1 1 main.go:1] klog": 4,
    "<3>kernel": 4,
    "2026-11-26 17:00:00 WARNING it is late": 3,
    "[info] nginx": 2,
    "error: cannot": 4,
    "\x1b[33mWARN\x1b[0m coloured": 3,
    "GET /errors 200": 0,
    "  at com.example.Main": 0,
    "no terror, no information": 0,
}


def test_a_level_is_read_from_what_loggers_write(tab: Page) -> None:
    found = tab.evaluate(
        "async (texts) => texts.map((await import('/static/js/logs/levels.js')).levelOf)",
        list(LEVELS),
    )

    assert dict(zip(LEVELS, found, strict=True)) == LEVELS


def test_letters_go_on_after_z(tab: Page) -> None:
    assert run(tab, "names", "return [0, 25, 26, 51, 52, 701, 702].map(all.letterOf);") == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_a_muted_name_is_no_reason_to_show_nothing(tab: Page) -> None:
    found = run(
        tab,
        "names",
        """localStorage.setItem('sidecar.logs.muted', '["proxy"]');
        const told = (id, container) => ({ id, key: `u/${container}`, namespace: 'n', pod: 'p', container });
        const shown = (...streams) => {
          const names = new all.Names({ hidden: new Set(), solo: new Set() });
          names.update(streams);
          return names.streams.map((stream) => stream.isOn);
        };
        const answer = [shown(told(0, 'app'), told(1, 'proxy')), shown(told(0, 'proxy'))];
        localStorage.clear();
        return answer;""",
    )

    assert found == [[True, False], [True]]


def test_the_address_says_all_and_is_read_back(tab: Page) -> None:
    query = (
        "?src=pods/a/b:*&since=5m&times=utc&wrap=0&hide=a&hide=b&q=x+y&re=1&case=1&invert=1&mode=highlight"
        "&level=warn&context=3&cols=http.status&cols=msg&at=b/app@12.34"
    )

    found = tab.evaluate(
        "async (query) => { const { readState, writeState } = await import('/static/js/logs/state.js');"
        " return writeState(readState(query), query); }",
        query,
    )

    assert found == query


def test_json_is_bounded_in_depth_and_count(tab: Page) -> None:
    found = run(
        tab,
        "json",
        """const words = { more: 'more', column: 'column', columnOf: '{}' };
        const many = {}; for (let at = 0; at < 5000; at += 1) many[`f${at}`] = at;
        const deep = '{"a":'.repeat(9000) + '1' + '}'.repeat(9000);
        const tree = all.tree(all.read(deep), words);
        return [all.tree(many, words).querySelectorAll('li').length, tree.querySelectorAll('ul').length,
          all.read('{"a":' + '1'.repeat(70000) + '}'), all.cells(deep, ['a'])[0].length <= 300,
          all.field({ 'log.level': 1, log: { level: 2 } }, 'log.level'),
          all.field({ log: { name: 3 } }, 'log.name'), all.field({}, '__proto__.x') ?? null];""",
    )

    assert found == [300, 8, None, True, 1, 3, None]


LIST = """
  const scroller = document.createElement('div'), head = document.createElement('div');
  const canvas = document.createElement('div'), rows = document.createElement('div');
  scroller.style.cssText = 'position:fixed;inset:0 auto auto 0;height:400px;width:600px;overflow:auto';
  scroller.style.overflowAnchor = 'none';
  canvas.style.position = 'relative'; rows.style.cssText = 'position:absolute;top:0;left:0;width:100%';
  head.hidden = true; canvas.append(rows);
  scroller.append(head, canvas); document.body.append(scroller);
  const buffer = new all.RowBuffer();
  const question = { pattern: null, isFilter: true, level: 0, context: 0, isOn: () => true };
  let list = null;
  const view = new all.View(buffer, question, { onChange() {}, onSlow() {}, onSwap: () => list.rebuild() });
  const painter = {
    create: () => { const row = document.createElement('div'); row.style.whiteSpace = 'pre'; return row; },
    fill: (row, number) => {
      row.number = number; row.textContent = `${number}${'\\n.'.repeat(number % 3)}`;
    },
    height: () => 20, isMeasured: () => true, length: () => 10,
  };
  list = new all.VirtualList({ scroller, head, canvas, rows, view, painter, onDraw() {}, onFollow() {} });
  const draw = async (times = 6) => {
    for (let at = 0; at < times; at += 1) {
      view.run(Infinity); list.draw();
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  };
  const push = (count) => { for (let at = 0; at < count; at += 1) buffer.push(0, 1, 0, '', 'x'); };
  const inSight = () => {
    const box = scroller.getBoundingClientRect();
    return [...rows.children].map((row) => [row.number, row.getBoundingClientRect()])
      .filter(([, row]) => row.bottom > box.top + 1 && row.top < box.bottom - 1)
      .map(([number, row]) => [number, Math.round(row.top - box.top)]);
  };
"""


def test_200_000_rows_take_few_elements_and_follow_to_the_end(tab: Page) -> None:
    count, last, touches = run(
        tab,
        "buffer view list",
        f"""{LIST} push(250_000); await draw();
        const seen = inSight(); const lastRow = rows.lastElementChild.getBoundingClientRect();
        const answer = [rows.children.length, seen.at(-1)[0], Math.abs(lastRow.bottom - 400) < 2];
        scroller.remove(); return answer;""",
    )

    assert count < 60
    assert last == 249_999
    assert touches


def test_the_row_under_the_eyes_stays_while_older_ones_go(tab: Page) -> None:
    before, after, later = run(
        tab,
        "buffer view list",
        f"""{LIST} push(200_000); await draw();
        list.reveal(150_000); await draw();
        const before = inSight()[3];
        push(60_000); await draw();
        const after = inSight().find(([number]) => number === before[0]);
        list.settle(); await draw();
        const later = inSight().find(([number]) => number === before[0]);
        scroller.remove(); return [before, after, later];""",
    )

    assert before == after == later


def test_scrolling_shows_every_row_once_in_order(tab: Page) -> None:
    numbers = run(
        tab,
        "buffer view list",
        f"""{LIST} push(3000); await draw();
        list.setFollowing(false); scroller.scrollTop = 0; list.scrolled(); await draw();
        const found = [];
        for (let turn = 0; turn < 600; turn += 1) {{
          for (const [number] of inSight()) if (!found.length || number > found.at(-1)) found.push(number);
          if (found.at(-1) === 2999) break;
          scroller.scrollTop += 300; list.scrolled(); await draw(2);
        }}
        scroller.remove(); return found;""",
    )

    assert numbers == list(range(3000))


def test_an_expression_that_only_stood_behind_a_slow_one_is_answered(tab: Page) -> None:
    found = run(
        tab,
        "pattern",
        """const expression = (text) => all.patternOf(text, { isRegex: true });
        await expression('x.z').test(['warm']);
        const said = (answer) => answer.then((found) => [...found], (error) => error.constructor.name);
        const slow = `${'a'.repeat(60)}b`;
        const answers = ['(a+)+$', '(a+)+$', 'b.d'].map((text) => said(expression(text).test([slow, 'bcd'])));
        return Promise.all(answers);""",
    )

    assert found == ["Slow", "Slow", [0, 1]]


def test_the_buffer_is_bounded_in_characters_too(tab: Page) -> None:
    found = run(
        tab,
        "buffer",
        """const buffer = new all.RowBuffer(10, 100);
        for (let at = 0; at < 5; at += 1) buffer.push(0, at, 0, '', String(at).repeat(40));
        const before = [buffer.first, buffer.end, buffer.dropped, buffer.chars, buffer.texts.join('').length];
        buffer.push(0, 5, 0, '', 'x'.repeat(1000));
        return [before, buffer.length, buffer.text(5).length];""",
    )

    assert found == [[3, 5, 3, 80, 80], 1, 1000]


def test_the_clock_is_looked_at_after_long_rows_too(tab: Page) -> None:
    judged = run(
        tab,
        "buffer pattern view",
        """const buffer = new all.RowBuffer(500);
        for (let at = 0; at < 400; at += 1) buffer.push(0, at, 0, '', 'a'.repeat(256 * 1024));
        const how = { isInverted: false, isFilter: true, level: 0, context: 0, isOn: () => true };
        const question = { pattern: all.patternOf('b'), ...how };
        const view = new all.View(buffer, question, { onChange() {}, onSlow() {}, onSwap() {} });
        view.run(0);
        return view.pass.next;""",
    )

    assert judged == 1


def test_a_row_that_is_gone_to_is_shown_though_the_list_had_just_followed(tab: Page) -> None:
    is_following, shown = run(
        tab,
        "buffer view list",
        f"""{LIST} push(1000); await draw(); push(300); view.run(Infinity); list.draw();
        list.reveal(500); // before the browser tells of that drawing's scroll
        await new Promise((resolve) => requestAnimationFrame(() => {{ list.draw(); resolve(); }}));
        await draw();
        const answer = [list.isFollowing, inSight().some(([number]) => number === 500)];
        scroller.remove(); return answer;""",
    )

    assert (is_following, shown) == (False, True)


def test_a_reconnect_names_no_more_cursors_than_are_read_and_those_of_what_runs_first(tab: Page) -> None:
    count, has = run(
        tab,
        "live",
        """const streams = [], cursors = {};
        for (let at = 0; at < 300; at += 1) {
          cursors[`u${at}`] = '';
          streams.push({ key: `u${at}`, isHere: at !== 299, state: at === 0 || at > 250 ? 'live' : 'ended' });
        }
        const wanted = all.Live.prototype.wanted.call({ names: { streams }, cursors });
        const asked = ['u0', 'u298', 'u250', 'u1', 'u299'];
        return [Object.keys(wanted).length, asked.map((key) => key in wanted)];""",
    )

    assert count == 100
    assert has == [True, True, True, False, False]
