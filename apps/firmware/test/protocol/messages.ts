import { words } from "../payloads.js";

/** Two words and a payload, as they go to the doorbell and the mailbox. Layouts are restated here. */
export type Message = readonly [primary: number, extension: number, payload?: Uint8Array];

/** Module, instance, queue. */
export type End = readonly [module: number, instance: number, queue?: number];

const GLOBAL = 0;
const MODULE = 0x4000_0000;

const message = (target: number, type: number, primary: number, extension = 0): number[] => [
  (target | (type << 24) | primary) >>> 0,
  extension >>> 0,
];

const global = (type: number, primary = 0, extension = 0, payload?: Uint8Array): Message => {
  const [a, b] = message(GLOBAL, type, primary, extension) as [number, number];
  return payload === undefined ? [a, b] : [a, b, payload];
};

const toModule = (
  type: number,
  [module, instance]: End,
  extension = 0,
  payload?: Uint8Array,
): Message => {
  const [a, b] = message(MODULE, type, (instance << 16) | module, extension) as [number, number];
  return payload === undefined ? [a, b] : [a, b, payload];
};

export interface PipelineOptions {
  readonly core?: number;
  readonly priority?: number;
  readonly pages?: number;
  readonly payload?: Uint8Array;
}

export const createPipeline = (id: number, options: PipelineOptions = {}): Message => {
  const { core = 0, priority = 0, pages = 1, payload } = options;
  const flag = payload === undefined ? 0 : 1 << 29;
  return global(17, pages | (priority << 11) | (id << 16), (core << 20) | flag, payload);
};

export const deletePipeline = (id: number): Message => global(18, id << 16);

export const State = { RESET: 2, PAUSED: 3, RUNNING: 4, EOS: 5 } as const;

/** One pipeline. */
export const setState = (state: number, id: number): Message => global(19, (id << 16) | state);

/** A list of pipelines. */
export const setStates = (state: number, ...ids: number[]): Message =>
  global(19, state, 1, words([ids.length, ...ids]));

export interface InitOptions {
  readonly core?: number;
  readonly dataProcessing?: boolean;
  readonly extended?: boolean;
  /** Length of the block in words, when it shall not be the payload's. */
  readonly blockWords?: number;
}

export const initInstance = (
  end: End,
  pipeline: number,
  payload: Uint8Array,
  options: InitOptions = {},
): Message => {
  const { core = 0, dataProcessing = false, extended = false } = options;
  const flags = (dataProcessing ? 1 << 28 : 0) | (extended ? 1 << 29 : 0);
  const blockWords = options.blockWords ?? payload.length / 4;
  return toModule(0, end, flags | (core << 24) | (pipeline << 16) | blockWords, payload);
};

export const configGet = (end: End, param: number, data = 0): Message =>
  toModule(1, end, (param << 16) | data);
export const configSet = (end: End, param: number, data: number): Message =>
  toModule(2, end, (param << 16) | data);

export interface BlockOptions {
  readonly init?: boolean;
  readonly final?: boolean;
}

const block = (param: number, size: number, { init = true, final = true }: BlockOptions): number =>
  (init ? 1 << 29 : 0) | (final ? 1 << 28 : 0) | (param << 20) | size;

/** @param size total of the value in the first block, offset of the fragment in later ones */
export const largeGet = (
  end: End,
  param: number,
  size: number,
  options: BlockOptions = {},
  payload?: Uint8Array,
): Message => toModule(3, end, block(param, size, options), payload);

/** @param size total of the value in the first block, offset of the fragment in later ones */
export const largeSet = (
  end: End,
  param: number,
  payload: Uint8Array,
  options: BlockOptions = {},
  size = payload.length,
): Message => toModule(4, end, block(param, size, options), payload);

const queues = (source: End, sink: End): number =>
  ((source[2] ?? 0) << 27) | ((sink[2] ?? 0) << 24) | (sink[1] << 16) | sink[0];

export const bind = (source: End, sink: End): Message => toModule(5, source, queues(source, sink));
export const unbind = (source: End, sink: End): Message =>
  toModule(6, source, queues(source, sink));
export const setDx = (coreMask: number, dxMask: number, end: End = [0, 0]): Message =>
  toModule(7, end, 0, words([coreMask, dxMask]));
export const setD0ix = (flags: number, end: End = [0, 0]): Message => toModule(8, end, flags);
export const deleteInstance = (end: End): Message => toModule(11, end);

export interface ChainOptions {
  readonly allocate?: boolean;
  readonly enable?: boolean;
  /** Bytes of two milliseconds. */
  readonly fifo?: number;
}

export const chainDma = (host: number, link: number, options: ChainOptions = {}): Message => {
  const { allocate = false, enable = false, fifo = 768 } = options;
  const flags = (allocate ? 1 << 16 : 0) | (enable ? 1 << 17 : 0);
  return global(14, flags | (link << 8) | host, fifo);
};

export const ipcGateway = (
  command: number,
  nodeId: number,
  size: number,
  data: Uint8Array = new Uint8Array(0),
): Message => {
  const payload = new Uint8Array(4 + data.length);
  payload.set(words([nodeId]));
  payload.set(data, 4);
  return global(2, command, size, payload);
};

export const loadLibrary = (dmaId: number, library: number): Message =>
  global(24, (library << 16) | dmaId);
export const loadLibraryPrepare = (dmaId: number): Message => global(25, dmaId);
/** @param moduleIds any module of a library names it */
export const unloadModules = (moduleIds: readonly number[]): Message =>
  global(16, moduleIds.length, 0, new Uint8Array(Uint16Array.from(moduleIds).buffer));

/** A message of any type. */
export const anyGlobal = (type: number, primary = 0): Message => global(type, primary);
export const anyModule = (type: number, end: End = [0, 0]): Message => toModule(type, end);

/** A type-length-value element, the value padded to whole words. */
export function tlv(type: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + Math.ceil(value.length / 4) * 4);
  out.set(words([type, value.length]));
  out.set(value, 8);
  return out;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
