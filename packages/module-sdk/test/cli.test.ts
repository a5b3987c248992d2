import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseTopology, TopologyGraph, validateTopology } from "@sof-ts/topology";
import { main as testbench } from "@sof-ts/testbench";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findClang, main } from "../src/index.js";
import { compileInProcess } from "./compile-in-process.js";
import { removeScratch, scratchFolder } from "./example-projects.js";

let folder = "";
const at = (name: string): string => join(folder, name);

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line. */
async function sof(...args: string[]): Promise<Ran> {
  let out = "";
  let err = "";
  const output = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
  const code = await main(args, output, compileInProcess);
  return { code, out, err };
}

/** Runs a command line that others build on. */
async function mustRun(...args: string[]): Promise<void> {
  const { code, err } = await sof(...args);
  if (code !== 0) throw new Error(err);
}

const UUID = "0b5c9f6e-6f0a-4d53-8a5f-0d8c1a4b2e77";

// One project for all tests of this file: made, built, packed, and then read only.
beforeAll(async () => {
  folder = scratchFolder();
  await mustRun("new", "my-effect", "--directory", at("my-effect"), "--uuid", UUID);
  await mustRun("build", at("my-effect"));
  await mustRun("key", at("dev.pem"));
  await mustRun("pack", at("my-effect"), "--key", at("dev.pem"));
}, 60_000);
afterAll(removeScratch);

