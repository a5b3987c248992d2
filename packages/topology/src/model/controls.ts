import { ByteReader } from "@sof-ts/kit";
import { ControlAccess, MAX_ELEMENTS, TLV_DB_SCALE } from "../abi.js";
import { displayText } from "../container/codec.js";
import type {
  BytesRecord,
  ChannelRecord,
  ControlRecord,
  EnumRecord,
  MixerRecord,
} from "../container/records.js";
import { Token } from "../tuples/tokens.js";
import { Tuples } from "../tuples/tuples.js";

/** First word of the header in front of a bytes control's payload: "SOF4" (`struct sof_abi_hdr`). */
export const SOF_ABI_MAGIC = 0x34464f53;
/** Bytes of that header. */
export const SOF_ABI_HEADER_BYTES = 32;

/** What user space may do with a control. */
export interface ControlAccessFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly tlvRead: boolean;
  readonly tlvWrite: boolean;
  readonly volatile: boolean;
}

/** One channel of a control (`snd_soc_tplg_channel`). */
export interface ControlChannel {
  readonly reg: number;
  readonly shift: number;
  /** Speaker position, `SNDRV_CHMAP_*`. */
  readonly position: number;
}

/** What all controls have. */
interface ControlBase {
  readonly name: string;
  /**
   * Position among the controls of the same record kind (mixer, enum, bytes) of the widget. This is the `id`
   * of an IPC4 control payload.
   */
  readonly index: number;
  readonly access: ControlAccessFlags;
  /** The access word as it is, `SNDRV_CTL_ELEM_ACCESS_*`. */
  readonly accessBits: number;
  readonly ops: { readonly get: number; readonly put: number; readonly info: number };
}

/** A decibel scale: value `i` is `minCentiDb + i * stepCentiDb`, and value 0 mutes when `mute` says so. */
export interface DbScale {
  readonly minCentiDb: number;
  readonly stepCentiDb: number;
  readonly mute: boolean;
}

interface MixerBase extends ControlBase {
  readonly min: number;
  readonly max: number;
  readonly invert: boolean;
  readonly channels: readonly ControlChannel[];
  /** Mute LED that follows the control; null without one. */
  readonly led: "speaker" | "mic" | null;
  readonly tuples: Tuples;
}

/** A mixer control with more than two values. */
export interface VolumeControl extends MixerBase {
  readonly kind: "volume";
  /** Null for a volume without a decibel scale. */
  readonly scale: DbScale | null;
}

/** A mixer control with the values 0 and 1. */
export interface SwitchControl extends MixerBase {
  readonly kind: "switch";
}

/** A control that picks one of several texts. */
export interface EnumControl extends ControlBase {
  readonly kind: "enum";
  readonly items: readonly string[];
  readonly channels: readonly ControlChannel[];
  readonly tuples: Tuples;
}

/** A control whose value is a block of bytes. */
export interface BytesControl extends ControlBase {
  readonly kind: "bytes";
  /** Most bytes that the control takes. */
  readonly maxBytes: number;
  /** Parameter id of the payload in the module (`type` of the header); 0 without a header. */
  readonly paramId: number;
  /** ABI word of the header, major << 24 | minor << 12 | patch; null without a header. */
  readonly abi: number | null;
  /** First value without its header; null for a control that has none. */
  readonly data: Uint8Array | null;
  /** Why the private data is no ABI header with its payload; null when it is one, or is empty. */
  readonly dataProblem: string | null;
  readonly extOps: { readonly get: number; readonly put: number; readonly info: number };
}

export type Control = VolumeControl | SwitchControl | EnumControl | BytesControl;

/** Makes the controls of one widget. */
export function makeControls(records: readonly ControlRecord[]): Control[] {
  const counts = { mixer: 0, enum: 0, bytes: 0 };
  return records.map((record) => {
    const index = counts[record.kind]++;
    switch (record.kind) {
      case "mixer":
        return mixerControl(record, index);
      case "enum":
        return enumControl(record, index);
      case "bytes":
        return bytesControl(record, index);
    }
  });
}

