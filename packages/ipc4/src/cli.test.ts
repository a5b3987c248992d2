import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const cli = fileURLToPath(new URL("cli.ts", import.meta.url));
const node = ["--conditions=@sof-ts/source", "--import", "tsx", cli, "decode"];

/** More than a pipe holds. */
const LINES = 20_000;
const line = "ipc tx       : 0x12010000|0x0\n";
const answer = "tx          0x12010000|0x0        delete pipeline 1\n";

/** Starts the command on {@link LINES} messages; nobody reads its output yet. */
function decodeMany(): { child: ChildProcessWithoutNullStreams; ended: Promise<unknown[]> } {
  const child = spawn(process.execPath, node);
  const ended = once(child, "close");
  child.stdin.end(line.repeat(LINES));
  return { child, ended };
}

it("sof-ipc4 reads standard input and ends with its exit code", () => {
  const run = (input: string) => spawnSync(process.execPath, node, { input, encoding: "utf8" });
  const good = run(line);
  expect([good.status, good.stdout, good.stderr]).toEqual([0, answer, ""]);
  const bad = run("nothing\n");
  expect([bad.status, bad.stderr]).toEqual([
    1,
    "sof-ipc4: standard input: no IPC4 message found\n",
  ]);
});

it("sof-ipc4 waits for a reader that is slow, and loses nothing", async () => {
  const { child, ended } = decodeMany();
  let output = "";
  await once(child.stdout, "readable");
  // By then the pipe is full: the first piece of it is there, and nobody has taken any.
  for await (const piece of child.stdout) output += String(piece);
  expect(await ended).toEqual([0, null]);
  expect(output.length).toBe(answer.length * LINES);
  expect(output).toBe(answer.repeat(LINES));
});

it("sof-ipc4 ends quietly when its reader leaves", async () => {
  const { child, ended } = decodeMany();
  let errors = "";
  child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()));
  await once(child.stdout, "readable");
  child.stdout.destroy();
  expect(await ended).toEqual([0, null]);
  expect(errors).toBe("");
});
