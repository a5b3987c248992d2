import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audioFormat, TopologyBuilder } from "@sof-ts/topology";
import { afterAll, describe, expect, it } from "vitest";
import { sof } from "./sof.js";
import { readWav } from "../src/wav/index.js";

const asset = (name: string): string => new URL(`../assets/${name}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sof-testbench-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file in the test's folder. */
function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const demo = ["-t", asset("demo.tplg"), "-i", asset("demo.wav")];

describe("libraries on the command line", () => {
  const foreign = (): string => {
    const s32 = audioFormat("S32_LE");
    const builder = new TopologyBuilder();
    const pipeline = builder.pipeline({ id: 1 });
    const inside = { format: s32 };
    const host = pipeline.hostCopier({ ...inside, direction: "playback", stream: "P" });
    const effect = pipeline.module("0b5c9f6e-6f0a-4d53-8a5f-0d8c1a4b2e77", inside);
    const dai = pipeline.daiCopier({ ...inside, direction: "playback", type: "HDA", link: "L" });
    builder
      .route(host, effect, dai)
      .pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } })
      .link({ id: 0, name: "L", type: "HDA", index: 0 });
    return file("foreign.tplg", builder.build());
  };

  it("are asked for where a module is in none, and refused where they are none", async () => {
    const args = ["run", "-t", foreign(), "-i", asset("demo.wav")];
    const missing = await sof(...args);
    expect(missing).toMatchObject({ code: 2, out: "" });
    expect(missing.err).toContain("Give the library that has them with --library FILE");
    const music = await sof(...args, "--library", asset("demo.wav"));
    expect(music).toMatchObject({ code: 2, out: "" });
    expect(music.err).toMatch(
      /demo\.wav, offset 0 \(0x0\): .*Give a firmware image or library file/,
    );
    const key = await sof(...args, "--key", asset("demo.wav"));
    expect(key).toMatchObject({ code: 2, out: "" });
    expect(key.err).toContain("Give an RSA key in PEM form");
  });
});

describe("sof-testbench run", () => {
  it("prints for the demo what the README of the repository shows", async () => {
    const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    const { out } = await sof("run", ...demo, "-o", join(folder, "readme.wav"));
    const lines = out.split("\n").filter((line) => line !== "");
    expect(lines).toHaveLength(12);
    // Paths are shown from the root, and speed is the machine's.
    const shown = lines.filter((line) => !/^(PCM|Speed|Written)/.test(line));
    for (const line of shown) expect(readme).toContain(`${line}\n`);
  });

  it("finds nothing wrong with the demo under all checkers, and plays the same", async () => {
    const outputs = ["plain.wav", "checked.wav"].map((name) => join(folder, name));
    const plain = await sof("run", ...demo, "-o", outputs[0] as string);
    const checked = await sof("run", ...demo, "-o", outputs[1] as string, "--checked");
    expect([plain.code, checked.code, checked.err]).toEqual([0, 0, ""]);
    const [one, other] = outputs.map((path) => readFileSync(path));
    expect(one?.equals(other as Buffer)).toBe(true);
  });

  it("plays the demo and reports what happened", async () => {
    const output = join(folder, "out.wav");
    const { code, out, err } = await sof("run", ...demo, "-o", output, "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const report = JSON.parse(out) as Record<string, never>;
    expect(report).toMatchObject({
      pcm: { id: 0, name: "Music", direction: "playback" },
      params: { rate: 48_000, channels: 2, format: "S16_LE" },
      pipelines: 2,
      xruns: 0,
      ipc: { errors: 0 },
      cores: [{ core: 0, overruns: 0 }],
    });
    const played = readWav(readFileSync(output), output);
    expect(played).toMatchObject({ rate: 48_000, channels: 2, containerBits: 32 });
    expect(played.frames).toBeGreaterThanOrEqual(96_000);
  });

  it("sends the messages of SOF's testbench on request, with the same audio", async () => {
    const play = async (host: string) => {
      const output = join(folder, `${host}.wav`);
      const { code, err } = await sof("run", ...demo, "-o", output, "--host", host, "--log-ipc");
      expect(code).toBe(0);
      const states = err.match(/ipc tx {6}: 0x13\w+/g)?.map((text) => text.slice(-8));
      const { data } = readWav(readFileSync(output), output);
      // Frames of 8 bytes. How many silent ones come first depends on when the link was started, and so does how
      // far its volume's ramp has got by then: it is over after 50 ms.
      const first = (data.findIndex((byte) => byte !== 0) & ~7) + 8 * 2400;
      return { states, samples: data.subarray(first, first + 8 * 90_000) };
    };
    const bench = await play("testbench");
    expect(bench.states).toEqual(
      ["13000003", "13010003", "13000004", "13010004"].concat([
        "13000003",
        "13010003",
        "13000002",
        "13010002",
      ]),
    );
    const linux = await play("linux");
    expect(linux.states?.[0]).toBe("13010003");
    expect(Buffer.compare(bench.samples, linux.samples)).toBe(0);
  });

  it("carries samples bit for bit through a path that only converts their format", async () => {
    const s16 = audioFormat("S16_LE");
    const s32 = audioFormat("S32_LE");
    const builder = new TopologyBuilder();
    const pipeline = builder.pipeline({ id: 1 });
    const host = pipeline.hostCopier({
      direction: "playback",
      stream: "P",
      inputs: [s16],
      outputs: [s32],
    });
    const dai = pipeline.daiCopier({ direction: "playback", type: "HDA", link: "L", format: s32 });
    builder
      .route(host, dai)
      .pcm({ id: 0, name: "P", playback: { host, formats: ["S16_LE"] } })
      .link({ id: 0, name: "L", type: "HDA", index: 0 });
    const topology = file("pass.tplg", builder.build());
    const output = join(folder, "pass.wav");
    const { code, err } = await sof("run", "-t", topology, "-i", asset("demo.wav"), "-o", output);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const input = readWav(readFileSync(asset("demo.wav")), "in");
    const played = readWav(readFileSync(output), "out");
    const before = new Int16Array(new Uint8Array(input.data).buffer);
    const after = new Int32Array(new Uint8Array(played.data).buffer);
    let different = 0;
    for (let i = 0; i < before.length; i++)
      if (after[i] !== (before[i] as number) << 16) different++;
    expect(different).toBe(0);
  });

  it("gives the same audio, messages and figures each time", async () => {
    const runs = [];
    for (const name of ["a.wav", "b.wav"]) {
      const output = join(folder, name);
      const { out, err } = await sof(
        "run",
        ...demo,
        "-o",
        output,
        "--json",
        "--log-ipc",
        "--duration",
        "0.3",
      );
      const {
        wallSeconds,
        timesRealTime,
        output: written,
        ...report
      } = JSON.parse(out) as Record<string, unknown>;
      expect([wallSeconds, timesRealTime, written]).not.toContain(undefined);
      runs.push({ report, err, audio: readFileSync(output).toString("base64") });
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it("records through a capture PCM", async () => {
    const output = join(folder, "mic.wav");
    const { code } = await sof("run", ...demo, "--direction", "capture", "-o", output);
    expect(code).toBe(0);
    expect(readWav(readFileSync(output), output).frames).toBe(96_000);
  });

  it("takes the reference testbench's options and raw files", async () => {
    const samples = new Int32Array(2 * 4800).map((_, i) => (i * 1_000_003) | 0);
    const input = file("in.raw", new Uint8Array(samples.buffer));
    const output = join(folder, "out.raw");
    const { code, err } = await sof(
      ..."-p 1,2 -r 48000 -c 2 -b S32_LE -t".split(" "),
      asset("demo.tplg"),
      "-i",
      input,
      "-o",
      output,
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(readFileSync(output).length).toBeGreaterThanOrEqual(samples.byteLength);
  });
});

describe("sof-testbench run -p", () => {
  it.each([
    ["1,3", 0, "Music"],
    ["2,3", 1, "Alerts"],
    ["4", 2, "Mic"],
  ])("opens the PCM whose stream runs through pipelines %s", async (pipelines, id, name) => {
    const { code, out, err } = await sof(
      "run",
      ...demo,
      "-p",
      pipelines,
      "--duration",
      "0.02",
      "--json",
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ pcm: { id, name } });
  });
});

describe("sof-testbench on bad input", () => {
  const cases: [name: string, args: () => string[], code: number, message: RegExp][] = [
    [
      "a missing file",
      () => ["run", "-t", join(folder, "no.tplg"), "-i", asset("demo.wav")],
      2,
      /no\.tplg: no such file\n$/,
    ],
    [
      "a missing option",
      () => ["run", "-t", asset("demo.tplg")],
      1,
      /required option '-i, --input <file>'/,
    ],
    ["an unknown command", () => ["paly"], 1, /unknown command 'paly'/],
    ["an empty topology", () => ["inspect", file("empty.tplg", "")], 2, /empty\.tplg, offset 0/],
    ["a foreign file", () => ["inspect", asset("demo.wav")], 2, /not a topology: this is a RIFF/],
    [
      "a truncated topology",
      () => ["inspect", file("cut.tplg", readFileSync(asset("demo.tplg")).subarray(0, 5000))],
      2,
      /cut\.tplg, offset \d+/,
    ],
    [
      "a PCM that does not exist",
      () => ["run", ...demo, "--pcm", "Nope"],
      2,
      /no PCM "Nope"\. There are: 0 Music/,
    ],
    [
      "a direction that the PCM lacks",
      () => ["run", ...demo, "--pcm", "Mic", "--direction", "playback"],
      2,
      /"Mic" has no playback/,
    ],
    [
      "a format that the PCM cannot take",
      () => ["run", ...demo, "-r", "44100"],
      2,
      /It takes: 48000 Hz 2 ch S16_LE/,
    ],
    [
      "an unknown sample format",
      () => ["run", ...demo, "-b", "S31"],
      2,
      /"S31" is not a sample format/,
    ],
    [
      "a rate that is no number",
      () => ["run", ...demo, "-r", "abc"],
      1,
      /'-r, --rate <hz>'.*'abc'/,
    ],
    [
      "half a channel",
      () => ["run", ...demo, "-c", "1.5"],
      1,
      /'-c, --channels <n>'.*whole number/,
    ],
    ["no duration", () => ["run", ...demo, "--duration", "0"], 1, /--duration.*positive number/],
    [
      "pipelines that are no ids",
      () => ["run", ...demo, "-p", "1,x"],
      1,
      /'-p, --pipelines <ids>'/,
    ],
    [
      "a pipeline that does not exist",
      () => ["run", ...demo, "-p", "1,99"],
      2,
      /no pipeline 99\. There are: 1, /,
    ],
    [
      "raw input without a sample",
      () => ["run", "-t", asset("demo.tplg"), "-i", file("none.raw", "")],
      2,
      /none\.raw: holds no audio/,
    ],
    [
      "a WAV that is cut",
      () => ["run", "-t", asset("demo.tplg"), "-i", file("cut.wav", "RIFF")],
      2,
      /cut\.wav, offset/,
    ],
    [
      "a folder that does not exist",
      () => ["run", ...demo, "-o", join(folder, "no", "out.wav")],
      2,
      /Make it first/,
    ],
  ];

  it.each(cases)(
    "answers %s with one line and its exit code",
    async (_name, args, code, message) => {
      const result = await sof(...args());
      expect(result.err).toMatch(message);
      expect(result.code).toBe(code);
      expect(result.err).not.toMatch(/\n\s+at /);
      expect(result.out).toBe("");
    },
  );

  it("names UUID, module and widget when a module is not implemented", async () => {
    const s32 = audioFormat("S32_LE");
    const builder = new TopologyBuilder();
    const pipeline = builder.pipeline({ id: 1 });
    const host = pipeline.hostCopier({ direction: "playback", stream: "P", format: s32 });
    const module = pipeline.module("0d116ea6-9150-46de-98b8-b2b3a791da29", { format: s32 });
    const dai = pipeline.daiCopier({ direction: "playback", type: "HDA", link: "L", format: s32 });
    builder
      .route(host, module, dai)
      .pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } })
      .link({ id: 0, name: "L", type: "HDA", index: 0 });
    const { code, err } = await sof(
      "run",
      "-t",
      file("stft.tplg", builder.build()),
      "-i",
      asset("demo.wav"),
    );
    expect(code).toBe(2);
    expect(err).toMatch(/0d116ea6-9150-46de-98b8-b2b3a791da29 \(stft_process\) of /);
  });

  it("leaves nothing half-written behind", () => {
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(existsSync(join(folder, "no"))).toBe(false);
  });
});

describe("sof-testbench inspect", () => {
  it("shows tables, JSON, dot and SVG", async () => {
    const table = await sof("inspect", asset("demo.tplg"));
    expect(table.out).toContain("3 PCMs, 4 pipelines");
    expect(table.out).toContain("Master Playback Volume");
    const json = await sof("inspect", asset("demo.tplg"), "--json");
    const description = JSON.parse(json.out);
    expect(description).toMatchObject({ counts: { pcms: 3, pipelines: 4, controls: 4 } });
    // What the manifest of shipped firmware says of a gain with 384 bytes in and out.
    expect(table.out).toMatch(/gain\.1\.1 .* 10183 /);
    expect(
      description.widgets.find(({ name }: { name: string }) => name === "gain.1.1").cyclesPerPeriod,
    ).toContainEqual({ ibs: 384, obs: 384, cycles: 10183 });
    expect((await sof("inspect", asset("demo.tplg"), "--format", "dot")).out).toMatch(/^digraph/);
    expect((await sof("inspect", asset("demo.tplg"), "--format", "svg")).out).toContain("<svg");
  });

  it("has help with examples", async () => {
    const { code, out } = await sof("--help");
    expect(code).toBe(0);
    expect(out).toContain("Examples:");
    expect((await sof("run", "--help")).out).toContain("--direction <direction>");
  });
});
