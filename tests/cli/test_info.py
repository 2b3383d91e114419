# SPDX-License-Identifier: MIT OR Apache-2.0
"""abx info, for people and for programs."""
import json

import command
from command import run


class Info(command.CommandTest):
    def setUp(self):
        self.all = json.loads(self.check(run("info", "--json"), 0).out)

    def test_json_is_complete(self):
        self.assertRegex(self.all["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn(self.all["arch"], ("x86_64", "arm64"))
        names = [backend["name"] for backend in self.all["backends"]]
        self.assertEqual(len(set(names)), len(names))
        self.assertLessEqual({"kvm", "qemu"}, set(names))
        for backend in self.all["backends"]:
            self.assertTrue(backend["description"])
            self.assertTrue(backend["reason"])
            self.assertEqual(backend["usable"], backend["status"] == "ABX_OK")
            self.assertEqual(backend["usable"], "capabilities" in backend)
            if not backend["usable"]:
                self.assertTrue(backend["advice"], backend)

    def test_capabilities_are_consistent(self):
        for backend in self.all["backends"]:
            if not backend["usable"]:
                continue
            caps = backend["capabilities"]
            self.assertEqual(caps["flags"]["manual"], not backend["managed"])
            self.assertEqual(caps["flags"]["guest-memory"], caps["max_slots"] > 0)
            self.assertEqual(caps["flags"]["irq-routing"], caps["max_gsi"] > 0)
            self.assertGreaterEqual(caps["max_vcpus"], 1)
            self.assertTrue(caps["detail"])
            self.assertTrue(caps["guest_archs"])

    def test_the_host_is_the_same_to_all(self):
        hosts = {(b["capabilities"]["nesting"], b["capabilities"]["host_hypervisor"]) for b in self.all["backends"] if b["usable"]}
        self.assertLessEqual(len(hosts), 1)
        if self.all["arch"] == "x86_64":
            self.assertNotIn("unknown", {nesting for nesting, _ in hosts})

    def test_auto_takes_one_usable_backend(self):
        chosen = [backend for backend in self.all["backends"] if backend["chosen"]]
        usable = [backend for backend in self.all["backends"] if backend["usable"]]
        self.assertEqual(len(chosen), 1 if usable else 0)
        if chosen:
            hardware = [b["name"] for b in usable if b["capabilities"]["flags"]["hardware"]]
            self.assertEqual(chosen[0]["name"], hardware[0] if hardware else "qemu")

    def test_text_says_the_same(self):
        text = self.check(run("info"), 0, "abx " + self.all["version"]).out
        for backend in self.all["backends"]:
            self.assertIn(f"{'*' if backend['chosen'] else ' '} {backend['name']}: {backend['description']}\n", text)
            self.assertIn(("    usable" if backend["usable"] else "    not usable"), text)
            self.assertIn(backend["advice"], text)

    def test_all_capabilities(self):
        text = self.check(run("info", "--all"), 0).out
        for backend in self.all["backends"]:
            if backend["usable"]:
                for name, there in backend["capabilities"]["flags"].items():
                    self.assertRegex(text, rf"(?m)^    {'yes' if there else 'no '} +{name} ")

    def test_another_architecture(self):
        other = "arm64" if self.all["arch"] == "x86_64" else "x86_64"
        kvm = next(b for b in json.loads(run("info", "--json", "--arch", other).out)["backends"] if b["name"] == "kvm")
        self.assertFalse(kvm["chosen"])
        self.check(run("info", "--arch", "vax"), 2, err="--arch")


if __name__ == "__main__":
    command.main()
