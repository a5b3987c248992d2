import { ByteWriter } from "@sof-ts/kit";
import { ControlAccess, ControlOps, MAX_ELEMENTS, TLV_DB_SCALE } from "../abi.js";
import type {
  BytesRecord,
  ChannelRecord,
  ControlFields,
  EnumRecord,
  MixerRecord,
  TlvRecord,
} from "../container/records.js";
import { type DbScale, SOF_ABI_HEADER_BYTES, SOF_ABI_MAGIC } from "../model/controls.js";
import { Token } from "../tuples/tokens.js";
import { buildError, nameField, words } from "./fields.js";

/** ABI word of new bytes payloads: 3.29.1. */
const SOF_ABI_WORD = (3 << 24) | (29 << 12) | 1;
/** -90 dB to 0 dB in steps of 2 dB with mute, as nearly every gain of the field has it. */
const defaultScale: DbScale = { minCentiDb: -9000, stepCentiDb: 200, mute: true };
const noTlv: TlvRecord = { size: 0, type: 0, words: [] };
const readWrite = ControlAccess.READ | ControlAccess.WRITE;

/** Speaker positions (`SNDRV_CHMAP_*`) of the channels of a control, by channel count. */
const positions: readonly (readonly number[])[] = [
  [7],
  [3, 4],
  [3, 4, 7],
  [16, 3, 4, 17],
  [3, 4, 7, 5, 6],
  [3, 4, 5, 6, 7, 8],
  [3, 4, 5, 6, 7, 8, 11],
  [3, 4, 5, 6, 7, 8, 9, 10],
];

/** Mute LED that follows a control. */
export type LedOption = "none" | "speaker" | "mic";

export interface VolumeControlOptions {
  readonly name: string;
  /** 1..8; 2 when left out. */
  readonly channels?: number;
  /** Highest value; 45 when left out. */
  readonly max?: number;
  /** Decibel scale; -90..0 dB in steps of 2 dB, 0 mutes, when left out. */
  readonly scale?: DbScale;
  readonly led?: LedOption;
}

/** Makes a volume control for a gain. */
export function volumeControl(options: VolumeControlOptions): MixerRecord {
  const { channels = 2, max = 45, scale = defaultScale, led = "none" } = options;
  if (max < 2)
    throw buildError(`volume control "${options.name}" has maximum ${max}`, "Use at least 2");
  return {
    kind: "mixer",
    ...header(options.name, readWrite | ControlAccess.TLV_READ, {
      get: ControlOps.SOF_VOLUME,
      put: ControlOps.SOF_VOLUME,
      info: ControlOps.VOLSW,
    }),
    tlv: {
      size: 136,
      type: TLV_DB_SCALE,
      words: [scale.minCentiDb >>> 0, scale.stepCentiDb, scale.mute ? 1 : 0],
    },
    ...mixerBody(options.name, max, channels, 1),
    tuples: words([Token.MUTE_LED_DIRECTION, ledDirection(led)], [Token.MUTE_LED_USE, ledUse(led)]),
  };
}

export interface SwitchControlOptions {
  readonly name: string;
  /** 1..8; 1 when left out. */
  readonly channels?: number;
  readonly led?: LedOption;
}

/** Makes an on-off control. */
export function switchControl(options: SwitchControlOptions): MixerRecord {
  const { channels = 1, led = "none" } = options;
  return {
    kind: "mixer",
    ...header(options.name, readWrite, {
      get: ControlOps.SOF_SWITCH,
      put: ControlOps.SOF_SWITCH,
      info: ControlOps.VOLSW,
    }),
    ...mixerBody(options.name, 1, channels, channels === 4 ? 2 : 1),
    tuples: words([Token.MUTE_LED_USE, ledUse(led)], [Token.MUTE_LED_DIRECTION, ledDirection(led)]),
  };
}

export interface EnumControlOptions {
  readonly name: string;
  /** 1..16 texts. */
  readonly items: readonly string[];
  /** 1..8; 1 when left out. */
  readonly channels?: number;
}

