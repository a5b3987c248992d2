import { describe, expect, it } from "vitest";
import { wasm } from "../../../packages/wasm-sandbox/test/generated/mid-side.js";
import type { FirmwareConfig } from "../src/index.js";
import { loudNoise } from "./effect-stream.js";
import { keys, makeLibrary, sendLibrary } from "./library.js";
import { base, copier, words } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  configGet,
  configSet,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  setStates,
  State,
  unbind,
  unloadModules,
} from "./protocol/messages.js";

const code = new Uint8Array(Buffer.from(wasm, "base64"));
const image = makeLibrary({ name: "MIDSIDE", module: "MIDSIDE", code });
const MODULE = 0x1000;
const HDA_LINK_OUT = 0x0800;
const PERIOD = 384;
const FRAMES = 2400;
/** Event that the module tells of. */
const EVENT = 0x1234;

/** Where the module runs, and what its init says of it. */
interface Place {
  readonly config?: Partial<FirmwareConfig>;
  readonly dataProcessing?: boolean;
  readonly blockBytes?: number;
  readonly core?: number;
  readonly platform?: FirmwareConfig["platform"];
}
const tenMs = { dataProcessing: true, blockBytes: 3840 };
const places: Readonly<Record<string, Place>> = {
  "called directly in the LL tick": { config: { CONFIG_SOF_USERSPACE_PROXY: false } },
  "in the LL tick, behind the proxy": {},
  "in kernel LL": { config: { locking: "kernel-ll" } },
  "on another core": { core: 1 },
  "in a thread of its own": tenMs,
  "in a thread of its own that carries out its operations": {
    ...tenMs,
    config: { CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: true },
  },
};

/** Two host streams into the two sources of a module, whose two sinks are heard at two links. */
class MidSide {
  readonly lab: Lab;
  readonly module: End = [MODULE, 0];
  readonly heard: readonly number[][] = [[], []];
  readonly inputs = [loudNoise(FRAMES), loudNoise(2 * FRAMES).subarray(2 * FRAMES)] as const;
  private readonly streams: readonly { start(): void; stop(): void; release(): void }[];
  private readonly ends: readonly End[] = [0, 1, 2, 3].map((instance) => [Id.COPIER, instance]);

