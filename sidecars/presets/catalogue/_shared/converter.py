"""Turns CSV or XML into JSON, beside an app: a folder in, a folder out, and POST /convert on localhost.

Runs alone in a container of the stock Python image, from a ConfigMap, with the standard library only.
A file of IN_DIR that has stood still for one poll is converted to OUT_DIR under a temporary name and
then renamed: nobody reads half a file. The source goes to IN_DIR/done, or is removed without
KEEP_SOURCE. What cannot be converted goes to IN_DIR/failed with NAME.reason beside it. If the
computer's disk fails, the source stays where it is and is tried again.
"""

import contextlib
import csv
import fnmatch
import io
import json
import os
import re
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.parsers import expat

SETTING = os.environ.get
KIND = SETTING("KIND", "csv")
IN_DIR, OUT_DIR = SETTING("IN_DIR", ""), SETTING("OUT_DIR", "")
PATTERN = SETTING("PATTERN", "*." + KIND)
IS_NDJSON = SETTING("OUTPUT", "ndjson") == "ndjson"
POLL_S = float(SETTING("POLL", "1"))
KEEPS_SOURCE = SETTING("KEEP_SOURCE", "true") == "true"
MAX_BYTES = int(SETTING("MAX_BYTES", str(100 << 20)))
# A POST body, and an XML document without RECORD_TAG, are held in memory: at about twelve times their size.
MAX_WHOLE_BYTES = min(MAX_BYTES, 4 << 20)
CHECK = ".sidecar-check-"  # files of the dashboard's own check, which no pattern of an app matches
STALLED_S = 120.0
SAMPLES = {"csv": b"id,name\n007,check\n", "xml": b"<check><id>007</id></check>"}

STOP = threading.Event()
SEEN = {"files": 0, "failed": 0, "records": 0, "busy": 0.0}


class Refused(ValueError):
    """The content cannot be converted; trying again would not help."""


class Limited(io.RawIOBase):
    """Reads at most `limit` bytes, and shows that the program is alive."""

    def __init__(self, file, limit):
        self.file, self.limit, self.count = file, limit, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        SEEN["busy"] = time.monotonic()
        data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        if self.count > self.limit:
            raise Refused(f"larger than {self.limit} bytes")
        return len(data)


def typed(text):
    """Numbers only where nothing is lost: 007 and +1 stay text."""
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", text):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", text):
        return float(text)
    return {"true": True, "false": False, "": None}.get(text.lower() if len(text) < 6 else text, text)


def csv_records(file):
    csv.field_size_limit(1 << 20)
    text = io.TextIOWrapper(
        io.BufferedReader(Limited(file, MAX_BYTES)), encoding=SETTING("ENCODING", "utf-8-sig"), newline=""
    )
    delimiter = {"tab": "\t"}.get(SETTING("DELIMITER", ","), SETTING("DELIMITER", ","))
    rows = csv.reader(text, delimiter=delimiter, quotechar=SETTING("QUOTE", '"'), strict=True)
    has_header, infers = SETTING("HEADER", "true") == "true", SETTING("INFER", "true") == "true"
    names = None
    for row in rows:
        if not row:
            continue
        if names is None:
            names = header(row) if has_header else [f"c{number}" for number in range(1, len(row) + 1)]
            if has_header:
                continue
        if len(row) == len(names):
            yield dict(zip(names, map(typed, row) if infers else row, strict=True))
        elif SETTING("ON_BAD_ROW", "fail") != "skip":
            raise Refused(f"line {rows.line_num}: {len(row)} fields, {len(names)} expected")


def header(row):
    names = [cell.strip() for cell in row]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused("columns with one name: " + ", ".join(twice))
    return names


