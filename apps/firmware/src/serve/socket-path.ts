import { lstatSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { InputError } from "@sof-ts/kit";

/**
 * Makes way for a socket file: one that a server left behind is removed.
 *
 * @throws InputError when a server answers on it, or the path is another kind of file
 */
export async function claimSocketPath(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw new InputError("is a file and no socket", { source: path, remedy: "Name another path" });
  }
  if (await answers(path)) {
    throw new InputError("another server listens on it", {
      source: path,
      remedy: "Stop it, or name another path",
    });
  }
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    const end = (answer: boolean): void => {
      probe.destroy();
      resolve(answer);
    };
    probe.once("connect", () => end(true));
    probe.once("error", () => end(false));
  });
}
