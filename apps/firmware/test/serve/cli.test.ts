import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "../../src/cli/program.js";
import { connectSocket } from "../../src/index.js";
import { ServedHost } from "./served-streams.js";

const folder = mkdtempSync(join(tmpdir(), "sof-serve-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command line; `use` runs while it serves. */
async function sof(
  args: readonly string[],
  use: (listening: string) => Promise<void> = async () => {},
): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await main(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    untilStopped: () => use(out),
  });
  return { code, out, err };
}

describe("sof-firmware serve", () => {
  it("serves until it is stopped, and leaves no socket behind", async () => {
    const path = join(folder, "a.sock");
    const result = await sof(["serve", "--socket", path], async (listening) => {
      expect(listening).toBe(`listening on ${path}\n`);
      const host = await ServedHost.boot(await connectSocket({ path }));
      expect(host.driver.firmware.maxPipelines).toBeGreaterThan(0);
      await host.link.close();
    });
    expect(result).toMatchObject({ code: 0, out: `listening on ${path}\n` });
    expect(result.err).toContain("connection 1: open\n");
    expect(existsSync(path)).toBe(false);
  });

  it("takes a free port of the loopback, and can be quiet", async () => {
    const result = await sof(["serve", "--tcp", "0", "--quiet"], async (listening) => {
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(listening)?.[1]);
      await (await ServedHost.boot(await connectSocket({ port }))).link.close();
    });
    expect(result).toMatchObject({ code: 0, err: "" });
  });

  it("does not take a socket that another server has, nor a file", async () => {
    const path = join(folder, "taken.sock");
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(path, resolve));
    const inUse = await sof(["serve", "--socket", path]);
    expect(inUse).toMatchObject({ code: 2, out: "" });
    expect(inUse.err).toMatch(/^sof-firmware: .*taken\.sock: another server listens on it.*\n$/);
    await new Promise<void>((resolve) => other.close(() => resolve()));
    writeFileSync(path, "");
    expect((await sof(["serve", "--socket", path])).err).toContain("is a file and no socket");
    expect(existsSync(path)).toBe(true);
  });

  it("takes the place of a server that was killed", async () => {
    const path = join(folder, "stale.sock");
    const killed = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", killed]);
    expect(existsSync(path)).toBe(true);
    expect(await sof(["serve", "--socket", path])).toMatchObject({ code: 0, err: "" });
  });

  it("says in one line what it cannot do", async () => {
    const missing = await sof(["serve", "--socket", join(folder, "no", "such.sock")]);
    expect(missing.code).toBe(2);
    expect(missing.err).toMatch(/^sof-firmware: .*such\.sock.*\n$/);
  });

  it.each([
    [["serve"], /name --socket <path> or --tcp <port>/],
    [["serve", "--tcp", "70000"], /It must be 0 to 65535/],
    [["serve", "--tcp", "1", "--socket", "x"], /cannot be used with/],
    [["serve", "--socket", "x", "--platform", "icl"], /Allowed choices are tgl, mtl, lnl, ptl/],
    [["serve", "--socket", "x", "--max-connections", "0"], /It must be 1 to 1024/],
    [["boil"], /unknown command/],
  ])("refuses %j", async (args, error) => {
    const { code, err } = await sof(args);
    expect(code).toBe(1);
    expect(err).toMatch(error);
  });

  it("has help with examples", async () => {
    expect(await sof(["--help"])).toMatchObject({ code: 0, err: "" });
    expect((await sof(["serve", "--help"])).out).toContain("sof-firmware serve --tcp 7700");
  });
});