function base(record: ControlRecord, index: number): ControlBase {
  const bit = (mask: number) => (record.access & mask) !== 0;
  return {
    name: displayText(record.name),
    index,
    access: {
      read: bit(ControlAccess.READ),
      write: bit(ControlAccess.WRITE),
      tlvRead: bit(ControlAccess.TLV_READ),
      tlvWrite: bit(ControlAccess.TLV_WRITE),
      volatile: bit(ControlAccess.VOLATILE),
    },
    accessBits: record.access,
    ops: { get: record.get, put: record.put, info: record.info },
  };
}

function channelsOf(records: readonly ChannelRecord[], count: number): ControlChannel[] {
  return records
    .slice(0, Math.min(count, MAX_ELEMENTS))
    .map(({ reg, shift, id }) => ({ reg, shift, position: id }));
}

function mixerControl(record: MixerRecord, index: number): VolumeControl | SwitchControl {
  const tuples = new Tuples(record.tuples);
  const ledUse = (tuples.number(Token.MUTE_LED_USE) ?? 0) !== 0;
  const mixer: MixerBase = {
    ...base(record, index),
    // The driver keeps both limits as signed integers.
    min: record.min | 0,
    max: record.max | 0,
    invert: record.invert !== 0,
    channels: channelsOf(record.channels, record.numChannels),
    led: !ledUse ? null : tuples.number(Token.MUTE_LED_DIRECTION) === 1 ? "mic" : "speaker",
    tuples,
  };
  if (mixer.max <= 1) return { kind: "switch", ...mixer };
  return { kind: "volume", ...mixer, scale: dbScale(record) };
}

function dbScale(record: MixerRecord): DbScale | null {
  const { tlv } = record;
  if (tlv.type !== TLV_DB_SCALE || tlv.size === 0) return null;
  const [min = 0, step = 0, mute = 0] = tlv.words;
  return { minCentiDb: min | 0, stepCentiDb: step, mute: mute !== 0 };
}

function enumControl(record: EnumRecord, index: number): EnumControl {
  return {
    kind: "enum",
    ...base(record, index),
    items: Array.from({ length: Math.min(record.items, 16) }, (_, i) =>
      displayText(record.texts[i] ?? ""),
    ),
    channels: channelsOf(record.channels, record.numChannels),
    tuples: new Tuples(record.tuples),
  };
}

function bytesControl(record: BytesRecord, index: number): BytesControl {
  const common = {
    kind: "bytes",
    ...base(record, index),
    maxBytes: record.max,
    extOps: { get: record.extGet, put: record.extPut, info: record.extInfo },
  } as const;
  const bytes = record.privateData;
  if (bytes.length === 0) {
    return { ...common, paramId: 0, abi: null, data: null, dataProblem: null };
  }
  const dataProblem = headerProblem(bytes, record.max);
  if (dataProblem !== null) return { ...common, paramId: 0, abi: null, data: null, dataProblem };
  const reader = new ByteReader(bytes, "ABI header");
  reader.offset = 4;
  const paramId = reader.u32();
  const size = reader.u32();
  const abi = reader.u32();
  const data = bytes.slice(SOF_ABI_HEADER_BYTES, SOF_ABI_HEADER_BYTES + size);
  return { ...common, paramId, abi, data, dataProblem };
}

/** The checks that make the driver refuse a bytes control's first value. */
function headerProblem(bytes: Uint8Array, max: number): string | null {
  if (bytes.length > max) return `${bytes.length} bytes, the control takes ${max}`;
  if (bytes.length < SOF_ABI_HEADER_BYTES) {
    return `${bytes.length} bytes are less than the ${SOF_ABI_HEADER_BYTES} of the ABI header`;
  }
  const reader = new ByteReader(bytes, "ABI header");
  const magic = reader.u32();
  reader.u32();
  const size = reader.u32();
  if (magic !== SOF_ABI_MAGIC) {
    return `magic 0x${magic.toString(16)}, expected 0x${SOF_ABI_MAGIC.toString(16)}`;
  }
  if (size + SOF_ABI_HEADER_BYTES !== bytes.length) {
    return `the header announces ${size} bytes, ${bytes.length - SOF_ABI_HEADER_BYTES} follow`;
  }
  return null;
}
