import type { HostStreams } from "../../src/index.js";
import { copier } from "../payloads.js";
import { Id, type Lab } from "./lab.js";
import { bind, createPipeline, type End, initInstance, setState, State } from "./messages.js";

const FORMAT = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
const PERIOD = 384;
const RING = 64 * PERIOD;
const HDA_LINK_IN = 0x0900;
const HOST_IN = 0x0100;

/** A host stream with its ring; for playback the test says how far the application has got. */
export class HostRing {
  readonly stream: NonNullable<ReturnType<HostStreams["allocate"]>>;
  private filled = 0;

  constructor(lab: Lab, direction: "playback" | "capture") {
    const stream = lab.streams.allocate(direction);
    if (stream === null) throw new Error("no host stream is left");
    this.stream = stream;
    stream.configure({ bufferBytes: RING, periodBytes: PERIOD, format: FORMAT });
    stream.setApplicationPosition(0);
  }

  /** The application writes so many more milliseconds of samples, all of one value. */
  feed(ms: number, value = 0x0100_0000): void {
    const bytes = new Uint8Array(new Int32Array(PERIOD / 4).fill(value).buffer);
    for (let i = 0; i < ms; i++) {
      this.stream.write(this.filled % RING, bytes);
      this.filled += PERIOD;
    }
    this.stream.setApplicationPosition(this.filled);
  }
}

/** Playback on host stream and link 0 (see {@link Lab.playback}) that runs, with the host's ring before it. */
export function play(lab: Lab): HostRing {
  const ring = new HostRing(lab, "playback");
  lab.playback(0);
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  ring.stream.start();
  return ring;
}

/** Capture in pipeline 1 from HD-A link 0 to host stream 0 that runs; the host's stream does not yet. */
export function record(lab: Lab): HostRing {
  const ring = new HostRing(lab, "capture");
  const [from, to]: [End, End] = [
    [Id.COPIER, 8],
    [Id.COPIER, 9],
  ];
  lab.ok(
    createPipeline(1),
    initInstance(from, 1, copier(HDA_LINK_IN, 2 * PERIOD)),
    initInstance(to, 1, copier(HOST_IN, 2 * PERIOD)),
    bind(from, to),
    setState(State.PAUSED, 1),
    setState(State.RUNNING, 1),
  );
  return ring;
}
