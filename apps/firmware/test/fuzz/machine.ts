import { formatViolation } from "@sof-ts/explorer";
import type { Random } from "@sof-ts/kit";
import type { FirmwareOptions } from "../../src/index.js";
import { initShapes } from "../init-payloads.js";
import { keys, makeLibrary, sendLibrary } from "../library.js";
import { Id, Lab } from "../protocol/lab.js";
import * as message from "../protocol/messages.js";
import { NumberedStream } from "../stream.js";
import { MessageGenerator } from "./generator.js";
import type { FuzzModule } from "./payloads.js";
import { isForProtected, type Protected } from "./protection.js";

const { RESET, PAUSED } = message.State;
const REPLY = 1 << 29;
const STREAM_CORES = [0, 1];
const STREAM_CORE_MASK = 3;
/** The last links that a platform has; Tiger Lake has the fewest. */
const firstStream = (platform: string): number => (platform === "tgl" ? 2 : 6);
/** Host streams and links of the fuzzer's are below those of the steady streams. */
const CHAIN_IDS = 32;
const NO_CHANNEL = 31;
const CYCLES_PER_MS = 400_000;
const FEED_CYCLES = 20 * CYCLES_PER_MS;
/** Milliseconds before the first frame of a stream is heard. */
const START_MS = 12;

/** The firmware under fuzz. */
export interface FuzzFirmware extends FirmwareOptions {
  /** A library with an isolated module is loaded, and again after each round. */
  readonly library?: boolean;
  /** While a message is carried out, an allocation that the message decides on fails, of any memory. */
  readonly shortOfMemory?: boolean;
}

/** Most allocations are of the first. */
const MEMORIES = ["heap", "objects", "heap", "regions", "heap", "objects", "libraries"] as const;
/** The last allocation of a message that is asked to fail; most make fewer. */
const ALLOCATIONS = 5;

const LIBRARY_ID = 1;

/** A booted firmware with a stream on each of two cores that nothing may disturb. */
export class FuzzMachine {
  readonly lab: Lab;
  private shortages = 0;
  private readonly shortOfMemory: boolean;
  private readonly steady: readonly NumberedStream[];
  private readonly guarded: Protected;
  private readonly clean: string;
  private readonly startedAt: number;
  private fedAt = 0;
  private readonly modules: readonly FuzzModule[];
  /** Ids of the library's modules; empty without one. */
  private readonly libraryModules: readonly number[];

  constructor({ library = false, shortOfMemory = false, ...options }: FuzzFirmware = {}) {
    this.shortOfMemory = shortOfMemory;
    const lab = new Lab({ ...options, ...(library ? { libraryKeys: keys } : {}) });
    this.lab = lab;
    lab.cores(1);
    const builtIn = new Set(moduleIds(lab));
    if (library) this.load();
    this.libraryModules = moduleIds(lab).filter((id) => !builtIn.has(id));
    this.modules = learnModules(lab);
    const first = firstStream(lab.firmware.config.platform);
    this.steady = STREAM_CORES.map(
      (core) => new NumberedStream(lab.host, lab.streams, first + core, core),
    );
    for (const stream of this.steady) {
      stream.create();
      stream.start();
    }
    this.startedAt = lab.firmware.kernel.now;
    lab.host.whileWaiting = () => this.feed();
    lab.run(5);
    // What they hold is given back when the host takes them.
    lab.notifications();
    const { graph } = lab.firmware;
    this.guarded = {
      pipelines: new Set(graph.pipelines.map(({ id }) => id)),
      components: new Set(graph.components.map(({ id }) => id)),
    };
    this.unload();
    this.clean = JSON.stringify(lab.firmware.resources);
    this.reload();
  }

  /** Whether a pipeline runs that is not one of the steady streams'. */
  get running(): boolean {
    return this.lab.firmware.graph.pipelines.some(
      ({ id, state }) => state === "active" && !this.guarded.pipelines.has(id),
    );
  }

  /** Makes messages for the firmware as it is when they are made. */
  generator(random: Random): MessageGenerator {
    const { graph } = this.lab.firmware;
    return new MessageGenerator(random, () => ({
      modules: this.modules,
      pipelines: graph.pipelines
        .map(({ id }) => id)
        .filter((id) => !this.guarded.pipelines.has(id)),
      components: graph.components
        .map(({ id }) => id)
        .filter((id) => !this.guarded.components.has(id))
        .map(endOf),
      connections: graph.components
        .filter(({ id }) => !this.guarded.components.has(id))
        .flatMap(({ id, sinks }) =>
          sinks.flatMap(({ sink, sourceQueue, sinkQueue }) =>
            sink === null
              ? []
              : [
                  [
                    withQueue(endOf(id), sourceQueue),
                    withQueue(endOf(sink.id), sinkQueue),
                  ] as const,
                ],
          ),
        ),
    }));
  }

  /** Sends a message, unless it is for what is protected. @returns status of the reply; null without one */
  send(sent: message.Message): number | null {
    if (isForProtected(sent, this.guarded)) return null;
    if (this.lab.firmware.kernel.now - this.fedAt > FEED_CYCLES) this.feed();
    const [primary, extension, payload] = sent;
    if ((primary & REPLY) === 0)
      return this.shortOfMemory ? this.sendShort(sent) : this.lab.status(sent);
    this.lab.host.post(primary, extension, payload);
    return null;
  }

