import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { formatViolation } from "@sof-ts/explorer";
import { HostError, isPcmFormat } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";
import { parseTopology, type Topology, TopologyGraph } from "@sof-ts/topology";
import type { PlatformName } from "@sof-ts/soc";
import { FirmwareFault } from "../src/errors.js";
import { chooseParams } from "../src/run/choose-params.js";
import { FarEndSet } from "../src/run/far-ends.js";
import { Machine } from "../src/run/machine.js";
import { missingModules } from "../src/run/missing-modules.js";
import { play, record } from "../src/run/session.js";
import { sampleLayouts } from "../src/wav/index.js";
import { noise } from "./corpus-noise.js";
import { playTogether, type StreamName } from "./corpus-together.js";

/** What came of one direction of one PCM, or of all of a file at once. */
export interface StreamRow {
  readonly file: string;
  readonly pcm: string;
  /** Empty for a run of all PCMs at once. */
  readonly direction: string;
  readonly result: string;
  readonly ok: boolean;
  readonly skipped?: string;
}

const DURATION_MS = 60;

/** Files that run under all checkers, too: each platform, with forks, capture with history, several cores. */
const checkedFiles = [
  "sof-tgl-rt711-rt1308-rt715.tplg",
  "sof-mtl-rt711-l0-rt1316-l3-4ch.tplg",
  "sof-lnl-rt722-l0.tplg",
  "sof-ptl-rt721-4ch.tplg",
] as const;

/** Platform that a topology was made for, by its file name; what names none runs on mtl. */
function platformOf(file: string): PlatformName {
  const match = /sof-(tgl|mtl|lnl|ptl|arl|adl|hda)/.exec(file)?.[1];
  if (match === "tgl" || match === "adl") return "tgl";
  return match === "lnl" || match === "ptl" ? match : "mtl";
}

/**
 * Plays or records noise through every PCM and direction of every topology, on the whole firmware; then all of a
 * file at once, with controls that change.
 *
 * @param sharedDir folder that holds `topologies/`
 */
export function corpusStreams(sharedDir: string): StreamRow[] {
  return streamsOf(sharedDir, null);
}

/**
 * As {@link corpusStreams} for some of the files, under all checkers: a broken rule is a failure.
 *
 * @param sharedDir folder that holds `topologies/`
 */
export function corpusChecked(sharedDir: string): StreamRow[] {
  const rows = streamsOf(sharedDir, checkedFiles);
  const found = new Set(rows.map(({ file }) => basename(file)));
  for (const file of checkedFiles) {
    const missing = { file, pcm: "", direction: "", result: "there is no such file", ok: false };
    if (!found.has(file)) rows.push(missing);
  }
  return rows;
}

/** @param only the files that run, checked; null for all, unchecked */
function streamsOf(sharedDir: string, only: readonly string[] | null): StreamRow[] {
  const folder = join(sharedDir, "topologies");
  const checked = only !== null;
  const rows: StreamRow[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".tplg")) continue;
    if (only !== null && !only.includes(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const topology = parseTopology(readFileSync(path), entry.name);
    const platform = platformOf(entry.name);
    const file = relative(folder, path);
    const sound: StreamName[] = [];
    for (const pcm of topology.pcms) {
      for (const direction of ["playback", "capture"] as const) {
        if (pcm[direction] === null) continue;
        const row = { file, pcm: `${pcm.id} ${pcm.name}`, direction };
        const outcome = runStream(topology, pcm.name, direction, platform, checked);
        rows.push({ ...row, ...outcome });
        if (outcome.ok && outcome.skipped === undefined) sound.push({ pcm: pcm.name, direction });
      }
    }
    if (sound.length < 2) continue;
    const pcm = `all ${sound.length} at once`;
    rows.push({ file, pcm, direction: "", ...playTogether(topology, platform, sound, checked) });
  }
  return rows.sort((a, b) => a.file.localeCompare(b.file));
}

