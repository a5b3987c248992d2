import { type Cycles, EventQueue } from "@sof-ts/kit";
import { describePlatform, RecordingSink, Soc } from "../src/index.js";

/** One period of 48 kHz stereo in 32-bit containers. */
const PERIOD = 384;
const MS = 400_000;

interface Bench {
  readonly name: string;
  /** Runs the measured step `iterations` times. */
  run(iterations: number): void;
}

const taken = { interrupts: 0 };

function makeSoc(): { soc: Soc; queue: EventQueue } {
  const queue = new EventQueue();
  const soc = new Soc({
    platform: describePlatform("ptl"),
    queue,
    interrupts: {
      raise(cpu) {
        taken.interrupts += cpu + 1;
      },
    },
  });
  return { soc, queue };
}

/** Discards what is played, to see the cost of the channel alone. */
const hole = {
  bytes: 0,
  write(_bytes: Uint8Array, _offset: number, length: number) {
    hole.bytes += length;
  },
};

function hostPath() {
  const { soc } = makeSoc();
  const memory = new Uint8Array(1 << 20);
  const buffer = soc.hostMemory.allocate(64 * PERIOD);
  const stream = soc.dma.playbackStreams[0];
  const channel = soc.dma.hostOut.request(0);
  if (stream === undefined || channel === null) throw new Error("no channel");
  stream.attach(soc.hostMemory, [
    { address: buffer.address, size: buffer.bytes.length, interruptOnCompletion: false },
  ]);
  channel.configure({ memory, start: 0, size: 2 * PERIOD });
  channel.start();
  stream.start();
  return channel;
}

function linkPath(record: boolean) {
  const { soc, queue } = makeSoc();
  const memory = new Uint8Array(1 << 20);
  const gateway = soc.gateways.get("hda", 0, "playback");
  const channel = soc.dma.linkOut.request(0);
  if (channel === null) throw new Error("no channel");
  const sink = new RecordingSink(1 << 24);
  gateway.sink = record ? sink : hole;
  gateway.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
  channel.configure({ memory, start: 4096, size: 4 * PERIOD, gateway, periodUs: 1000 });
  channel.start();
  gateway.start();
  channel.reload(PERIOD);
  return { channel, queue, sink };
}

const host = hostPath();
const link = linkPath(false);
const recorded = linkPath(true);
const ticking = makeSoc();
const core = ticking.soc.cores[0];
core?.powerUp(() => {
  ticking.soc.interrupts.enable(0, ticking.soc.platform.irq.timer);
  core.timer.start(1000);
});
ticking.queue.runNext();

export const benches: readonly Bench[] = [
  {
    name: "host DMA: status + reload of one period (384 bytes fetched)",
    run(iterations) {
      for (let i = 0; i < iterations; i++) {
        host.status();
        host.reload(PERIOD);
      }
    },
  },
  {
    name: "link DMA: status + reload of one period, far end discards",
    run(iterations) {
      for (let i = 0; i < iterations; i++) {
        link.queue.now = (link.queue.now + MS) as Cycles;
        link.channel.status();
        link.channel.reload(PERIOD);
      }
    },
  },
  {
    name: "link DMA: status + reload of one period, far end records",
    run(iterations) {
      for (let i = 0; i < iterations; i++) {
        if (recorded.sink.length > (1 << 24) - 2 * PERIOD) recorded.sink.length = 0;
        recorded.queue.now = (recorded.queue.now + MS) as Cycles;
        recorded.channel.status();
        recorded.channel.reload(PERIOD);
      }
    },
  },
  {
    name: "link DMA: status with nothing due",
    run(iterations) {
      for (let i = 0; i < iterations; i++) link.channel.status();
    },
  },
  {
    name: "system timer: one tick with its interrupt",
    run(iterations) {
      for (let i = 0; i < iterations; i++) ticking.queue.runNext();
    },
  },
];