  /**
   * Puts everything away that messages have left, by messages.
   *
   * @throws Error when something stays, or when a steady stream was disturbed
   */
  cleanUp(): void {
    const { lab, guarded } = this;
    const { graph } = lab.firmware;
    const pipelines = () =>
      graph.pipelines.map(({ id }) => id).filter((id) => !guarded.pipelines.has(id));
    for (const state of [PAUSED, RESET])
      for (const id of pipelines()) lab.status(message.setState(state, id));
    for (const id of pipelines()) lab.status(message.deletePipeline(id));
    for (const { id } of graph.components.slice()) {
      if (!guarded.components.has(id)) lab.status(message.deleteInstance(endOf(id)));
    }
    for (let id = 0; id < CHAIN_IDS; id++) lab.status(message.chainDma(id, 0));
    // Messages may have unloaded it already.
    this.unload();
    // A channel that was prepared for a library is given back when another is asked for.
    lab.status(message.loadLibraryPrepare(NO_CHANNEL));
    lab.status(message.setDx((1 << lab.firmware.platform.coreCount) - 1 - STREAM_CORE_MASK, 0));
    lab.run(3);
    lab.notifications();
    this.check();
    this.reload();
  }

  private load(): void {
    const { lab } = this;
    const [prepared, loaded] = sendLibrary(lab, makeLibrary(), LIBRARY_ID);
    if (prepared !== 0 || loaded !== 0)
      throw new Error(`the library got ${prepared} and ${loaded}`);
    lab.status(message.loadLibraryPrepare(NO_CHANNEL));
  }

  private unload(): void {
    if (this.libraryModules.length > 0) this.lab.status(message.unloadModules(this.libraryModules));
  }

  private reload(): void {
    if (this.libraryModules.length > 0) this.load();
  }

  /** Sends a message that finds one memory short. By the message alone, so that a sequence can be cut down. */
  private sendShort(sent: message.Message): number {
    const hash = Math.imul(sent[0] ^ Math.imul(sent[1], 0x9e37_79b1), 0x85eb_ca6b) >>> 8;
    const memory = MEMORIES[hash % MEMORIES.length] ?? "heap";
    const failures = this.lab.firmware.failures[memory];
    failures.failAfter((hash >> 4) % ALLOCATIONS);
    const status = this.lab.status(sent);
    if (!failures.failurePending) this.shortages++;
    failures.failAfter(Number.POSITIVE_INFINITY);
    return status;
  }

  /** Allocations that have failed since the last call. */
  takeShortages(): number {
    const { shortages } = this;
    this.shortages = 0;
    return shortages;
  }

  private feed(): void {
    this.fedAt = this.lab.firmware.kernel.now;
    for (const stream of this.steady) stream.feed();
  }

  /** @throws Error when something is not as it was in the beginning */
  private check(): void {
    const { lab, clean, steady } = this;
    const now = JSON.stringify(lab.firmware.resources);
    if (now !== clean) {
      const left = lab.firmware.graph.components
        .filter(({ id }) => !this.guarded.components.has(id))
        .map(({ id, state }) => `${id.toString(16)} ${state}`);
      const pipes = lab.firmware.graph.pipelines.map(({ id, state }) => `${id} ${state}`);
      throw new Error(`left behind ${now}, not ${clean}; ${left.join(", ")}; ${pipes.join(", ")}`);
    }
    const { count } = lab.firmware.moduleFaults;
    if (count > 0) throw new Error(`modules of the image threw ${count} times`);
    const violations = lab.firmware.checks?.violations ?? [];
    if (violations.length > 0) throw new Error(violations.map(formatViolation).join("\n"));
    for (const stream of steady) {
      const [fault] = stream.faults;
      if (fault !== undefined) throw new Error(`the stream on core ${stream.core}: ${fault}`);
      const expected =
        (48 * (lab.firmware.kernel.now - this.startedAt)) / CYCLES_PER_MS - 48 * START_MS;
      if (stream.framesHeard < expected)
        throw new Error(`the stream on core ${stream.core} stopped: ${stream.framesHeard} frames`);
    }
  }
}

const endOf = (id: number): message.End => [id & 0xffff, id >>> 16];
const withQueue = ([module, instance]: message.End, queue: number): message.End => [
  module,
  instance,
  queue,
];

const moduleIds = (lab: Lab): number[] =>
  lab.firmware.directory.entries().map(({ moduleId }) => moduleId);

/** An init block that each module takes. */
function learnModules(lab: Lab): FuzzModule[] {
  return lab.firmware.directory.entries().flatMap(({ moduleId: id }) => {
    const block = initShapes.find((payload) => {
      const end: message.End = [id, 0];
      if (lab.status(message.initInstance(end, 0xff, payload)) !== 0) return false;
      lab.ok(message.deleteInstance(end));
      return true;
    });
    return block === undefined ? [] : [{ id, isCopier: id === Id.COPIER, block }];
  });
}
