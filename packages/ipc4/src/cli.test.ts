import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("sof-ipc4 reads standard input and ends with its exit code", () => {
  const cli = fileURLToPath(new URL("cli.ts", import.meta.url));
  const node = ["--conditions=@sof-ts/source", "--import", "tsx", cli, "decode"];
  const run = (input: string) => spawnSync(process.execPath, node, { input, encoding: "utf8" });
  const good = run("ipc tx       : 0x12010000|0x0\n");
  expect([good.status, good.stdout, good.stderr]).toEqual([
    0,
    "tx          0x12010000|0x0        delete pipeline 1\n",
    "",
  ]);
  const bad = run("nothing\n");
  expect([bad.status, bad.stderr]).toEqual([
    1,
    "sof-ipc4: standard input: no IPC4 message found\n",
  ]);
});
