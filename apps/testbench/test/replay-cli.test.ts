import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "../src/index.js";
import { KernelLog, wholeStream } from "./replay-logs.js";

const folder = mkdtempSync(join(tmpdir(), "sof-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function replay(
  text: string,
  ...options: string[]
): Promise<{ code: number; out: string; err: string }> {
  const path = join(folder, "kernel.log");
  writeFileSync(path, text);
  let out = "";
  let err = "";
  const code = await main(["replay", path, ...options], {
    out: (part) => (out += part),
    err: (part) => (err += part),
    interactive: false,
  });
  return { code, out, err };
}

describe("sof-testbench replay", () => {
  it("prints both sides, the graph at the end and where the firmwares part", async () => {
    const log = wholeStream().exchange(0x1300_0003, 0, 6).text;
    const { code, out, err } = await replay(log);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("10 requests on mtl, 0 more made up; 9 answered as in the log");
    expect(out).toMatch(/│ line +│ request +│ expected +│ got +│ verdict +│/);
    expect(out).toContain("4 -> COPIER 4: its init payload is a copier's");
    expect(out).toMatch(
      /pipeline 0: paused, core 0[^]*GAIN 6:0 +paused +-> COPIER 4:1 \(queue 0 to 0\)/,
    );
    expect(out).toMatch(
      /Where the two firmwares part\n {2}line \d+: set pipeline 0 to PAUSED: DIFFERS/,
    );
  });

  it("says that nothing differs", async () => {
    const { code, out } = await replay(wholeStream().text);
    expect(code).toBe(0);
    expect(out).toContain("The two firmwares do not part");
  });

  it("prints JSON", async () => {
    const { out } = await replay(wholeStream().text, "--json", "--platform", "lnl");
    expect(JSON.parse(out)).toMatchObject({
      platform: "lnl",
      counts: { requests: 9, same: 9 },
      unexplained: 0,
      graph: [{ id: 0, state: "active" }],
    });
  });

  it("says in one line what it cannot read", async () => {
    let err = "";
    const io = { out: () => {}, err: (part: string) => (err += part), interactive: false };
    const codes = [];
    for (const path of [folder, join(folder, "none.log")])
      codes.push(await main(["replay", path], io));
    expect(codes).toEqual([2, 2]);
    expect(err).toBe(
      `sof-testbench: ${folder}: is a directory. Name a file in it\n` +
        `sof-testbench: ${join(folder, "none.log")}: no such file\n`,
    );
  });

  it("ends with 3 for a difference without a reason, after the report", async () => {
    const { code, out, err } = await replay(
      new KernelLog().ready().exchange(0x4600_0002, 0x3, 0).text,
    );
    expect(code).toBe(3);
    expect(out).toContain("DIFFERS (unexplained): expected 0 SUCCESS, got 9 INVALID_RESOURCE_ID");
    expect(err).toMatch(/^sof-testbench: .*kernel\.log: 1 answer differs without a reason\n$/);
  });

  it("refuses what is no log, a wrong map and a wrong option in one line", async () => {
    const none = await replay("nothing here\n");
    expect(none).toMatchObject({ code: 2, out: "" });
    expect(none.err).toMatch(/^sof-testbench: .*no IPC4 message found.*\n$/);
    const map = await replay(wholeStream().text, "--module-map", "4=reverb");
    expect(map.code).toBe(2);
    expect(map.err).toContain('--module-map: "4=reverb" does not map a module');
    expect((await replay(wholeStream().text, "--max-wait", "-1")).code).toBe(1);
    expect((await replay(wholeStream().text, "--platform", "icl")).code).toBe(1);
  });

  it("answers the testbench's own log as the testbench was answered", async () => {
    const asset = (name: string): string => new URL(`../assets/${name}`, import.meta.url).pathname;
    let log = "";
    const run = ["run", "-t", asset("demo.tplg"), "-i", asset("demo.wav"), "--duration", "0.05"];
    const output = { out: () => {}, err: (part: string) => (log += part), interactive: false };
    expect(await main([...run, "--log-ipc"], output)).toBe(0);
    const { code, out } = await replay(log, "--json");
    expect(code).toBe(0);
    const report = JSON.parse(out) as { counts: { requests: number } };
    expect(report.counts.requests).toBeGreaterThan(20);
    expect(report).toMatchObject({
      counts: { same: report.counts.requests, madeUp: 0 },
      graph: [],
    });
  });

  it("leaves gaps unfilled on request", async () => {
    const log = new KernelLog().exchange(0x1305_0003, 0, 0).text;
    expect((await replay(log)).out).toContain("made up: its state is set");
    expect((await replay(log, "--no-fill")).out).toContain("DIFFERS (gap in the log)");
  });
});
