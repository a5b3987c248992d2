import { readFileSync } from "node:fs";
import { InputError } from "@sof-ts/kit";
import { parseTopology, type Pcm, type Topology } from "@sof-ts/topology";

/**
 * Reads a topology file.
 *
 * @throws InputError when it is no topology; an error of the file system when it cannot be read
 */
export function loadTopology(path: string): Topology {
  return parseTopology(readFileSync(path), path);
}

/** Which stream of which PCM. */
export interface StreamChoice {
  readonly pcm: Pcm;
  readonly direction: "playback" | "capture";
}

/**
 * Finds a stream by PCM name or id and direction. Without a PCM the first with that direction is taken;
 * without a direction, playback where the PCM has it.
 *
 * @throws InputError that lists what there is
 */
export function chooseStream(
  topology: Topology,
  pcm: string | undefined,
  direction: "playback" | "capture" | undefined,
): StreamChoice {
  const has = (candidate: Pcm, wanted: "playback" | "capture" | undefined): boolean =>
    wanted === undefined
      ? candidate.playback !== null || candidate.capture !== null
      : candidate[wanted] !== null;
  const named = topology.pcms.filter(
    (candidate) => pcm === undefined || candidate.name === pcm || String(candidate.id) === pcm,
  );
  const found = named.find((candidate) => has(candidate, direction));
  if (found === undefined) {
    const what =
      pcm === undefined ? "no PCM" : named.length === 0 ? `no PCM "${pcm}"` : `PCM "${pcm}" has no`;
    const wanted =
      direction === undefined
        ? ""
        : named.length > 0 && pcm !== undefined
          ? ` ${direction}`
          : ` with ${direction}`;
    throw new InputError(`${what}${wanted}`, {
      source: topology.source,
      remedy: `There are: ${listPcms(topology)}`,
    });
  }
  return { pcm: found, direction: direction ?? (found.playback === null ? "capture" : "playback") };
}

/** `0 Music (playback), 2 Mic (capture)` */
function listPcms(topology: Topology): string {
  return topology.pcms
    .map(({ id, name, playback, capture }) => {
      const directions = [playback && "playback", capture && "capture"].filter(
        (entry) => entry !== null,
      );
      return `${id} ${name} (${directions.join(", ")})`;
    })
    .join(", ");
}