describe("sof-module", () => {
  it("has help with examples for everybody, and for each command", async () => {
    const { code, out } = await sof("--help");
    expect(code).toBe(0);
    for (const command of ["new", "build", "key", "pack", "check", "topology"]) {
      expect(out).toContain(`sof-module ${command}`);
      expect(await sof(command, "--help")).toMatchObject({ code: 0, err: "" });
    }
    expect(await sof("frobnicate")).toMatchObject({ code: 1, out: "" });
    expect(await sof("topology", folder)).toMatchObject({ code: 1, out: "" });
  });

  it("keeps the private half of a key private, and does not write over it", async () => {
    expect(statSync(at("dev.pem")).mode & 0o077).toBe(0);
    expect(readFileSync(at("dev.pub"), "utf8")).toContain("BEGIN PUBLIC KEY");
    const before = readFileSync(at("dev.pem"), "utf8");
    const again = await sof("key", at("dev.pem"));
    expect(again.code).toBe(2);
    expect(again.err).toContain("dev.pem: there is a file already");
    expect(readFileSync(at("dev.pem"), "utf8")).toBe(before);
  });

  it("packs the same bytes each time", async () => {
    const twice = at("twice.ri");
    await sof("pack", at("my-effect"), "--key", at("dev.pem"), "-o", twice);
    expect(readFileSync(twice)).toEqual(readFileSync(at("my-effect/build/myeffect.ri")));
  });

  it("checks a project: contents, signature, conformance", async () => {
    const { code, out } = await sof("check", at("my-effect"), "--key", at("dev.pub"));
    expect(code).toBe(0);
    expect(out).toContain("library MYEFFECT 1.0.0.0");
    expect(out).toContain(UUID);
    expect(out).toMatch(/Signature {3}right, by key [0-9a-f]{16} of .*dev\.pub/);
    expect(out).toMatch(/conformance: \d{2,3} cases, all passed/);
    expect(out).toMatch(/cost: \d+ units of fuel/);
    const json = await sof("check", at("my-effect"), "--no-conformance", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ modules: [], notes: [] });
  });

  it("refuses whom it was not told to trust, and whom it was told not to trust", async () => {
    await sof("key", at("other.pem"));
    const library = at("my-effect/build/myeffect.ri");
    const check = (...flags: string[]) => sof("check", "--no-conformance", library, ...flags);
    expect(await check("--key", at("other.pub"))).toMatchObject({ code: 2, out: "" });
    expect((await check("--key", at("other.pub"))).err).toContain("a key that is not trusted");
    const retired = await check("--key", at("other.pub"), "--retired-key", at("dev.pub"));
    expect(retired).toMatchObject({ code: 2 });
    expect(retired.err).toContain("signed with the retired key");
    const unsigned = at("unsigned.ri");
    await sof("pack", at("my-effect"), "--unsigned", "-o", unsigned);
    const refused = await sof("check", "--no-conformance", unsigned);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.err).toContain("the image is not signed");
    expect(await sof("check", "--no-conformance", "--unsigned", unsigned)).toMatchObject({
      code: 0,
    });
  });

  it("says where a damaged library is damaged", async () => {
    const library = new Uint8Array(readFileSync(at("my-effect/build/myeffect.ri")));
    const damaged = at("damaged.ri");
    const run = async (bytes: Uint8Array) => {
      writeFileSync(damaged, bytes);
      return sof("check", damaged);
    };
    expect((await run(library.subarray(0, 20_000))).err).toMatch(
      /damaged\.ri, offset \d+ \(0x[0-9a-f]+\): .* bytes/,
    );
    const tampered = library.slice();
    tampered[library.length - 3000] = (tampered[library.length - 3000] as number) ^ 1;
    const { code, err } = await run(tampered);
    expect(code).toBe(2);
    expect(err).toMatch(/damaged\.ri, offset \d+ .*digest/);
  });

  it("makes a topology with the module and its controls", async () => {
    const file = at("effect.tplg");
    expect(await sof("topology", at("my-effect"), "-o", file)).toMatchObject({ code: 0 });
    const topology = parseTopology(readFileSync(file), file);
    expect(validateTopology(topology).filter(({ severity }) => severity === "error")).toEqual([]);
    const widget = topology.widgets.find(({ uuid }) => uuid === UUID);
    expect(widget?.controls.map(({ name }) => name)).toEqual([
      "my-effect Switch",
      "my-effect Settings",
    ]);
    const graph = new TopologyGraph(topology);
    const pcm = graph.pcm("Music");
    const path = pcm && graph.path(pcm, "playback");
    expect(path?.widgets.map(({ uuid }) => uuid)).toContain(UUID);
  });

  it("tells a module that does not do what it must", async () => {
    const source = at("my-effect/assembly/index.ts");
    const good = readFileSync(source, "utf8");
    // The gain changes with each call.
    const bad = good.replace("const frames =", "gain = (gain + 1) & 0xffff;\n  const frames =");
    try {
      writeFileSync(source, bad);
      await sof("build", at("my-effect"));
      await sof("pack", at("my-effect"), "--key", at("dev.pem"), "-o", at("bad.ri"));
      const { code, out } = await sof("check", at("bad.ri"));
      expect(code).toBe(3);
      expect(out).toMatch(/failed .*blocks of 1 frame to 4 periods \(s32, 2 ch\)/);
      writeFileSync(source, good.replace("const frames =", "unreachable();\n  const frames ="));
      await sof("build", at("my-effect"));
      await sof("pack", at("my-effect"), "--key", at("dev.pem"), "-o", at("bad.ri"));
      const trapped = await sof("check", at("bad.ri"));
      expect(trapped.code).toBe(3);
      expect(trapped.out).toContain("ended in process: unreachable");
      // So says the testbench when it plays: the stream stops, and the firmware has logged why.
      await mustRun("topology", at("my-effect"), "-o", at("bad.tplg"));
      const music = new URL("../../../apps/testbench/assets/demo.wav", import.meta.url).pathname;
      let err = "";
      const args = ["-t", at("bad.tplg"), "-i", music, "--library", at("bad.ri")];
      const stopped = await testbench(["run", ...args], {
        out: () => {},
        err: (text) => (err += text),
        interactive: false,
      });
      expect(stopped).toBe(4);
      expect(err).toContain("the firmware logged: lib_manager: module 4096 instance 0 ended in");
    } finally {
      writeFileSync(source, good);
      await sof("build", at("my-effect"));
    }
  });

  it("says what the compiler says, and what the sandbox lacks", async () => {
    const project = at("broken");
    await sof("new", "broken", "--directory", project);
    const source = join(project, "assembly/index.ts");
    const good = readFileSync(source, "utf8");
    writeFileSync(source, good.replace("effect(sample)", "efect(sample)"));
    const wrong = await sof("build", project);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("Cannot find name 'efect'");
    writeFileSync(source, good.replace("export function sof_module_reset", "function reset"));
    const lacking = await sof("build", project);
    expect(lacking.code).toBe(2);
    expect(lacking.err).toContain("does not export sof_module_reset");
  });

  it.skipIf(findClang() === null)(
    "compiles C where a wasm-opt is on the way that refuses everything (skipped: there is no clang)",
    async () => {
      const project = at("c-beside-binaryen");
      const tools = at("tools");
      mkdirSync(tools);
      writeFileSync(join(tools, "wasm-opt"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
      await sof("new", "c-effect", "-l", "c", "--directory", project);
      const before = process.env["PATH"] ?? "";
      process.env["PATH"] = `${tools}${delimiter}${before}`;
      try {
        expect(await sof("build", project)).toMatchObject({ code: 0, err: "" });
      } finally {
        process.env["PATH"] = before;
      }
    },
  );

  it.skipIf(findClang() === null)(
    "makes a module in C that conforms (skipped: there is no clang)",
    async () => {
      const project = at("c-effect");
      await sof("new", "c-effect", "-l", "c", "--directory", project);
      expect(await sof("build", project)).toMatchObject({ code: 0, err: "" });
      await sof("pack", project, "--key", at("dev.pem"));
      expect(await sof("check", project)).toMatchObject({ code: 0, err: "" });
    },
  );

  it("asks for clang where there is none", async () => {
    const project = at("c-only");
    await sof("new", "c-only", "-l", "c", "--directory", project);
    const before = process.env["CLANG"];
    process.env["CLANG"] = at("no-such-compiler");
    try {
      const { code, err } = await sof("build", project);
      expect(code).toBe(2);
      expect(err).toContain("there is no clang to compile it. Install clang and lld");
    } finally {
      if (before === undefined) delete process.env["CLANG"];
      else process.env["CLANG"] = before;
    }
  });

  it("calls what is made at a path as its folder is called", async () => {
    await mustRun("new", at("some-where"));
    const made = JSON.parse(readFileSync(at("some-where/sof-module.json"), "utf8")) as object;
    expect(JSON.stringify(made)).toContain('"SOMEWHER"');
    expect(JSON.stringify(made)).not.toContain(folder);
  });

  it("refuses to start over what is there, to pack what is not built, to sign without a key", async () => {
    expect((await sof("new", "my-effect", "--directory", at("my-effect"))).err).toContain(
      "the folder is not empty",
    );
    expect((await sof("new", "--directory", at("x"), "--", "!!")).err).toContain("is no name");
    expect((await sof("new", "y", "--directory", at("y"), "--uuid", "12")).code).toBe(2);
    expect(existsSync(at("y"))).toBe(false);
    await sof("new", "z", "--directory", at("z"));
    expect((await sof("pack", at("z"), "--unsigned")).err).toContain(
      "Run `sof-module build` first",
    );
    expect((await sof("pack", at("my-effect"))).err).toContain("no key to sign with is given");
    expect((await sof("build", at("nowhere"))).err).toContain("no such file");
    expect((await sof("pack", at("my-effect"), "--key", at("dev.pub"))).code).toBe(2);
  });
});