class Tree:
    """Elements as they end: records with RECORD_TAG, else the one document."""

    def __init__(self):
        self.open, self.records = [], []
        self.tag, self.prefix = SETTING("RECORD_TAG", ""), SETTING("ATTR_PREFIX", "@")
        self.deepest = int(SETTING("MAX_DEPTH", "64"))
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.text
        # Before any expansion: no external file, no entity bomb.
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.parser.ExternalEntityRefHandler = self.refuse
        with contextlib.suppress(AttributeError):
            self.parser.SetReparseDeferralEnabled(False)

    def refuse(self, *_ignored):
        raise Refused("DOCTYPE and entities are not allowed")

    def start(self, name, attributes):
        if len(self.open) >= self.deepest:
            raise Refused(f"deeper than {self.deepest} elements")
        self.open.append((name, {self.prefix + key: value for key, value in attributes.items()}, []))

    def text(self, text):
        if self.open:
            self.open[-1][2].append(text)

    def end(self, _name):
        name, children, texts = self.open.pop()
        text = "".join(texts).strip()
        value = ({**children, "#text": text} if text else children) if children else (text or None)
        if name == self.tag or (not self.tag and not self.open):
            self.records.append(value if self.tag else {name: value})
        elif self.open:
            around = self.open[-1][1]
            if name not in around:
                around[name] = value
            elif isinstance(around[name], Many):
                around[name].append(value)
            else:
                around[name] = Many([around[name], value])


class Many(list):
    """The values of an element that stands several times."""


def xml_records(file):
    tree = Tree()
    source = Limited(file, MAX_BYTES if tree.tag else MAX_WHOLE_BYTES)
    while True:
        part = source.read(65536)
        try:
            tree.parser.Parse(part or b"", not part)
        except expat.ExpatError as error:
            raise Refused(f"not well-formed: {error}") from error
        yield from tree.records
        tree.records.clear()
        if not part:
            return


RECORDS = {"csv": csv_records, "xml": xml_records}
BAD = (Refused, csv.Error, UnicodeError, LookupError)


def convert(source, target):
    """How many records were written."""
    count = 0
    target.write(b"" if IS_NDJSON else b"[")
    for record in RECORDS[KIND](source):
        between = b",\n" if count and not IS_NDJSON else b""
        line = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")
        target.write(between + line + (b"\n" if IS_NDJSON else b""))
        count += 1
    target.write(b"" if IS_NDJSON else b"]\n")
    return count


def say(event, **facts):
    print(json.dumps({"event": event, **facts}, ensure_ascii=False), flush=True)


def is_wanted(name):
    return name.startswith(CHECK) or (fnmatch.fnmatchcase(name, PATTERN) and not name.startswith("."))


def standing_still(before):
    """Files whose size and time are those of the poll before, and the present ones."""
    now = {}
    for entry in os.scandir(IN_DIR):
        if is_wanted(entry.name) and entry.is_file(follow_symlinks=False):
            found = entry.stat(follow_symlinks=False)
            now[entry.name] = (found.st_size, found.st_mtime_ns)
    return sorted(name for name, facts in now.items() if before.get(name) == facts), now


def make(folder):
    """Open to the app, which may be another user without a common group: it writes in in/ and may
    remove what it has read from out/. A folder that is there stays as it is."""
    if os.path.isdir(folder):
        return
    parent = os.path.dirname(folder)
    if not os.path.isdir(parent):
        make(parent)
    os.mkdir(folder)
    os.chmod(folder, os.stat(folder).st_mode & 0o7777 | 0o777)  # setgid of an fsGroup is kept


def watch():
    before, troubled = {}, ""
    while not STOP.is_set():
        SEEN["busy"] = time.monotonic()
        try:
            for folder in (OUT_DIR, os.path.join(IN_DIR, "done"), os.path.join(IN_DIR, "failed")):
                make(folder)
            ready, before = standing_still(before)
            for name in ready:
                handle(name)
                before.pop(name, None)
            troubled = ""
        except OSError as error:  # a full disk, a folder that may not be written: the source stays
            if str(error) != troubled:
                say("waiting", reason=str(error))
            troubled = str(error)
        STOP.wait(POLL_S)


