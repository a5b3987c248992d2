import { linuxVariant } from "@sof-ts/host";
import { parseTopology } from "@sof-ts/topology";
import { Machine } from "../../src/run/machine.js";
import type { LinkGateway } from "@sof-ts/soc";
import type { Path } from "./paths.js";

/** What a {@link PlayingPath} plays at a time, ms. */
export const STEP_MS = 50;
const FRAME_BYTES = 8;

/** A path that plays noise: the host writes, the whole firmware runs, the links' far ends take what comes. */
export class PlayingPath {
  /** Bytes that the first link carried, and the first of them that are not silence. */
  heardBytes = 0;
  readonly heard = new Uint8Array(1 << 14);
  private readonly machine: Machine;
  private readonly write: () => void;

  constructor(path: Path) {
    this.machine = new Machine({
      topology: parseTopology(path.topology(), path.name),
      platform: "mtl",
      host: { variant: { ...linuxVariant, initialControls: "bytes" } },
      farEnds: (request, gateway) => {
        if (request.link !== "Link 0") gateway.sink = { write: () => {} };
        else gateway.sink = { write: (bytes, at, len) => this.hear(gateway, bytes, at, len) };
      },
    });
    const { machine } = this;
    const stream = machine.driver.openPcm("Music", "playback");
    const { rate } = path;
    const stepBytes = Math.round((rate * STEP_MS) / 1000) * FRAME_BYTES;
    const bufferFrames = (stepBytes / FRAME_BYTES) * 4;
    machine.do(
      stream.hwParams({
        rate,
        channels: 2,
        format: "S32_LE",
        periodFrames: bufferFrames / 4,
        bufferFrames,
      }),
    );
    machine.do(stream.prepare());
    const step = noise(stepBytes);
    this.write = () => void stream.write(step);
    for (let i = 0; i < 3; i++) this.write();
    machine.do(stream.trigger("start"));
    for (let i = 0; i < 4; i++) this.play();
    if (this.heardBytes === 0 || this.heard.every((byte) => byte === 0)) {
      throw new Error(`${path.name} is silent`);
    }
  }

  /** Plays {@link STEP_MS} of sound. */
  play(): void {
    this.machine.wait(STEP_MS * 1000);
    this.write();
  }

  /** Looks at what comes until there is sound; a view for each period would cost more than the period. */
  private hear(gateway: LinkGateway, bytes: Uint8Array, offset: number, length: number): void {
    this.count(length);
    this.heard.set(bytes.subarray(offset, offset + length));
    if (this.heard.every((byte) => byte === 0)) return;
    gateway.sink = { write: (_bytes, _at, more) => this.count(more) };
  }

  private count(length: number): void {
    this.heardBytes += length;
  }
}

/** Noise of -18 dBFS peak, the same every time. */
function noise(byteCount: number): Uint8Array {
  let state = 12_345;
  const samples = Int32Array.from({ length: byteCount / 4 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >> 3;
  });
  return new Uint8Array(samples.buffer);
}
