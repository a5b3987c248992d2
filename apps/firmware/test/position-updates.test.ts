import { ResourceEventType, resourceEvent, streamPosition } from "@sof-ts/ipc4";
import { describe, expect, it } from "vitest";
import { HostStreams } from "../src/index.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run, setCore } from "./stream.js";

const FRAME = 8;

/** Plays two streams on two cores; returns the positions that the host was told of. */
function play(config: ConstructorParameters<typeof RawHost>[0]) {
  const host = new RawHost(config);
  host.boot();
  setCore(host, 1, true);
  const streams = new HostStreams(host.firmware.soc);
  const playing = [0, 1].map((id) => new NumberedStream(host, streams, id, id));
  for (const stream of playing) {
    stream.create();
    stream.start();
  }
  const places = host.firmware.graph.pipelines.map(({ positionPlace }) => positionPlace);
  for (let ms = 0; ms < 60; ms += 5) {
    run(host, 5, playing);
    // A message takes the notifications that wait before it.
    host.status(0x1300_0000 | (99 << 16), 0);
  }
  const heard = playing.map(({ framesHeard }) => framesHeard);
  for (const stream of playing) {
    expect(stream.faults).toEqual([]);
    stream.stop();
    stream.destroy();
  }
  const told = host.notifications.map(({ payload }) => {
    const { eventType, resourceId, eventData } = resourceEvent.decode(payload.subarray(0, 40));
    expect(eventType).toBe(ResourceEventType.STREAM_DATA_SEGMENT);
    return { nodeId: resourceId, ...streamPosition.decode(eventData) };
  });
  return { host, told, heard, places };
}

describe.each(strategies)("position updates of the host's DMA with %s", (locking) => {
  it("are off unless asked for", () => {
    expect(play({ config: { locking } }).told).toEqual([]);
  });

  it("tell the host every 10 ms how far each of its streams has come, when asked for", () => {
    const config = { locking, CONFIG_HOST_DMA_IPC_POSITION_UPDATES: true };
    const { told, heard, host } = play({ config, checked: true });
    for (const nodeId of [0, 1]) {
      const own = told.filter((each) => each.nodeId === nodeId);
      expect(own.length).toBeGreaterThanOrEqual(5);
      expect(own.map(({ hostBytes }) => Number(hostBytes))).toEqual(
        own.map((_, i) => (i + 1) * 480 * FRAME),
      );
      const last = own.at(-1);
      expect(Number(last?.linkBytes)).toBeGreaterThan(0);
      expect(Number(last?.linkBytes)).toBeLessThanOrEqual((heard[nodeId] ?? 0) * FRAME + 4 * 384);
      const clocks = own.map(({ wallClock }) => wallClock);
      expect(clocks.every((clock, i) => i === 0 || clock > (clocks[i - 1] as bigint))).toBe(true);
    }
    expect(host.firmware.checks?.violations).toEqual([]);
  });
});

describe("the table of pipeline positions", () => {
  it("has a place for each pipeline as long as it exists", () => {
    const { host, places } = play({});
    expect(places).toEqual([0, 1]);
    expect(host.firmware.positions?.taken).toBe(0);
  });

  it("is in the system user partition, for the user threads of LL and IPC and nobody else", () => {
    const { firmware } = play({}).host;
    const names = [...firmware.kernel.threads]
      .filter(({ domain }) => domain?.allows(0x5000_0000, 32 * 32, true) === true)
      .map(({ name }) => name);
    expect(names.sort()).toEqual(["ll_thread0", "ll_thread1", "ll_user0", "ll_user1"]);
    expect([...firmware.kernel.objects].map(({ name }) => name)).toContain("pipeline_posn");
  });

  it("keeps a position that waits for the host up to date instead of queuing another", () => {
    const host = new RawHost({ config: { CONFIG_HOST_DMA_IPC_POSITION_UPDATES: true } });
    host.boot();
    const stream = new NumberedStream(host, new HostStreams(host.firmware.soc), 0, 0);
    stream.create();
    stream.start();
    // The host takes nothing: the first is in the mailbox, one waits.
    run(host, 200, [stream]);
    expect(host.firmware.outbox.pending).toBe(1);
    expect(host.firmware.outbox.dropped).toBe(0);
    host.take();
    host.run(0.1);
    const waiting = host.take();
    const { eventData } = resourceEvent.decode(
      waiting?.payload.subarray(0, 40) ?? new Uint8Array(),
    );
    expect(streamPosition.decode(eventData).hostBytes).toBeGreaterThan(BigInt(180 * 48 * FRAME));
  });
});
