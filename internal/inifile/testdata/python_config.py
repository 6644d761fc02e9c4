#!/usr/bin/env python3
"""What Python's configparser makes of a configuration file: an oracle for tests.

    python_config.py dump FILE                   sections as JSON, or {"error": kind}
    python_config.py get FILE SECTION KEY        the value, exit 1 where there is none
    python_config.py set FILE SECTION KEY VALUE  read, change, lock, rewrite in place
    python_config.py hammer FILE SECTION N       N sets of keys k0..kN-1, as fast as it goes
    python_config.py serve                       of each text on stdin, a line of Base64, all that is read
    python_config.py hold FILE SECONDS           take FILE's lock, print "held", wait, unlock, unlink

Standard library only. `set` reads outside the lock, truncates in place, and unlinks the
lock file afterwards: the Python SDK behaves the same way.
"""
import base64, configparser, fcntl, io, json, os, sys, time, unicodedata


def read(path):
    c = configparser.ConfigParser()
    if os.path.exists(path):
        with open(path) as f:
            c.read_file(f)
    return c


def locked(path, work):
    lock = os.path.splitext(path)[0] + ".lock"
    while True:
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            time.sleep(0.05)
            continue
        try:
            return work()
        finally:
            fcntl.flock(fd, fcntl.LOCK_UN)
            os.close(fd)
            try:
                os.unlink(lock)
            except FileNotFoundError:
                pass


def rewrite(path, c):
    with open(path, "w") as f:
        c.write(f)


def put(path, section, key, value):
    c = read(path)
    if not c.has_section(section):
        c.add_section(section)
    c[section][key] = value
    locked(path, lambda: rewrite(path, c))


def dump(path):
    try:
        c = read(path)
        out = {s: {k: c.get(s, k) for k in c.options(s)} for s in c.sections()}
    except (configparser.Error, UnicodeDecodeError) as e:
        out = {"error": type(e).__name__}
    print(json.dumps(out, sort_keys=True), flush=True)


def details(data):
    """For each section, DEFAULT included, its own keys as they stand there, and every key with what
    its references come to: null where that raises."""
    try:
        text = data.decode()
        c = configparser.ConfigParser()
        c.read_file(io.StringIO(text, newline=None))
    except (configparser.Error, UnicodeDecodeError) as e:
        return {"error": type(e).__name__}
    sections = {}
    for s in ["DEFAULT"] + c.sections():
        values = {}
        for k in c.defaults() if s == "DEFAULT" else c.options(s):
            try:
                values[k] = c.get(s, k)
            except configparser.InterpolationError:
                values[k] = None
        own = c.defaults() if s == "DEFAULT" else c._sections[s]
        sections[s] = {"raw": own, "values": values}
    return {"sections": sections, "unassigned": any(unicodedata.category(r) == "Cn" for r in text)}


def main(argv):
    if argv[0] == "serve":
        for line in sys.stdin:
            print(json.dumps(details(base64.b64decode(line))), flush=True)
        return 0
    cmd, path = argv[0], argv[1]
    if cmd == "dump":
        dump(path)
    elif cmd == "get":
        v = read(path).get(argv[2], argv[3], fallback=None)
        if v is None:
            return 1
        print(v)
    elif cmd == "set":
        put(path, argv[2], argv[3], argv[4])
    elif cmd == "hammer":
        failed = 0
        for i in range(int(argv[3])):
            try:
                put(path, argv[2], "k%d" % i, str(i))
            except configparser.Error:
                failed += 1
        print(failed)
    elif cmd == "hold":
        def wait():
            print("held", flush=True)
            time.sleep(float(argv[3] if len(argv) > 3 else argv[2]))
        locked(path, wait)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
