import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audioFormat, bytesControl, TopologyBuilder, volumeControl } from "@sof-ts/topology";
import { afterAll, describe, expect, it } from "vitest";
import { sof } from "./sof.js";

const demo = new URL("../assets/demo.tplg", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sof-measure-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Measured {
  readonly xruns: number;
  readonly channels: readonly {
    readonly latencyFrames: number;
    readonly levelDb: number;
    readonly gainDb: number;
    readonly thdnDb: number;
    readonly noiseFloorDb: number | null;
    readonly response: readonly {
      readonly frequencyHz: number;
      readonly nominalHz: number | null;
      readonly gainDb: number;
    }[];
  }[];
}

async function measured(...args: string[]): Promise<Measured> {
  const { code, out, err } = await sof("measure", "--json", ...args);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Measured;
}

/** A file in the test's folder. */
function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const words = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);

/** An eq_iir blob for two channels with one biquad, y[n] = b0 x[n] + b1 x[n-1], Q2.30. */
function equalizer(b0: number, b1: number): Uint8Array {
  const q30 = (value: number): number => Math.round(value * 2 ** 30);
  const section = [0, 0, 0, q30(b1), q30(b0), 0, 0x4000];
  const body = [2, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, ...section];
  return words(4 * (body.length + 1), ...body);
}

/** Host, gain, equalizer, link. */
function equalizerTopology(blob: Uint8Array): Uint8Array {
  const format = audioFormat("S32_LE");
  const builder = new TopologyBuilder();
  const pipeline = builder.pipeline({ id: 1 });
  const host = pipeline.hostCopier({ direction: "playback", stream: "P", format });
  const gain = pipeline.gain({ format, controls: [volumeControl({ name: "Volume" })] });
  const eq = pipeline.module("eq_iir", {
    format,
    controls: [bytesControl({ name: "Curve", payload: blob })],
  });
  const dai = pipeline.daiCopier({ direction: "playback", type: "HDA", link: "L", format });
  builder
    .route(host, gain, eq, dai)
    .pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } })
    .link({ id: 0, name: "L", type: "HDA", index: 0 });
  return builder.build();
}

/** Gain of the mean of two neighbouring samples: |cos(pi f / fs)|. */
const meanDb = (frequencyHz: number): number =>
  20 * Math.log10(Math.cos((Math.PI * frequencyHz) / 48_000));

