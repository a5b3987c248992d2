import { InputError } from "@sof-ts/kit";
import type { StreamDirection } from "@sof-ts/host";
import { parseTopology, type Pcm, type Topology, TopologyGraph } from "@sof-ts/topology";
import { readUserFile } from "../read-user-file.js";

const directions = ["playback", "capture"] as const;

/**
 * Reads a topology file.
 *
 * @throws InputError when it is no topology; an error of the file system when it cannot be read
 */
export function loadTopology(path: string): Topology {
  return parseTopology(readUserFile(path), path);
}

/** Which stream of which PCM. */
export interface StreamChoice {
  readonly pcm: Pcm;
  readonly direction: StreamDirection;
}

/** What a user says of the stream to open; all of it may be left open. */
export interface WantedStream {
  /** Name or id. */
  readonly pcm?: string | undefined;
  readonly direction?: StreamDirection | undefined;
  /** Pipelines that the stream runs through. */
  readonly pipelines?: readonly number[] | undefined;
}

/**
 * Finds a stream. Without a PCM the first that has what is wanted is taken; without a direction, playback
 * where the PCM has it.
 *
 * @throws InputError that lists what there is
 */
export function chooseStream(topology: Topology, wanted: WantedStream): StreamChoice {
  const { pcm, direction, pipelines } = wanted;
  const named = topology.pcms.filter(
    (candidate) => pcm === undefined || candidate.name === pcm || String(candidate.id) === pcm,
  );
  const streams = named.flatMap((candidate) =>
    directions
      .filter((way) => candidate[way] !== null && (direction ?? way) === way)
      .map((way): StreamChoice => ({ pcm: candidate, direction: way })),
  );
  if (streams.length === 0) {
    throw new InputError(missing(pcm, direction, named.length > 0), {
      source: topology.source,
      remedy: `There are: ${listPcms(topology)}`,
    });
  }
  return pipelines === undefined
    ? (streams[0] as StreamChoice)
    : throughPipelines(topology, streams, pipelines);
}

/** The first stream all of whose pipelines are wanted, else the first that has one of them. */
function throughPipelines(
  topology: Topology,
  streams: readonly StreamChoice[],
  wanted: readonly number[],
): StreamChoice {
  const graph = new TopologyGraph(topology);
  const { source } = topology;
  const unknown = wanted.filter((id) => graph.pipeline(id) === undefined);
  if (unknown.length > 0) {
    const ids = topology.pipelines.map(({ id }) => id).join(", ");
    throw new InputError(`no pipeline ${unknown.join(", ")}`, {
      source,
      remedy: `There are: ${ids}`,
    });
  }
  const idsOf = ({ pcm, direction }: StreamChoice): number[] =>
    (graph.path(pcm, direction)?.pipelines ?? []).map(({ id }) => id);
  const isWanted = (id: number): boolean => wanted.includes(id);
  const found =
    streams.find((stream) => idsOf(stream).every(isWanted)) ??
    streams.find((stream) => idsOf(stream).some(isWanted));
  if (found !== undefined) return found;
  const list = streams.map(
    (stream) => `${stream.pcm.name} ${stream.direction} through ${idsOf(stream).join(", ")}`,
  );
  throw new InputError(`no PCM runs through pipeline ${wanted.join(", ")}`, {
    source,
    remedy: `There are: ${list.join("; ")}`,
  });
}

/** `no PCM "Nope"`, `PCM "Mic" has no playback`, `no PCM with capture` */
function missing(
  pcm: string | undefined,
  direction: StreamDirection | undefined,
  named: boolean,
): string {
  if (pcm === undefined) return `no PCM${direction === undefined ? "" : ` with ${direction}`}`;
  return named ? `PCM "${pcm}" has no ${direction ?? "stream"}` : `no PCM "${pcm}"`;
}

/** `0 Music (playback), 2 Mic (capture)` */
function listPcms(topology: Topology): string {
  if (topology.pcms.length === 0) return "none";
  return topology.pcms
    .map(({ id, name, playback, capture }) => {
      const has = [playback && "playback", capture && "capture"].filter((entry) => entry !== null);
      return `${id} ${name} (${has.join(", ")})`;
    })
    .join(", ");
}
