import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "@sof-ts/kit";
import {
  audioFormat,
  bytesControl,
  enumControl,
  type ControlRecord,
  switchControl,
  TopologyBuilder,
} from "@sof-ts/topology";
import { afterAll, describe, expect, it } from "vitest";
import { sof } from "./sof.js";

const RATE = 48_000;
const folder = mkdtempSync(join(tmpdir(), "sof-measure-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const words = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);
const halves = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const sized = (body: Uint8Array) => concat(words(body.length + 4), body);

/** Host, modules with a blob and more controls, link. */
function through(
  name: string,
  modules: readonly (readonly [type: string, ...ControlRecord[]])[],
): string {
  const format = audioFormat("S32_LE");
  const builder = new TopologyBuilder();
  const pipeline = builder.pipeline({ id: 1 });
  const host = pipeline.hostCopier({ direction: "playback", stream: "P", format });
  const chain = modules.map(([type, ...controls]) => pipeline.module(type, { format, controls }));
  const dai = pipeline.daiCopier({ direction: "playback", type: "HDA", link: "L", format });
  builder
    .route(host, ...chain, dai)
    .pcm({ id: 0, name: "P", playback: { host, formats: ["S32_LE"] } })
    .link({ id: 0, name: "L", type: "HDA", index: 0 });
  return file(name, builder.build());
}

const blob = (name: string, payload: Uint8Array): ControlRecord => bytesControl({ name, payload });

/** |H| in dB of a transfer function at a frequency, from its coefficients of z^0, z^-1, ... */
function gainDb(b: readonly number[], a: readonly number[], frequencyHz: number): number {
  const at = (coefficients: readonly number[]) => {
    let re = 0;
    let im = 0;
    coefficients.forEach((coefficient, n) => {
      re += coefficient * Math.cos((2 * Math.PI * frequencyHz * n) / RATE);
      im -= coefficient * Math.sin((2 * Math.PI * frequencyHz * n) / RATE);
    });
    return Math.hypot(re, im);
  };
  return 20 * Math.log10(at(b) / at(a));
}

// A resonance of 6 dB at 3 kHz: poles at radius 0.9.
const poles = [1, -2 * 0.9 * Math.cos((2 * Math.PI * 3000) / RATE), 0.81];
const zeros = [0.2, -0.1, 0.05];
const q30 = (value: number) => Math.round(value * 2 ** 30);
const section = [-(poles[2] ?? 0), -(poles[1] ?? 0), ...zeros.toReversed()].map(q30);
const iir = sized(words(2, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, ...section, 0, 0x4000));
const taps = [0x1000, 0x2800, 0x2800, 0x1000, -0x800, 0, 0x400, 0];
const fir = sized(
  concat(
    halves(2, 1, ...Array.from({ length: 8 }, () => 0), 0, 0),
    halves(taps.length, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...taps),
  ),
);
const R = 0.98;
const leaks = words(...Array.from({ length: 8 }, () => q30(R)));

describe("sof-testbench measure", () => {
  it("finds the transfer function of an IIR and a FIR equalizer and a DC blocker in a row", async () => {
    const tplg = through("row.tplg", [
      ["eq_iir", blob("IIR", iir)],
      ["eq_fir", blob("FIR", fir)],
      ["dcblock", blob("DC", leaks)],
    ]);
    const { code, out } = await sof("measure", "--json", "-t", tplg, "--ramp", "0.1");
    expect(code).toBe(0);
    const { channels } = JSON.parse(out) as {
      channels: { response: { frequencyHz: number; gainDb: number }[] }[];
    };
    expect(channels).toHaveLength(2);
    for (const { response } of channels) {
      expect(response.length).toBeGreaterThan(100);
      for (const { frequencyHz, gainDb: measured } of response) {
        const wanted =
          gainDb(zeros, poles, frequencyHz) +
          gainDb(
            taps.map((tap) => tap / 0x8000),
            [1],
            frequencyHz,
          ) +
          gainDb([1, -1], [1, -R], frequencyHz);
        expect(Math.abs(measured - wanted)).toBeLessThan(0.001);
      }
    }
  });
});

describe("sof-testbench measure of a path that clips", () => {
  it("says so, and at which level to try again", async () => {
    // 18 dB of gain on -6 dBFS.
    const tplg = through("loud.tplg", [["level_multiplier", blob("Level", words(8 << 23))]]);
    const loud = await sof("measure", "-t", tplg, "--ramp", "0.1");
    expect(loud.out).toMatch(/THD\+N is over 1 %: .* at -6 dBFS; try --level -26/);
    const quiet = await sof("measure", "-t", tplg, "--ramp", "0.1", "--level", "-26");
    expect(quiet.code).toBe(0);
    expect(quiet.out).not.toMatch(/is over 1 %/);
  });
});

/** A beamformer of two wires with microphones 20 cm apart; values of its angle controls are steps of 15 degrees. */
function beam(): Uint8Array {
  const wire = halves(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x7fff, 0, 0, 0);
  const lists = halves(0, 1, 1, 2, 0, 0);
  const microphones = halves(0, 410, 0, 0, 0, -410, 0, 0);
  const header = halves(2, 2, 1, 2, 1, 0, 0, 15, -90, 0, 0, 0);
  return sized(concat(header, wire, wire, lists, halves(0, 0, 0, 0), microphones));
}

describe("sof-testbench run", () => {
  it("shows the direction that a beamformer tells the host", async () => {
    const items = Array.from({ length: 13 }, (_, i) => `${15 * i - 90}`);
    const tplg = through("beam.tplg", [
      [
        "tdfb",
        blob("Beam", beam()),
        switchControl({ name: "Beam switch" }),
        switchControl({ name: "Track" }),
        enumControl({ name: "Angle set", items }),
        enumControl({ name: "Angle estimate", items }),
      ],
    ]);
    const random = new Random(1);
    const sound = Array.from(
      { length: RATE },
      (_, i) => (random.u32() | 0) >> (i % (RATE / 2) < RATE / 4 ? 16 : 3),
    );
    // From the left the second microphone hears it 28 frames later.
    const stereo = sound.flatMap((sample, i) => [sample, sound[i - 28] ?? 0]);
    const script = file("track.sh", "amixer cset name=Track off\namixer cset name=Track on\n");
    const input = file("left.raw", words(...stereo));
    const { code, out } = await sof("run", "-t", tplg, "-i", input, "--controls", script, "--json");
    expect(code).toBe(0);
    const { controls } = JSON.parse(out) as {
      controls: { applied: { control: string; value: string; by: string }[] };
    };
    const told = controls.applied.filter(({ by }) => by === "firmware");
    expect(told.at(-1)).toMatchObject({ control: "Angle estimate", value: "90" });
    expect(controls.applied.filter(({ by }) => by === "script")).toHaveLength(2);
  });
});