/** Makes a control that picks one of several texts. */
export function enumControl(options: EnumControlOptions): EnumRecord {
  const { items, channels = 1 } = options;
  if (items.length < 1 || items.length > 16) {
    throw buildError(`enum control "${options.name}" has ${items.length} items`, "Use 1 to 16");
  }
  return {
    kind: "enum",
    ...header(options.name, readWrite, {
      get: ControlOps.SOF_ENUM,
      put: ControlOps.SOF_ENUM,
      info: ControlOps.ENUM,
    }),
    numChannels: channels,
    channels: channelRecords(options.name, channels, 3),
    items: items.length,
    mask: 0,
    count: 0,
    texts: items.map((item) => nameField(item, "control item")),
    values: [],
    tuples: [],
  };
}

export interface BytesControlOptions {
  readonly name: string;
  /** Parameter id of the payload in the module; 0 when left out. */
  readonly paramId?: number;
  /** First value without its header; null for a control without one. */
  readonly payload: Uint8Array | null;
  /** Most bytes that the control takes, header included; 1024 or what the payload needs when left out. */
  readonly maxBytes?: number;
  /** ABI word of the header; 3.29.1 when left out. */
  readonly abi?: number;
  /** What user space may do; `"read-write"` when left out. */
  readonly access?: "read-write" | "read" | "write";
}

/** Makes a control whose value is a block of bytes, with the ABI header in front of its first value. */
export function bytesControl(options: BytesControlOptions): BytesRecord {
  const { paramId = 0, payload, abi = SOF_ABI_WORD, access = "read-write" } = options;
  const privateBytes = payload === null ? 0 : SOF_ABI_HEADER_BYTES + payload.length;
  const max = options.maxBytes ?? Math.max(1024, privateBytes);
  if (privateBytes > max) {
    throw buildError(
      `bytes control "${options.name}" has ${privateBytes} bytes of data and takes ${max}`,
      "Raise maxBytes",
    );
  }
  const bits = {
    "read-write": ControlAccess.TLV_READ | ControlAccess.TLV_WRITE,
    read: ControlAccess.TLV_READ,
    write: ControlAccess.TLV_WRITE,
  };
  return {
    kind: "bytes",
    ...header(options.name, ControlAccess.TLV_CALLBACK | bits[access], {
      get: 0,
      put: 0,
      info: ControlOps.BYTES,
    }),
    max,
    mask: 0,
    base: 0,
    numRegs: 0,
    extGet: ControlOps.SOF_BYTES,
    extPut: ControlOps.SOF_BYTES,
    extInfo: 0,
    privateData: payload === null ? new Uint8Array() : withAbiHeader(payload, paramId, abi),
  };
}

/** Puts SOF's ABI header (`struct sof_abi_hdr`) in front of a payload, as files and `sof-ctl` have it. */
export function withAbiHeader(
  payload: Uint8Array,
  paramId: number,
  abi = SOF_ABI_WORD,
): Uint8Array {
  const writer = new ByteWriter(SOF_ABI_HEADER_BYTES + payload.length);
  writer.u32(SOF_ABI_MAGIC).u32(paramId).u32(payload.length).u32(abi).zeros(16).bytes(payload);
  return writer.finish();
}

function header(
  name: string,
  access: number,
  ops: { get: number; put: number; info: number },
): ControlFields {
  return { name: nameField(name, "control name"), access, ...ops, tlv: noTlv };
}

function mixerBody(name: string, max: number, channels: number, reg: number) {
  return {
    min: 0,
    max,
    platformMax: 0,
    invert: 0,
    numChannels: channels,
    channels: channelRecords(name, channels, reg),
  };
}

function channelRecords(name: string, count: number, reg: number): ChannelRecord[] {
  const ids = positions[count - 1];
  if (ids === undefined) throw buildError(`control "${name}" has ${count} channels`, "Use 1 to 8");
  return Array.from({ length: MAX_ELEMENTS }, (_, i) => {
    const id = ids[i];
    if (id === undefined) return { size: 0, reg: 0xffffffff, shift: 0, id: 0 };
    return { size: 16, reg, shift: i, id };
  });
}

function ledUse(led: LedOption): number {
  return led === "none" ? 0 : 1;
}

function ledDirection(led: LedOption): number {
  return led === "mic" ? 1 : 0;
}
