import { describe, expect, it } from "vitest";
import { type LinkGateway, PlayingSource, platformNames, RecordingSink } from "./index.js";
import { MS, machine, pattern } from "../test/harness.js";

/** Frames of one millisecond at 48 kHz, in bytes, for two channels of 32 bits. */
const PERIOD = 48 * 8;
const RING = 3 * PERIOD;

/** One gateway of each kind and direction of a platform, the last of its kind. */
function gatewaysOf(name: string): {
  kind: LinkGateway["description"]["kind"];
  index: number;
  direction: "playback" | "capture";
}[] {
  const last = new Map<string, LinkGateway["description"]>();
  for (const { description } of machine(name).soc.gateways.all)
    last.set(`${description.kind} ${description.direction}`, description);
  return [...last.values()];
}

const all = platformNames.flatMap((name) =>
  gatewaysOf(name).map((gateway) => ({ name, ...gateway })),
);

/** A gateway with the DMA channel that serves it, by the platform's description. */
function setup({ name, kind, index, direction }: (typeof all)[number]) {
  const box = machine(name);
  const { dma, gateways, platform } = box.soc;
  const gateway = gateways.get(kind, index, direction);
  expect(gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 })).toBe(0);
  const hda = direction === "playback" ? dma.linkOut : dma.linkIn;
  const controller = kind === "hda" || platform.daiDma === "hdaLink" ? hda : dma.gpdma[0];
  const channel = controller?.request(kind === "hda" ? index : -1);
  if (!channel) throw new Error("no channel");
  const memory = new Uint8Array(RING + 256);
  expect(channel.configure({ memory, start: 128, size: RING, gateway, periodUs: 1000 })).toBe(0);
  return { ...box, gateway, channel, memory };
}

describe.each(all.filter(({ direction }) => direction === "playback"))(
  "the $kind$index $direction gateway of $name",
  (place) => {
    it("plays its ring round and round in order, with position, link position and wall clock", () => {
      const { pass, gateway, channel, memory } = setup(place);
      const data = pattern(20 * PERIOD);
      const sink = new RecordingSink();
      gateway.sink = sink;
      let written = 0;
      const fill = (bytes: number) => {
        for (let i = 0; i < bytes; i++)
          memory[128 + ((written + i) % RING)] = data[written + i] as number;
        written += bytes;
        expect(channel.reload(bytes)).toBe(0);
      };
      fill(2 * PERIOD);
      channel.start();
      gateway.start();
      for (let tick = 1; tick <= 17; tick++) {
        pass(MS);
        expect(channel.status()).toBe(0);
        expect([channel.available, channel.free]).toEqual([PERIOD, 2 * PERIOD]);
        expect(channel.readOffset).toBe(128 + ((tick * PERIOD) % RING));
        fill(PERIOD);
        channel.readPosition();
        expect([channel.linkPosition, channel.linkPositionWallClock]).toEqual([
          tick * PERIOD,
          tick * 38_400,
        ]);
      }
      expect(sink.recorded()).toEqual(data.subarray(0, 17 * PERIOD));
      expect([channel.xruns, channel.position]).toEqual([0, 17 * PERIOD]);
    });

    it("runs dry once for each time that it does, and goes on", () => {
      const { pass, gateway, channel, memory } = setup(place);
      memory.fill(0x5a);
      channel.start();
      gateway.start();
      channel.reload(PERIOD);
      pass(2 * MS);
      expect([channel.status(), channel.status(), channel.xruns]).toEqual([-32, 0, 1]);
      expect([channel.free, channel.lostBytes, channel.position]).toEqual([RING, PERIOD, PERIOD]);
      channel.reload(2 * PERIOD);
      pass(2 * MS);
      expect([channel.status(), channel.position]).toEqual([0, 3 * PERIOD]);
      pass(MS);
      expect([channel.status(), channel.xruns]).toEqual([-32, 2]);
    });
  },
);

describe.each(all.filter(({ direction }) => direction === "capture"))(
  "the $kind$index $direction gateway of $name",
  (place) => {
    it("records into its ring round and round in order, with position, link position and wall clock", () => {
      const { pass, gateway, channel, memory } = setup(place);
      const data = pattern(20 * PERIOD);
      gateway.source = new PlayingSource(data);
      channel.start();
      gateway.start();
      const got: number[] = [];
      for (let tick = 1; tick <= 17; tick++) {
        pass(MS);
        expect(channel.status()).toBe(0);
        expect([channel.available, channel.free]).toEqual([PERIOD, 2 * PERIOD]);
        for (let i = 0; i < PERIOD; i++)
          got.push(memory[128 + ((channel.readOffset - 128 + i) % RING)] as number);
        expect(channel.reload(PERIOD)).toBe(0);
        channel.readPosition();
        expect([channel.linkPosition, channel.linkPositionWallClock]).toEqual([
          tick * PERIOD,
          tick * 38_400,
        ]);
      }
      expect(Uint8Array.from(got)).toEqual(data.subarray(0, 17 * PERIOD));
      expect([channel.xruns, channel.position]).toEqual([0, 17 * PERIOD]);
    });

    it("overruns once for each time that it does, and goes on", () => {
      const { pass, gateway, channel } = setup(place);
      gateway.source = new PlayingSource(pattern(20 * PERIOD));
      channel.start();
      gateway.start();
      pass(4 * MS);
      expect([channel.status(), channel.status(), channel.xruns]).toEqual([-32, 0, 1]);
      expect([channel.available, channel.lostBytes, channel.position]).toEqual([
        RING,
        PERIOD,
        RING,
      ]);
      channel.reload(2 * PERIOD);
      pass(2 * MS);
      expect([channel.status(), channel.position]).toEqual([0, RING + 2 * PERIOD]);
      pass(MS);
      expect([channel.status(), channel.xruns]).toEqual([-32, 2]);
    });
  },
);

describe.each(all)(
  "the $kind$index $direction gateway of $name",
  ({ name, kind, index, direction }) => {
    it("takes the formats of its kind and no other", () => {
      const { soc } = machine(name);
      const gateway = soc.gateways.get(kind, index, direction);
      const most = kind === "hda" ? 16 : 8;
      const format = { rateHz: 48_000, channels: most, containerBytes: 4 };
      expect(gateway.configure(format)).toBe(0);
      expect(gateway.configure({ ...format, channels: most + 1 })).toBe(-22);
      expect(gateway.configure({ ...format, containerBytes: 3 })).toBe(-22);
      expect(gateway.configure({ ...format, rateHz: 0 })).toBe(-22);
      gateway.start();
      expect(gateway.configure(format)).toBe(-16);
    });
  },
);