def handle(name):
    source = os.path.join(IN_DIR, name)
    part = os.path.join(OUT_DIR, f".{name}.part")
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb", 0) as read, open(part, "wb") as written:
            count = convert(read, written)
            written.flush()
            os.fsync(written.fileno())
    except BAD as error:
        os.unlink(part)
        fail(name, source, str(error) or type(error).__name__)
        return
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
    os.replace(part, os.path.join(OUT_DIR, name + (".ndjson" if IS_NDJSON else ".json")))
    if KEEPS_SOURCE and not name.startswith(CHECK):
        os.replace(source, os.path.join(IN_DIR, "done", name))
    else:
        os.unlink(source)
    SEEN["files"] += 1
    SEEN["records"] += count
    say("converted", file=name, records=count)


def fail(name, source, reason):
    folder = os.path.join(IN_DIR, "failed")
    with open(os.path.join(folder, name + ".reason"), "w", encoding="utf-8") as file:
        file.write(reason + "\n")
    os.replace(source, os.path.join(folder, name))
    SEEN["failed"] += 1
    say("failed", file=name, reason=reason)


class Door(BaseHTTPRequestHandler):
    timeout = 30

    def answer(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/healthz":
            is_alive = time.monotonic() - SEEN["busy"] < STALLED_S
            self.answer(200 if is_alive else 500, b"ok\n" if is_alive else b"stalled\n", "text/plain")
        elif self.path == "/metrics":
            lines = [f"converter_{name}_total {SEEN[name]}\n" for name in ("files", "failed", "records")]
            self.answer(200, "".join(lines).encode(), "text/plain; version=0.0.4")
        else:
            self.answer(404, b"{}")

    def do_POST(self):
        # The port is open to the kubelet's probes, but only the pod's own containers may convert.
        length = self.headers.get("Content-Length") or ""
        if self.client_address[0] != "127.0.0.1":
            self.answer(403, b"{}")
        elif self.path != "/convert":
            self.answer(404, b"{}")
        elif not re.fullmatch("[0-9]{1,12}", length):
            self.answer(411, b"{}")
        elif int(length) > MAX_WHOLE_BYTES:
            self.answer(413, b"{}")
        else:
            self.convert_body(int(length))

    def convert_body(self, length):
        written = io.BytesIO()
        try:
            convert(io.BytesIO(self.rfile.read(length)), written)
        except BAD as error:
            self.answer(422, json.dumps({"error": str(error)}).encode())
            return
        self.answer(200, written.getvalue(), "application/x-ndjson" if IS_NDJSON else "application/json")

    def log_message(self, *_ignored):
        pass


def check(mark):
    """Drops a file in, waits for it to come out converted, and tidies up: the dashboard's own check."""
    name = CHECK + re.sub("[^0-9a-z]", "", mark) + "." + KIND
    result = os.path.join(OUT_DIR, name + (".ndjson" if IS_NDJSON else ".json"))
    source = os.path.join(IN_DIR, name)
    with open(source, "wb") as file:
        file.write(SAMPLES[KIND])
    try:
        for _try in range(80):
            if os.path.exists(result):
                with open(result, encoding="utf-8") as file:
                    print("converted " + file.read(4096).strip())
                os.unlink(result)
                return 0
            time.sleep(0.1 + POLL_S / 20)
        print("not converted in time")
        return 1
    finally:
        with contextlib.suppress(OSError):
            os.unlink(source)


def main():
    os.umask(0o002)  # with an fsGroup the app, another user, may change what is made here
    if sys.argv[1:2] == ["check"]:
        return check(sys.argv[2])
    server = ThreadingHTTPServer(("0.0.0.0", int(SETTING("LISTEN", "8089"))), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_ignored: STOP.set())
    say("started", kind=KIND, folder=IN_DIR)
    watch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
