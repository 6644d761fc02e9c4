"""A Python process beside those of this SDK, until its input ends. Standard library only.

    peer.py hold FILE      holds FILE's lock, as the Python SDK does while it writes
    peer.py unlink LOCK    unlinks a lock file every half millisecond if there is one, and prints how often
"""
import os, random, sys, threading, time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../inifile/testdata"))
import python_config


def hold(path):
    def wait():
        print("held", flush=True)
        sys.stdin.read()
    python_config.locked(path, wait)


def unlink(lock):
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set())).start()
    print("unlinking", flush=True)
    times = 0
    while not ended.is_set():
        try:
            os.unlink(lock)
            times += 1
        except FileNotFoundError:
            pass
        time.sleep(random.random() / 1000)
    print(times)


{"hold": hold, "unlink": unlink}[sys.argv[1]](sys.argv[2])
