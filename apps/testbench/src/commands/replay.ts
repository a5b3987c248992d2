import { readFileSync } from "node:fs";
import type { PlatformName } from "@sof-ts/soc";
import { FirmwareFault } from "../errors.js";
import { readUserFile } from "../read-user-file.js";
import { parseModuleMap } from "../replay/module-kinds.js";
import { reportText } from "../replay/render.js";
import { DEFAULT_MAX_WAIT_US, replayLog } from "../replay/replay.js";
import { UnexplainedReplies } from "../replay/unexplained.js";

/** Options of `sof-testbench replay`, as the command line gives them. */
export interface ReplayCommandOptions {
  readonly platform?: PlatformName;
  readonly moduleMap?: string;
  /** False for `--no-fill`. */
  readonly fill: boolean;
  /** Milliseconds. */
  readonly maxWait?: number;
  readonly json?: boolean;
}

/**
 * Replays a kernel or firmware log against the firmware and writes the comparison.
 *
 * @param path the log; `-` is standard input
 *
 * @throws FirmwareFault when our firmware halted or did not answer, after the report was written
 * @throws UnexplainedReplies when answers differ and no rule says why, after the report was written
 */
export function replay(
  path: string,
  options: ReplayCommandOptions,
  write: (text: string) => void,
): void {
  const { platform, moduleMap, fill, maxWait, json } = options;
  const piped = path === "-";
  const source = piped ? "standard input" : path;
  const text = piped ? readFileSync(0, "utf8") : readUserFile(path).toString("utf8");
  const report = replayLog(text, source, {
    platform,
    moduleMap: moduleMap === undefined ? new Map() : parseModuleMap(moduleMap),
    fill,
    maxWaitUs: maxWait === undefined ? DEFAULT_MAX_WAIT_US : maxWait * 1000,
  });
  write(json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  const [fault] = report.faults;
  if (fault !== undefined) throw new FirmwareFault(`${source}: ${fault}`);
  if (report.unexplained > 0) throw new UnexplainedReplies(source, report.unexplained);
}