  constructor(place: Place) {
    const { config = {}, core = 0, dataProcessing = false, blockBytes = PERIOD } = place;
    this.lab = new Lab({ config, libraryKeys: keys });
    const { lab, module, ends } = this;
    if (core !== 0) lab.cores(core);
    expectEqual(sendLibrary(lab, image, 1), [0, 0]);
    const streams = this.inputs.map((samples) => {
      const stream = lab.streams.allocate("playback");
      if (stream === null) throw new Error("no host stream is left");
      const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
      stream.configure({ bufferBytes: samples.byteLength, periodBytes: PERIOD, format });
      stream.write(0, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      stream.setApplicationPosition(samples.byteLength);
      return stream;
    });
    this.streams = streams;
    for (const [id, heard] of this.heard.entries()) {
      const sink = lab.firmware.soc.gateways.get("hda", id, "playback");
      sink.sink = {
        write: (bytes, offset, length) => {
          const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
          for (let at = 0; at < length; at += 4) heard.push(view.getInt32(at, true));
        },
      };
    }
    const payload = words([0, blockBytes, blockBytes, 0, ...base.slice(4)]);
    const nodes = [
      ...streams.map(({ tag }) => tag - 1),
      ...this.heard.map((_, id) => HDA_LINK_OUT | id),
    ];
    lab.ok(
      ...[0, 1, 2].map((id) => createPipeline(id, { core })),
      initInstance(module, 0, payload, { core, dataProcessing }),
      // The second stream comes from a pipeline of its own, and the second sink is in another.
      ...[0, 1, 0, 2].map((pipeline, i) =>
        initInstance(ends[i] as End, pipeline, copier(nodes[i] as number, 2 * PERIOD), { core }),
      ),
    );
  }

  /** The four connections; each end of the module with its queue. */
  get connections(): readonly (readonly [End, End])[] {
    const [a, b, mid, side] = this.ends as readonly [End, End, End, End];
    const queue = (id: number): End => [MODULE, 0, id];
    return [
      [a, queue(0)],
      [b, queue(1)],
      [queue(0), mid],
      [queue(1), side],
    ];
  }

  /** @param order of the connections as they are made */
  connect(order: readonly number[] = [0, 1, 2, 3]): void {
    const all = this.connections;
    for (const index of order) {
      const [from, to] = all[index] as readonly [End, End];
      this.lab.ok(bind(from, to));
    }
  }

  start(): void {
    this.lab.ok(setStates(State.PAUSED, 0, 1, 2), setStates(State.RUNNING, 0, 1, 2));
    for (const stream of this.streams) stream.start();
  }

  /** Stops, and takes everything apart. */
  end(): void {
    const { lab, streams } = this;
    lab.ok(setStates(State.PAUSED, 0, 1, 2), setStates(State.RESET, 0, 1, 2));
    for (const stream of streams) stream.stop();
    lab.ok(
      ...this.connections.map(([from, to]) => unbind(from, to)),
      ...[1, 2, 0].map(deletePipeline),
    );
    for (const stream of streams) stream.release();
  }

  /** What a sink had from the first frame that is not silent on. */
  audio(sink: number): number[] {
    const heard = this.heard[sink] as number[];
    const first = heard.findIndex((sample) => sample !== 0);
    return heard.slice(first - (first % 2));
  }
}

function expectEqual(values: readonly number[], wanted: readonly number[]): void {
  if (values.join() !== wanted.join()) throw new Error(`${values.join()} is not ${wanted.join()}`);
}

describe.each(Object.entries(places))(
  "an isolated module of two sources and two sinks, %s,",
  (_name, place) => {
    it.each([
      ["in the order of its queues", [0, 1, 2, 3]],
      ["in another order", [3, 1, 2, 0]],
    ])("has each stream at the queue that it was bound to, %s", (_order, order) => {
      const graph = new MidSide(place);
      const { lab, inputs } = graph;
      const before = lab.firmware.resources;
      graph.connect(order);
      graph.start();
      lab.run(80);
      const [a, b] = inputs;
      const frames = Math.min(graph.audio(0).length, graph.audio(1).length, 2 * 2000);
      expect(frames).toBe(4000);
      const mid = Array.from({ length: frames }, (_, i) => ((a[i]! >> 1) + (b[i]! >> 1)) | 0);
      const side = Array.from({ length: frames }, (_, i) => ((a[i]! >> 1) - (b[i]! >> 1)) | 0);
      expect(graph.audio(0).slice(0, frames)).toEqual(mid);
      expect(graph.audio(1).slice(0, frames)).toEqual(side);
      graph.end();
      expect(before.components).toBe(5);
      expect(lab.firmware.resources.components).toBe(0);
      expect(lab.status(unloadModules([MODULE]))).toBe(0);
    });

    it("does not play with a third of either, nor with two at one queue", () => {
      for (const queue of [2, 0]) {
        const graph = new MidSide(place);
        const { lab } = graph;
        graph.connect();
        const other = lab.scripted(0, 0, place.core ?? 0);
        // As with other modules, connections are counted when the stream is prepared.
        lab.status(bind(other, [MODULE, 0, queue]));
        lab.ok(setStates(State.PAUSED, 0, 1, 2));
        expect(lab.status(setStates(State.RUNNING, 0, 1, 2))).not.toBe(0);
        lab.ok(...[1, 2, 0].map(deletePipeline));
        expect(lab.firmware.resources.components).toBe(0);
      }
    });

    it("delays by the latency that it tells", () => {
      const graph = new MidSide(place);
      const { lab, inputs, module } = graph;
      graph.connect();
      lab.ok(configSet(module, 0, 100));
      graph.start();
      const id = (module[1] << 16) | module[0];
      expect(lab.firmware.graph.component(id)?.module.latencyFrames).toBe(100);
      lab.run(80);
      const [a, b] = inputs;
      const expected = ((a[0] as number) >> 1) + ((b[0] as number) >> 1);
      expect(graph.audio(0)[0]).toBe(expected | 0);
      graph.end();
    });

    it("tells the host what it has to tell, in bounds", () => {
      const graph = new MidSide(place);
      const { lab, module } = graph;
      graph.connect();
      const events = () =>
        lab.notifications().flatMap(({ payload }) => {
          const view = new DataView(payload.buffer, payload.byteOffset);
          const [moduleId, instance] = [view.getUint16(2, true), view.getUint16(0, true)];
          const from = view.getUint32(0, true);
          const [event, bytes] = [view.getUint32(4, true), view.getUint32(8, true)];
          return event === EVENT
            ? [{ from, moduleId, instance, bytes, number: view.getUint32(12, true) }]
            : [];
        });
      // Nothing of init, where the host does not know it yet.
      expect(events()).toEqual([]);
      lab.ok(configSet(module, 2, 1024));
      expect(events()).toMatchObject([{ bytes: 1024 }]);
      lab.ok(configSet(module, 2, 2000));
      expect(events()).toEqual([]);
      expect(lab.send(configGet(module, 1)).extension & 0xffff).toBe(22);
      graph.start();
      lab.ok(configSet(module, 1, 20));
      lab.run(30);
      expect(events()).toMatchObject(
        [0, 1, 2, 3, 4, 5, 6, 7].map((number) => ({ bytes: 4, number })),
      );
      lab.run(30);
      expect(events()).toEqual([]);
      graph.end();
      expect(events()).toEqual([]);
    });

    it("that tells of what it does not have ends alone", () => {
      const graph = new MidSide(place);
      const { lab, module } = graph;
      graph.connect();
      expect(lab.status(configSet(module, 3, 0))).not.toBe(0);
      expect(lab.status(configSet(module, 2, 4))).not.toBe(0);
      lab.ok(...[1, 2, 0].map(deletePipeline));
      expect(lab.firmware.resources.components).toBe(0);
      expect(lab.firmware.kernel.halted).toBeNull();
    });
  },
);
