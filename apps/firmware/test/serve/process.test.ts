import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, it } from "vitest";
import { connectSocket } from "../../src/index.js";
import { find, noise, ServedHost } from "./served-streams.js";

const folder = mkdtempSync(join(tmpdir(), "sof-serve-process-"));
afterAll(() => rmSync(folder, { recursive: true }));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Starts `sof-firmware serve` as a process of its own. @returns it, and what it listens on */
async function start(...args: string[]): Promise<{ server: ChildProcess; listening: string }> {
  const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  const node = ["--conditions=@sof-ts/source", "--import", "tsx", program, "serve", ...args];
  const server = spawn(process.execPath, node, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(server);
  let out = "";
  let err = "";
  server.stderr.on("data", (bytes: Buffer) => (err += bytes.toString()));
  const listening = await new Promise<string>((resolve, reject) => {
    server.stdout.on("data", (bytes: Buffer) => {
      out += bytes.toString();
      const line = /^listening on (.*)\n/.exec(out)?.[1];
      if (line !== undefined) resolve(line);
    });
    server.once("exit", (code) => reject(new Error(`it ended with ${code}: ${err}`)));
  });
  return { server, listening };
}

/** Asks the process to end. @returns its exit code */
async function stop(server: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  return ended;
}

it("sof-firmware serves other processes on a Unix socket until it is told to end", async () => {
  const path = join(folder, "dsp.sock");
  const { server, listening } = await start("--socket", path);
  expect(listening).toBe(path);
  const voice = noise(2400, 99);
  const host = await ServedHost.boot(await connectSocket({ path }), voice);
  const input = noise(2400);
  await host.play(input);
  expect(find(host.output, input)).toBeGreaterThanOrEqual(0);
  // Another client talks nonsense and goes; the first one records on.
  const rude = connect(path).on("error", () => {});
  rude.end("GET / HTTP/1.1\r\n\r\n");
  const recorded = await host.record(960 * 8);
  const from = recorded.findIndex((byte) => byte !== 0) & ~7;
  expect(find(voice, recorded.subarray(from))).toBeGreaterThanOrEqual(0);
  await host.link.close();
  expect(await stop(server)).toBe(0);
  expect(existsSync(path)).toBe(false);
});

it("sof-firmware serves them on a port of the loopback only", async () => {
  const { server, listening } = await start("--tcp", "0", "--platform", "mtl");
  const port = Number(/^127\.0\.0\.1:(\d+)$/.exec(listening)?.[1]);
  const host = await ServedHost.boot(await connectSocket({ port }));
  const input = noise(960);
  await host.play(input);
  expect(find(host.output, input)).toBeGreaterThanOrEqual(0);
  // It ends although a client is still there.
  expect(await stop(server)).toBe(0);
});
