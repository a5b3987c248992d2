import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compareWithDefault, Violation } from "../src/explore/scenario.js";
import { main } from "../src/index.js";

const demo = new URL("../assets/demo.tplg", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sof-explore-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function sof(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const write = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
  const code = await main(args, { ...write, interactive: false });
  return { code, out, err };
}

const explore = (...args: string[]) => sof("explore", "-t", demo, ...args);

describe("sof-testbench explore", () => {
  it("finds the same audio under many orders", async () => {
    const bounds = ["--runs", "6", "--strategy", "random", "--phase", "40"];
    const streams = ["--pcm", "Alerts", "Music", "Mic:capture"];
    const { code, out, err } = await explore(...streams, ...bounds, "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const report = JSON.parse(out) as { runs: number; decisions: number };
    expect(report).toMatchObject({
      streams: [
        { pcm: "Alerts", direction: "playback" },
        { pcm: "Music", direction: "playback" },
        { pcm: "Mic", direction: "capture" },
      ],
      runs: 6,
      exhausted: false,
    });
    expect(report.decisions).toBeGreaterThan(50);
  });

  it.each(["kernel-ll", "component-mutex"])("finds the same audio with %s", async (locking) => {
    const bounds = ["--runs", "3", "--strategy", "random", "--phase", "40", "--json"];
    const streams = ["--pcm", "Alerts", "Music"];
    const { code, out, err } = await explore(...streams, ...bounds, "--locking", locking);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ locking, runs: 3 });
  });

  it("repeats a run and writes its trace", async () => {
    const trace = join(folder, "trace.json");
    const { code, out } = await explore("--phase", "40", "--replay", "9x0.3", "--trace", trace);
    expect(code).toBe(0);
    expect(out).toContain("replay of 9x0.3");
    const { traceEvents } = JSON.parse(readFileSync(trace, "utf8")) as { traceEvents: unknown[] };
    expect(traceEvents.length).toBeGreaterThan(1000);
  });

  it("says what is wrong with a phase, a PCM or a schedule", async () => {
    expect(await explore("--phase", "500")).toMatchObject({
      code: 1,
      err: expect.stringContaining("at most 120 ms"),
    });
    expect(await explore("--pcm", "Nobody")).toMatchObject({
      code: 2,
      err: expect.stringContaining("0 Music"),
    });
    expect(await explore("--replay", "what")).toMatchObject({ code: 2 });
    // A phase that is over before the path has passed anything on.
    expect(await explore("--phase", "0.5")).toMatchObject({
      code: 4,
      err: expect.stringContaining("longer --phase"),
    });
  });
});

describe("the comparison with the default order", () => {
  const noise = Uint8Array.from(
    { length: 4096 },
    (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255,
  );
  const heard = (bytes: Uint8Array) => [{ name: "Music playback", bytes }];

  it("lets a stream begin and end at other times", () => {
    expect(() => compareWithDefault(heard(noise), heard(noise.slice(512)))).not.toThrow();
    expect(() => compareWithDefault(heard(noise), heard(noise.slice(0, 3000)))).not.toThrow();
  });

  it.each([
    ["a lost frame", [...noise.slice(0, 3000), ...noise.slice(3008)], /differs .* at byte 3000/],
    ["a frame twice", [...noise.slice(0, 3008), ...noise.slice(3000)], /differs .* at byte 3008/],
    ["an altered byte", noise.with(2500, (noise[2500] as number) ^ 1), /differs .* at byte 2500/],
    ["other audio", noise.map((byte) => byte ^ 255), /lacks what the default order has/],
  ])("finds %s", (_what, bytes, message) => {
    const compare = () => compareWithDefault(heard(noise), heard(Uint8Array.from(bytes)));
    expect(compare).toThrow(message);
    expect(compare).toThrow(Violation);
  });
});
