import { audioFormat, makeTopology, type Topology, TopologyBuilder } from "@sof-ts/topology";

/** Name of the PCM of stream `index`. */
export const pcmName = (index: number): string => `stream ${index}`;

/** Volumes in each pipeline, the rest being DC blockers: the firmware has a number of instances for each module. */
const MOST_GAINS = 2;

/**
 * A topology of streams that have nothing to do with one another: each a pipeline from a host copier through gains
 * and DC blockers to a copier at an HD-A link of its own.
 *
 * @param streams 8 at most
 * @param components of each pipeline, 2..8
 */
export function parallelStreams(streams: number, components: number): Topology {
  const format = audioFormat("S32_LE");
  const builder = new TopologyBuilder();
  for (let index = 0; index < streams; index++) {
    const name = pcmName(index);
    const link = `link ${index}`;
    const pipeline = builder.pipeline({ id: index + 1 });
    const direction = "playback";
    const host = pipeline.hostCopier({ direction, stream: name, pcm: index, format });
    const effects = Array.from({ length: components - 2 }, (_, i) =>
      i < MOST_GAINS ? pipeline.gain({ format }) : pipeline.module("dcblock", { format }),
    );
    const dai = pipeline.daiCopier({ direction, type: "HDA", link, format });
    builder
      .route(host, ...effects, dai)
      .pcm({ id: index, name, playback: { host, formats: ["S32_LE"] } })
      .link({ id: index, name: link, type: "HDA", index });
  }
  return makeTopology(builder.file());
}