describe("sof-testbench measure", () => {
  it("finds the demo's playback flat, clean and three periods late", async () => {
    const { xruns, channels } = await measured("-t", demo, "--pcm", "Music");
    expect(xruns).toBe(0);
    expect(channels).toHaveLength(2);
    for (const channel of channels) {
      expect(channel.latencyFrames).toBe(144);
      expect(channel.levelDb).toBeCloseTo(-6, 3);
      expect(channel.thdnDb).toBeLessThan(-180);
      expect(channel.noiseFloorDb).toBeNull();
      const points = channel.response.filter(({ nominalHz }) => nominalHz !== null);
      expect(points).toHaveLength(31);
      for (const { gainDb } of points) expect(Math.abs(gainDb)).toBeLessThan(0.01);
    }
  });

  it("finds the noise that 16 bits make of a sine", async () => {
    const { channels } = await measured("-t", demo, "--pcm", "Music", "-b", "S16_LE");
    // 98.1 dB between a full-scale sine and the rounding of 16 bits; 6 less for the level, 0.8 more for the band.
    expect(channels[0]?.thdnDb).toBeGreaterThan(-96);
    expect(channels[0]?.thdnDb).toBeLessThan(-88);
  });

  it("shows an equalizer's response", async () => {
    const topology = file("eq.tplg", equalizerTopology(equalizer(0.5, 0.5)));
    const { channels } = await measured("-t", topology, "--pcm", "P");
    for (const { response, gainDb } of channels) {
      expect(gainDb).toBeCloseTo(meanDb(1000), 2);
      expect(response.length).toBeGreaterThan(100);
      const wrong = response.filter(
        (point) => Math.abs(point.gainDb - meanDb(point.frequencyHz)) > 0.001,
      );
      expect(wrong).toEqual([]);
    }
  });

  it("measures with the controls that a script sets, and draws it", async () => {
    const topology = file("flat.tplg", equalizerTopology(equalizer(1, 0)));
    const curve = Array.from(new Uint32Array(equalizer(0.5, 0.5).buffer)).join(",");
    file("curve.txt", curve);
    const script = file(
      "s.sh",
      "amixer cset name='Volume' -20dB\nsleep 0.1\nsof-ctl -c name='Curve' -s curve.txt\n",
    );
    const plot = join(folder, "eq.svg");
    const { channels } = await measured("-t", topology, "--controls", script, "--plot", plot);
    const [channel] = channels;
    expect(channel?.gainDb).toBeCloseTo(-20 + meanDb(1000), 1);
    const top = channel?.response.find(({ nominalHz }) => nominalHz === 16_000);
    // The band's exact middle, 1000 * 10^1.2 Hz, is called 16 kHz.
    expect(top?.frequencyHz).toBeCloseTo(15_849, -1);
    expect(top?.gainDb).toBeCloseTo(-20 + meanDb(15_849), 1);
    const svg = readFileSync(plot, "utf8");
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg.match(/<path [^>]*d="M/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it("measures capture, and prints tables", async () => {
    const { code, out } = await sof("measure", "-t", demo, "--pcm", "Mic");
    expect(code).toBe(0);
    expect(out).toMatch(/PCM 2 "Mic" capture/);
    expect(out).toMatch(/│ 1000 +│ 0\.000 dB +│ 0\.000 dB +│/);
  });

  it("answers a level above full scale with one line", async () => {
    const { code, err } = await sof("measure", "-t", demo, "--level", "3");
    expect({ code, err }).toEqual({
      code: 1,
      err: 'sof-testbench: --level wants -120..0 dB, not "3"\n',
    });
  });
});

describe("sof-testbench run --controls", () => {
  const wav = new URL("../assets/demo.wav", import.meta.url).pathname;
  const run = ["run", "-t", demo, "-i", wav, "--duration", "1", "--json"];

  it("sets controls at their times while the stream runs", async () => {
    const script = file(
      "mute.sh",
      [
        "amixer cset name='Master Playback Volume' 40",
        "sleep 0.123",
        "amixer cset name='Master Playback Volume' 0",
        "amixer cset name='Master Playback Volume' 0",
        "sleep 30",
        "amixer cset numid=1 2",
      ].join("\n"),
    );
    const { code, out } = await sof(...run, "--controls", script);
    expect(code).toBe(0);
    const { controls } = JSON.parse(out) as {
      controls: { applied: { atSeconds: number; changed: boolean }[]; notReached: number };
    };
    expect(controls.notReached).toBe(1);
    expect(controls.applied.map(({ changed }) => changed)).toEqual([true, true, false]);
    expect(controls.applied[0]?.atSeconds).toBe(0);
    expect(controls.applied[1]?.atSeconds).toBeGreaterThanOrEqual(0.123);
    expect(controls.applied[1]?.atSeconds).toBeLessThan(0.125);
  });

  it("names the line that cannot be done before anything runs", async () => {
    const script = file("bad.sh", "sleep 1\namixer cset name='Bass' 3\n");
    const output = join(folder, "never.wav");
    const { code, err } = await sof(...run, "-o", output, "--controls", script);
    expect(code).toBe(2);
    expect(err).toMatch(/bad\.sh, line 2: no control "Bass"\. There are: .*Master Playback Volume/);
    expect(existsSync(output)).toBe(false);
  });

  it("names the line that the firmware refuses", async () => {
    const topology = file("eq2.tplg", equalizerTopology(equalizer(1, 0)));
    file("broken.txt", "1,2,3,4,5,6,7,8");
    const script = file("refused.sh", "\nsof-ctl -c name='Curve' -s broken.txt\n");
    const { code, err } = await sof("measure", "-t", topology, "--controls", script);
    expect(code).toBe(3);
    expect(err).toMatch(/refused\.sh, line 2: /);
  });
});

describe("sof-testbench controls", () => {
  it("lists range, scale, items and value", async () => {
    const { code, out } = await sof("controls", "-t", demo, "--json");
    expect(code).toBe(0);
    const { controls } = JSON.parse(out) as { controls: Record<string, unknown>[] };
    expect(controls.map(({ numid }) => numid)).toEqual([1, 2, 3, 4]);
    expect(controls[2]).toEqual({
      numid: 3,
      name: "Master Playback Volume",
      widget: "gain.3.1",
      kind: "volume",
      channels: 2,
      range: [0, 45],
      scale: { minDb: -88, maxDb: 0, stepDb: 2, mute: true },
      items: null,
      bytes: null,
      access: "rw",
      value: [45, 45],
      meaning: "0.00 dB",
    });
  });

  it("shows those of one PCM as a table", async () => {
    const { out } = await sof("controls", "-t", demo, "--pcm", "Mic");
    expect(out).toContain("Mic Capture Volume");
    expect(out).not.toContain("Music Playback Volume");
  });
});
