import { expect } from "vitest";
import { RecordingSink } from "../src/index.js";
import { machine, pattern } from "./harness.js";

interface LinkOptions {
  readonly rateHz?: number;
  readonly channels?: number;
  readonly periodUs?: number;
  readonly size?: number;
}

/** A playback link with its ring, a recorder at its far end, and the firmware's side by hand. */
export function playing(options: LinkOptions = {}) {
  const { rateHz = 48_000, channels = 2, periodUs = 1000, size = 1536 } = options;
  const box = machine("ptl");
  const { soc } = box;
  const memory = new Uint8Array(16_384);
  const gateway = soc.gateways.get("ssp", 0, "playback");
  const sink = new RecordingSink();
  gateway.sink = sink;
  expect(gateway.configure({ rateHz, channels, containerBytes: 4 })).toBe(0);
  const channel = soc.dma.linkOut.request(1);
  if (channel === null) throw new Error("no channel");
  expect(channel.configure({ memory, start: 256, size, gateway, periodUs })).toBe(0);
  const data = pattern(65_536);
  let sent = 0;
  /** Produces `bytes` as firmware does. */
  const produce = (bytes: number) => {
    for (let i = 0; i < bytes; i++) {
      memory[256 + ((channel.writeOffset - 256 + i) % size)] = data[sent + i] as number;
    }
    expect(channel.reload(bytes)).toBe(0);
    sent += bytes;
  };
  return { ...box, soc, memory, gateway, sink, channel, data, produce };
}