function runStream(
  topology: Topology,
  pcm: string,
  direction: "playback" | "capture",
  platform: PlatformName,
  checked: boolean,
): { result: string; ok: boolean; skipped?: string } {
  try {
    const missing = missingModules(new TopologyGraph(topology), pcm, direction);
    if (missing.length > 0) {
      const names = missing.map(({ name, uuid }) => name ?? uuid).join(", ");
      return { result: `needs ${names}`, ok: true, skipped: `no implementation of ${names}` };
    }
    return stream(topology, pcm, direction, platform, checked);
  } catch (error) {
    if (
      error instanceof HostError ||
      error instanceof InputError ||
      error instanceof FirmwareFault
    ) {
      return { result: error.message, ok: false };
    }
    throw error;
  }
}

/** What the driver says of the first thing that the PCM claims to do, when nothing fits. */
function refusal(
  machine: Machine,
  topology: Topology,
  name: string,
  direction: "playback" | "capture",
): string {
  const claims = topology.pcms.find((pcm) => pcm.name === name)?.[direction];
  const format = claims?.formats.find(isPcmFormat) ?? "S32_LE";
  const rate = 48_000;
  const channels = claims?.channels.min ?? 2;
  const size = { periodFrames: rate / 100, bufferFrames: rate / 25 };
  machine.do(machine.driver.openPcm(name, direction).hwParams({ rate, channels, format, ...size }));
  return "the driver sets up what it says that it cannot";
}

function stream(
  topology: Topology,
  pcm: string,
  direction: "playback" | "capture",
  platform: PlatformName,
  checked: boolean,
): { result: string; ok: boolean } {
  let heardByLink = 0;
  let farEnds: FarEndSet | null = null;
  const machine = new Machine({
    topology,
    platform,
    firmware: { checked },
    farEnds: (request, gateway) => {
      if (direction === "capture") {
        const { rate, channels } = request.format;
        const frames = (rate * (DURATION_MS + 200)) / 1000;
        const heard = noise(rate, channels, frames, "S32_LE");
        farEnds ??= new FarEndSet(topology, heard);
      } else farEnds ??= new FarEndSet(topology, null);
      farEnds.plug(request, gateway);
    },
  });
  const before = machine.firmware.resources;
  const [choice] = machine.driver.supportedParams(pcm, direction);
  if (choice === undefined)
    return { result: refusal(machine, topology, pcm, direction), ok: false };
  const layouts = { S16_LE: "S16_LE", S24_LE: "S24_4LE", S32_LE: "S32_LE" } as const;
  const wanted = layouts[choice.format as keyof typeof layouts] ?? "S32_LE";
  const { params, layout } = chooseParams(machine.driver, pcm, direction, {
    ...choice,
    layout: wanted,
    exact: true,
  });
  const open = machine.driver.openPcm(pcm, direction);
  machine.do(open.hwParams(params));
  machine.do(open.prepare());
  const frames = (params.rate * DURATION_MS) / 1000;
  const { rate, channels } = params;
  let samples: Uint8Array;
  if (direction === "playback") {
    play(machine, open, noise(rate, channels, frames, layout), () => {});
    const recording = (farEnds as FarEndSet | null)?.recording();
    samples = recording?.data ?? new Uint8Array(0);
    heardByLink = recording?.frames ?? 0;
  } else {
    samples = record(machine, open, frames, channels * sampleLayouts[layout].bytes, () => {});
    heardByLink = frames;
  }
  const modules = machine.firmware.graph.components.length;
  machine.do(open.hwFree());
  machine.do(open.close());
  const problems: string[] = [];
  if (machine.driver.resourceEvents.length > 0)
    problems.push(`${machine.driver.resourceEvents.length} xruns or errors`);
  if (!samples.some((byte) => byte !== 0)) problems.push("silence");
  if (JSON.stringify(machine.firmware.resources) !== JSON.stringify(before))
    problems.push("something leaks");
  for (const violation of machine.firmware.checks?.violations ?? [])
    problems.push(formatViolation(violation));
  const format = `${rate} Hz ${channels} ch ${params.format}`;
  const result =
    problems.length > 0
      ? problems.join(", ")
      : `${format}, ${modules} modules, ${heardByLink} frames`;
  return { result, ok: problems.length === 0 };
}
