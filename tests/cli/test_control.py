# SPDX-License-Identifier: MIT OR Apache-2.0
"""abx ps, events, pause, resume, stop, balloon, metrics, attach, top BACKEND: small guests that run under a name."""
import json
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

import command
import openmetrics
from command import run
from guests import Guests

folder = tempfile.TemporaryDirectory()
backend = sys.argv[2]
guests = Guests(backend, sys.argv[3] if len(sys.argv) > 3 else None, folder.name)
FIRST = guests.greeting.strip()  # a terminal changes the end of a line


class Machine:
    """`abx run --name` of a guest that sends back what it gets, until a q."""

    def __init__(self, name, *options, what="echo", **streams):
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, **streams}
        self.process = subprocess.Popen([command.abx, "run", *guests(what), "--name", name, *options],
                                        stderr=subprocess.PIPE, **streams)
        self.read_until(guests.greeting)

    def read_until(self, text):
        seen = b""
        while text not in seen:
            byte = self.process.stdout.read(1)
            if not byte:
                raise AssertionError(f"{text!r} does not come after {seen!r}: {self.process.stderr.read()!r}")
            seen += byte
        return seen

    def type(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def end(self):
        """Its status and what it said of its end."""
        _, err = self.process.communicate(timeout=command.PATIENCE)
        return self.process.returncode, err.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def cpu_seconds(pid):
    """What the process has taken, to a few hundredths: proc(5)."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Control(command.CommandTest):
    def setUp(self):
        self.runtime = tempfile.TemporaryDirectory()
        self.addCleanup(self.runtime.cleanup)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = self.runtime.name
        self.addCleanup(lambda: os.environ.pop("XDG_RUNTIME_DIR") if before is None
                        else os.environ.__setitem__("XDG_RUNTIME_DIR", before))

    def path(self, name):
        return os.path.join(self.runtime.name, "arcbox", name + ".sock")

    def ask(self, name, **request):
        """What the machine answers to a program that speaks its protocol."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.path(name))
            with connection.makefile("rw") as lines:
                greeting = json.loads(lines.readline())
                self.assertEqual((greeting["service"], greeting["protocol"]), ("arcbox", 1))
                lines.write(json.dumps(request) + "\n")
                lines.flush()
                return json.loads(lines.readline())

    def test_without_a_name_there_is_no_socket(self):
        self.check(run("run", *guests("end")), 0)
        self.assertEqual(os.listdir(self.runtime.name), [])
        self.assertEqual(json.loads(self.check(run("ps", "--json"), 0).out), [])
        self.assertEqual(self.check(run("ps"), 0).out.count("\n"), 1)

    def test_machines_are_listed(self):
        with Machine("one"), Machine("two"):
            for path, mode in ((os.path.dirname(self.path("one")), 0o700), (self.path("one"), 0o600)):
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), mode)
            listed = json.loads(self.check(run("ps", "--json"), 0).out)
            self.assertEqual([m["name"] for m in listed], ["one", "two"])
            for machine in listed:
                self.assertEqual((machine["state"], machine["backend"], machine["memory"]),
                                 ("running", backend, 16 << 20))
                self.assertIn("serial", machine["devices"])
            self.assertRegex(self.check(run("ps"), 0).out, r"(?m)^one +\d+ +running +" + backend)
            self.check(run("stop", "one", "--force"), 0)
            self.assertEqual([m["name"] for m in json.loads(run("ps", "--json").out)], ["two"])

    def test_a_name_is_used_once(self):
        with Machine("web") as machine:
            again = run("run", *guests("end"), "--name", "web")
            self.check(again, 4, err="A machine of this name runs already.")
            machine.type(b"q")
            self.assertEqual(machine.end()[0], 0)
            self.assertEqual(os.listdir(os.path.dirname(self.path("web"))), [])
        self.check(run("run", *guests("end"), "--name", "web"), 0)

    def test_what_the_dead_left_is_replaced(self):
        with Machine("web") as machine:
            machine.process.kill()
            machine.process.wait()
            self.assertTrue(os.path.exists(self.path("web")))
            self.assertEqual(json.loads(run("ps", "--json").out), [])
            self.check(run("pause", "web"), 4, err="no machine called 'web' runs")
        with Machine("web"):
            self.assertEqual(len(json.loads(run("ps", "--json").out)), 1)

    def test_names_are_checked(self):
        for name in ("", ".", "../x", "a/b", "-x", "x" * 64, "ä"):
            with self.subTest(name=name):
                self.check(run("run", *guests("end"), "--name", name), 2, err="is no name of a machine")
                self.check(run("stop", "--", name), 4, err="is no name of a machine")

    def test_a_folder_that_others_can_write_is_refused(self):
        os.mkdir(os.path.dirname(self.path("x")), 0o777)
        os.chmod(os.path.dirname(self.path("x")), 0o777)
        self.check(run("run", *guests("end"), "--name", "x"), 4, err="mode 0700")
        self.check(run("pause", "x"), 4, err="nobody else can write")

    def test_pause_and_resume(self):
        with Machine("web") as machine:
            self.check(run("pause", "web"), 0)
            self.assertEqual(self.ask("web", do="status")["result"]["state"], "paused")
            self.check(run("pause", "web"), 4, err="abx: web: ")
            machine.type(b"x")
            self.assertEqual(select.select([machine.process.stdout], [], [], 0.3)[0], [])
            self.check(run("resume", "web"), 0)
            machine.read_until(b"x")
            self.check(run("pause", "web"), 0)
            self.check(run("stop", "web"), 4, err="resume it first, or use force")
            self.check(run("stop", "web", "--force"), 0)
            self.assertEqual(machine.end(), (130, "abx: stopped\n"))

    def test_stop(self):
        """The guest does not listen to its power button."""
        with Machine("web", what="deaf") as machine:
            answer = json.loads(self.check(run("stop", "web", "--timeout", "0.2", "--json"), 0).out)
            self.assertEqual((answer["end"], answer["asked"], answer["forced"]), ("stopped", True, True))
            self.assertEqual(machine.end(), (130, "abx: stopped\n"))
        self.check(run("stop", "web"), 4, err="no machine called 'web' runs")

    def test_a_guest_that_listens(self):
        with Machine("web", what="button") as machine:
            answer = json.loads(self.check(run("stop", "web", "--timeout", "60", "--json"), 0).out)
            self.assertEqual((answer["end"], answer["asked"], answer["forced"]), ("shutdown", True, False))
            self.assertEqual(machine.end()[0], 0)

    @unittest.skipIf(backend == "qemu", "it always has one")
    def test_a_machine_without_a_button(self):
        with Machine("web") as machine:
            answer = json.loads(self.check(run("stop", "web", "--timeout", "60", "--json"), 0).out)
            self.assertEqual((answer["end"], answer["asked"], answer["forced"]), ("stopped", False, True))
            self.assertEqual(machine.end(), (130, "abx: stopped\n"))

    def test_events(self):
        with Machine("web") as machine:
            lines = [json.loads(line) for line in self.check(run("events", "web", "--json"), 0).out.splitlines()]
            self.assertIn("running", [e.get("state") for e in lines])
            numbers = [e["sequence"] for e in lines]
            self.assertEqual(numbers, sorted(numbers))
            self.assertRegex(self.check(run("events", "web"), 0).out, r"(?m)^ *\d+\.\d{6}  state  running$")
            follower = subprocess.Popen([command.abx, "events", "--follow", "web", "--json"], stdout=subprocess.PIPE)
            with follower:
                self.assertIn(b'"state"', follower.stdout.readline())
                self.check(run("pause", "web"), 0)
                self.check(run("resume", "web"), 0)
                machine.type(b"q")
                self.assertEqual(machine.end()[0], 0)
                rest = [json.loads(line) for line in follower.stdout]
                self.assertEqual(follower.wait(), 0)
            states = [e["state"] for e in rest if e["kind"] == "state"]
            self.assertEqual(states[-3:], ["paused", "running", "stopped"])

    def test_metrics(self):
        with Machine("web") as machine:
            first = openmetrics.parse(self.check(run("metrics", "web"), 0).out)
            machine.type(b"abc")
            machine.read_until(b"c")
            second = openmetrics.parse(self.check(run("metrics", "web"), 0).out)
            info = dict(next(iter(second["arcbox_machine"].samples))[1])
            self.assertEqual((info["name"], info["backend"]), ("web", backend))
            state = second["arcbox_machine_state"].samples
            self.assertEqual(state[("", (("arcbox_machine_state", "running"),))], 1)
            self.assertEqual(sum(state.values()), 1)
            self.assertEqual(second["arcbox_memory_size_bytes"].samples[("", ())], 16 << 20)
            if backend != "kvm":
                return
            exits = [sum(metrics["arcbox_vcpu_exits"].samples.values()) for metrics in (first, second)]
            self.assertGreater(exits[1], exits[0])
            self.assertGreater(second["arcbox_memory_resident_bytes"].samples[("", ())], 0)
            if command.look_up(backend)["capabilities"]["flags"]["binary-stats"]:
                self.assertGreater(second["arcbox_kvm_vcpu_exits"].samples[("_total", (("vcpu", "0"),))], 0)

    def test_balloon(self):
        with Machine("web"):
            self.check(run("balloon", "web"), 4, err="abx: web: ")
            self.check(run("balloon", "web", "much"), 2, err="is not a size")
            self.check(run("balloon", "web", "--hint"), 4, err="abx: web: ")
            self.check(run("balloon", "web", "1G", "--hint"), 2, err="leave SIZE out")

    def test_attach(self):
        with Machine("web") as machine:
            with subprocess.Popen([command.abx, "attach", "web"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE) as attached:
                self.assertEqual(attached.stdout.read(len(guests.greeting)), guests.greeting)
                attached.stdin.write(b"ab")
                attached.stdin.flush()
                self.assertEqual(attached.stdout.read(2), b"ab")
                machine.read_until(b"ab")
                self.check(run("attach", "web"), 4, err="watch it with read_only")
                with subprocess.Popen([command.abx, "attach", "--read-only", "web"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE) as watcher:
                    past = guests.greeting + b"ab"
                    self.assertEqual(watcher.stdout.read(len(past)), past)
                    machine.type(b"z")
                    for side in (attached, watcher):
                        self.assertEqual(side.stdout.read(1), b"z")
                    machine.read_until(b"z")
                    attached.stdin.write(b"!q")
                    attached.stdin.flush()
                    # The machine ends, and with it all that are attached; each has heard all of it.
                    for side in (attached, watcher):
                        self.assertTrue(side.stdout.read().startswith(b"!"))
                        self.assertEqual(side.wait(), 0)
            self.assertEqual(machine.end()[0], 0)

    def test_attach_on_a_terminal(self):
        ours, theirs = pty.openpty()
        with Machine("web") as machine, open(ours, "rb", buffering=0) as screen:
            with subprocess.Popen([command.abx, "attach", "web"], stdin=theirs, stdout=theirs,
                                  start_new_session=True) as attached:
                seen = b""
                while FIRST not in seen:
                    seen += screen.read(1)
                os.write(ours, b"k")
                machine.read_until(b"k")
                os.write(ours, b"\x01x")  # detaches
                self.assertEqual(attached.wait(command.PATIENCE), 0)
            machine.type(b"q")
            self.assertEqual(machine.end()[0], 0)
            os.close(theirs)

    def test_output_that_nobody_reads_holds_up_no_client(self):
        """Standard output is full: the machine is watched and stopped all the same."""
        reader, writer = os.pipe()
        name = "web"
        process = subprocess.Popen([command.abx, "run", *guests("echo"), "--name", name], stdin=subprocess.PIPE,
                                   stdout=writer, stderr=subprocess.PIPE, bufsize=0)
        os.close(writer)
        with process:
            self.assertEqual(os.read(reader, 1), FIRST[:1])
            os.set_blocking(process.stdin.fileno(), False)
            for _ in range(300):
                if process.stdin.write(b"x" * 4096) is None:
                    select.select([], [process.stdin], [], 0.01)
            self.assertEqual(self.ask(name, do="status")["result"]["state"], "running")
            self.check(run("stop", name, "--force"), 0)
            self.assertEqual(process.wait(command.PATIENCE), 130)
            process.stdin.close()
        os.close(reader)

    def test_top(self):
        with Machine("one"), Machine("two"):
            table = self.check(run("top", "--once", "--interval", "0.1"), 0).out.splitlines()
            self.assertEqual([line.split()[0] for line in table], ["NAME", "one", "two"])
            both = json.loads(self.check(run("top", "--json"), 0).out)
            self.assertEqual([m["name"] for m in both], ["one", "two"])
            for machine in both:
                self.assertGreater(machine["cpu_seconds"], 0)
                self.assertEqual("resident" in machine, backend == "kvm")
                self.assertEqual(machine["exits"] > 0, backend == "kvm")
        self.assertEqual(json.loads(self.check(run("top", "--json"), 0).out), [])

    @unittest.skipUnless(backend == "qemu", "the guest runs in the process that has the machine")
    def test_top_counts_qemu(self):
        with Machine("web") as machine:
            ours, qemu = machine.process.pid, command.child_of(machine.process.pid)
            while cpu_seconds(qemu) < 0.5:
                machine.type(b"x")
                machine.read_until(b"x")
            least = cpu_seconds(ours) + cpu_seconds(qemu)
            (told,) = json.loads(self.check(run("top", "--json"), 0).out)
            self.assertGreaterEqual(told["cpu_seconds"], least - 0.05)

    def test_top_on_a_terminal(self):
        ours, theirs = pty.openpty()
        with Machine("web"), open(ours, "rb", buffering=0) as screen:
            with subprocess.Popen([command.abx, "top", "--interval", "0.1"], stdin=theirs, stdout=theirs,
                                  start_new_session=True) as top:
                seen = b""
                while seen.count(b"\x1b[H") < 3:  # it draws again and again
                    seen += screen.read(1)
                self.assertTrue(re.search(rb"web +\d+ +running", seen), seen)
                os.write(ours, b"q")
                while b"\x1b[?1049l" not in seen:
                    seen += screen.read(1)
                self.assertEqual(top.wait(command.PATIENCE), 0)
            os.close(theirs)

    def test_signals_end_what_goes_on(self):
        with Machine("web"):
            with subprocess.Popen([command.abx, "attach", "web"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE) as attached:
                self.assertEqual(attached.stdout.read(len(guests.greeting)), guests.greeting)
                attached.send_signal(signal.SIGTERM)
                self.assertEqual(attached.wait(command.PATIENCE), 0)

    def test_usage(self):
        for name in ("attach", "balloon", "events", "metrics", "pause", "resume", "stop"):
            self.check(run(name), 2, err="which machine?")
            self.check(run(name, "a", "b", "c"), 2, err="unexpected word")
            self.check(run(name, "nobody"), 4, err="no machine called 'nobody' runs")
        self.check(run("stop", "a", "--timeout", "soon"), 2, err="is not a time")


if __name__ == "__main__":
    command.require(backend)
    command.main()
