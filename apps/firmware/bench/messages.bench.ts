import { gain } from "../test/payloads.js";
import { RawHost } from "../test/raw-host.js";
import { Id } from "../test/protocol/lab.js";
import {
  bind,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  largeGet,
  largeSet,
  type Message,
  setDx,
  setState,
  State,
  unbind,
} from "../test/protocol/messages.js";

const volume = gain(0x7fff_ffff).subarray(40);
const FW_CONFIG = 7;
const base: End = [0, 0];

interface Bench {
  readonly name: string;
  run(iterations: number): void;
  readonly unit: string;
  readonly perIteration: number;
}

/** Sends messages over and over; all have to succeed. */
function repeat(host: RawHost, ...messages: readonly Message[]): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      for (const [primary, extension, payload] of messages) {
        const status = host.status(primary, extension, payload);
        if (status !== 0) throw new Error(`0x${primary.toString(16)} got status ${status}`);
      }
    }
  };
}

function boot(): RawHost {
  const host = new RawHost();
  host.boot();
  return host;
}

/** Pipeline 0 with a gain. */
function withGain(core = 0): RawHost {
  const host = boot();
  if (core > 0) repeat(host, setDx(1 << core, 1 << core))(1);
  repeat(host, createPipeline(0, { core }))(1);
  repeat(host, initInstance([Id.GAIN, 0], 0, gain(0x7fff_ffff), { core }))(1);
  return host;
}

const a: End = [Id.GAIN, 0];
const b: End = [Id.GAIN, 1];
const life: readonly Message[] = [
  createPipeline(0),
  initInstance(a, 0, gain(0x7fff_ffff)),
  initInstance(b, 0, gain(0x7fff_ffff)),
  bind(a, b),
  setState(State.PAUSED, 0),
  setState(State.RESET, 0),
  unbind(a, b),
  deletePipeline(0),
];

/**
 * Messages through the whole path: doorbell registers, mailbox, interrupt, kernel and user IPC thread, module,
 * reply, and the host's acknowledgement.
 */
export const benches: readonly Bench[] = [
  {
    name: "message: set a volume",
    run: repeat(withGain(), largeSet(a, 0, volume)),
    unit: "message",
    perIteration: 1,
  },
  {
    name: "message: set a volume on core 1",
    run: repeat(withGain(1), largeSet(a, 0, volume)),
    unit: "message",
    perIteration: 1,
  },
  {
    name: "message: read the firmware's configuration",
    run: repeat(boot(), largeGet(base, FW_CONFIG, 4096, { final: false })),
    unit: "message",
    perIteration: 1,
  },
  {
    name: "messages: a pipeline's life",
    run: repeat(boot(), ...life),
    unit: "message",
    perIteration: life.length,
  },
];
