import { nodeImageCrypto } from "@sof-ts/firmware-image";
import { expect } from "vitest";
import { wasm as clipper } from "../../../packages/wasm-sandbox/test/generated/clipper.js";
import { wasm as curves } from "../../../packages/wasm-sandbox/test/generated/curves.js";
import type { FirmwareConfig } from "../src/index.js";
import { FirmwareErrors } from "./firmware-errors.js";
import { libraryOf, sendLibrary, signer } from "./library.js";
import { base40, Lab } from "./protocol/lab.js";
import {
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  type Message,
  unloadModules,
} from "./protocol/messages.js";
import { NumberedStream } from "./stream.js";

export const rsa = nodeImageCrypto();
export const retired = rsa.signer(rsa.generateKey(), "2023");
const keys = { trusted: [signer.key], retired: [retired.key] };

export const SUCCESS = 0;

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
export const uuid = (n: number): string =>
  `0d8e4f39-6a0b-4d55-9d5b-${n.toString(16).padStart(12, "0")}`;
/** Code of an effect that calls functions of the other library. */
export const clipperCode = bytes(clipper);
export const EFFECT = 0x1000;
/** Three blocks of code and data of every kind, and functions from another library. */
export const image = libraryOf("EFFECT", [
  {
    text: clipperCode,
    rodata: new Uint8Array(50_000).fill(7),
    data: new Uint8Array(100),
    bssBytes: 5000,
    cold: new Uint8Array(100),
    coldRodata: new Uint8Array(100),
    modules: [{ name: "CLIPPER", uuid: uuid(1), maxInstances: 2 }],
  },
]);
export const MATHS = 0x2000;
export const maths = libraryOf("MATHS", [
  {
    text: bytes(curves),
    auxiliary: true,
    exports: ["clip_block", "limit_of", "spin"],
    modules: [{ name: "CURVES", uuid: uuid(2), maxInstances: 0 }],
  },
]);

/** A firmware in which a stream plays while libraries come and go. */
export class LibraryBench {
  readonly lab: Lab;
  readonly steady: NumberedStream;
  readonly errors: FirmwareErrors;

  constructor(config: Partial<FirmwareConfig> = {}) {
    this.lab = new Lab({ config, libraryKeys: keys });
    this.steady = new NumberedStream(this.lab.host, this.lab.streams, 7, 0);
    this.lab.host.whileWaiting = () => this.steady.feed();
    this.steady.create();
    this.steady.start();
    this.errors = new FirmwareErrors(this.lab);
  }

  /** What is in use, of any kind. */
  get use() {
    const { firmware } = this.lab;
    const ll = [...firmware.kernel.threads].filter(({ name }) => name.startsWith("ll_"));
    return {
      ...firmware.resources,
      ...firmware.libraryManager?.use,
      partitions: ll.map(({ domain }) => domain?.partitions.filter((each) => each !== null).length),
      hostStreams: this.lab.streams.inUse,
    };
  }

  /** Sends a library. @returns statuses of LOAD_LIBRARY_PREPARE and LOAD_LIBRARY */
  send(file: Uint8Array, id = 1, stopAfter?: number): readonly [number, number] {
    this.steady.feed();
    const statuses = sendLibrary(this.lab, file, id, stopAfter);
    this.steady.feed();
    return statuses;
  }

  status(message: Message): number {
    this.steady.feed();
    return this.lab.status(message);
  }
}

/** Whatever was tried left nothing, and a library can be loaded, used and unloaded. */
export function isWellAfter(bench: LibraryBench, attempt: () => void): void {
  const before = bench.use;
  attempt();
  expect(bench.use).toEqual(before);
  works(bench);
  expect(bench.use).toEqual(before);
}

/** Loads, uses and unloads a library and another that it calls. */
export function works(bench: LibraryBench): void {
  const end: End = [EFFECT, 0];
  for (const [file, id] of [
    [image, 1],
    [maths, 2],
  ] as const) {
    expect(bench.send(file, id)).toEqual([SUCCESS, SUCCESS]);
  }
  for (const message of [
    createPipeline(0),
    initInstance(end, 0, base40),
    deleteInstance(end),
    deletePipeline(0),
    unloadModules([EFFECT, MATHS]),
  ]) {
    expect(bench.status(message)).toBe(SUCCESS);
  }
  bench.errors.take();
}
