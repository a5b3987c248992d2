import { assert, ByteReader } from "@sof-ts/kit";
import { type AudioFormat, audioFormat } from "./audio-format.js";
import { nested, reserved, u16, u32 } from "./fields.js";
import { type Codec, struct } from "./struct.js";

/** What every module's init payload starts with (SOF's `struct ipc4_base_module_cfg`). */
export interface BaseModuleCfg {
  /** DSP cycles for one chunk; 0 where the host does not know. */
  readonly cpc: number;
  /** Bytes that the module takes in one processing period. */
  readonly ibs: number;
  /** Bytes that it gives in one processing period. */
  readonly obs: number;
  /** Size of the instance, as the topology states it; the firmware does not enforce it. */
  readonly isPages: number;
  /** Format of input pin 0. */
  readonly audioFmt: AudioFormat;
}

/** Reads and writes the 40 bytes of a {@link BaseModuleCfg}. */
export const baseModuleCfg: Codec<BaseModuleCfg> = struct("base_module_cfg", 40, {
  cpc: u32(0),
  ibs: u32(4),
  obs: u32(8),
  isPages: u32(12),
  audioFmt: nested(16, audioFormat),
});

/** Format and buffer size of an input pin (SOF's `struct ipc4_input_pin_format`). */
export interface InputPinFormat {
  readonly pinIndex: number;
  /** Bytes in one period. */
  readonly ibs: number;
  readonly audioFmt: AudioFormat;
}

/** Format and buffer size of an output pin (SOF's `struct ipc4_output_pin_format`). */
export interface OutputPinFormat {
  readonly pinIndex: number;
  /** Bytes in one period. */
  readonly obs: number;
  readonly audioFmt: AudioFormat;
}

/** Reads and writes the 32 bytes of an {@link InputPinFormat}. */
export const inputPinFormat: Codec<InputPinFormat> = struct("input_pin_format", 32, {
  pinIndex: u32(0),
  ibs: u32(4),
  audioFmt: nested(8, audioFormat),
});

/** Reads and writes the 32 bytes of an {@link OutputPinFormat}. */
export const outputPinFormat: Codec<OutputPinFormat> = struct("output_pin_format", 32, {
  pinIndex: u32(0),
  obs: u32(4),
  audioFmt: nested(8, audioFormat),
});

const extHeader = struct("base_module_cfg_ext", 16, {
  inputPinCount: u16(0),
  outputPinCount: u16(2),
  reserved: reserved(4, 12),
});

/** Pins that a module may have in each direction. */
export const MAX_PINS = 8;

/**
 * Base configuration with a format for each pin (SOF's `struct ipc4_base_module_cfg` followed by
 * `struct ipc4_base_module_cfg_ext`), the init payload of modules whose manifest asks for it.
 */
export interface BaseModuleCfgExt {
  readonly base: BaseModuleCfg;
  /** At most {@link MAX_PINS}. */
  readonly inputPins: readonly InputPinFormat[];
  /** At most {@link MAX_PINS}. */
  readonly outputPins: readonly OutputPinFormat[];
  /** The 12 bytes after the pin counts, present when they are not zero. */
  readonly reserved?: Uint8Array | undefined;
}

/** @returns bytes of a {@link BaseModuleCfgExt} with so many pins: 56 and 32 for each */
export function baseModuleCfgExtSize(inputPins: number, outputPins: number): number {
  return baseModuleCfg.size + extHeader.size + 32 * (inputPins + outputPins);
}

/**
 * Tells whether an init payload is base configuration and pin formats and nothing else, by the firmware's
 * rule: its length is exactly that which its own pin counts ask for.
 */
export function hasBaseModuleCfgExt(payload: Uint8Array): boolean {
  if (payload.length < baseModuleCfg.size + extHeader.size) return false;
  const { inputPinCount, outputPinCount } = extHeader.decode(payload, baseModuleCfg.size);
  return payload.length === baseModuleCfgExtSize(inputPinCount, outputPinCount);
}

/**
 * Reads base configuration and pin formats; bytes after them are left alone, for modules that have a tail
 * of their own.
 *
 * @throws InputError when bytes are missing or a pin count is over {@link MAX_PINS}
 */
export function decodeBaseModuleCfgExt(
  payload: Uint8Array,
  source = "base_module_cfg_ext",
): BaseModuleCfgExt {
  const reader = new ByteReader(payload, source);
  const base = baseModuleCfg.read(reader);
  const countsAt = reader.offset;
  const header = extHeader.read(reader);
  if (header.inputPinCount > MAX_PINS) {
    throw reader.error(`${header.inputPinCount} input pins, at most ${MAX_PINS}`, countsAt);
  }
  if (header.outputPinCount > MAX_PINS) {
    throw reader.error(`${header.outputPinCount} output pins, at most ${MAX_PINS}`, countsAt + 2);
  }
  const inputPins: InputPinFormat[] = [];
  for (let i = 0; i < header.inputPinCount; i++) inputPins.push(inputPinFormat.read(reader));
  const outputPins: OutputPinFormat[] = [];
  for (let i = 0; i < header.outputPinCount; i++) outputPins.push(outputPinFormat.read(reader));
  return {
    base,
    inputPins,
    outputPins,
    ...(header.reserved === undefined ? {} : { reserved: header.reserved }),
  };
}

/** @returns the payload, {@link baseModuleCfgExtSize} bytes; more than {@link MAX_PINS} pins are a mistake */
export function encodeBaseModuleCfgExt(value: BaseModuleCfgExt): Uint8Array {
  const { inputPins, outputPins } = value;
  assert(inputPins.length <= MAX_PINS, `${inputPins.length} input pins`);
  assert(outputPins.length <= MAX_PINS, `${outputPins.length} output pins`);
  const out = new Uint8Array(baseModuleCfgExtSize(inputPins.length, outputPins.length));
  baseModuleCfg.encodeInto(value.base, out, 0);
  extHeader.encodeInto(
    {
      inputPinCount: inputPins.length,
      outputPinCount: outputPins.length,
      reserved: value.reserved,
    },
    out,
    baseModuleCfg.size,
  );
  let offset = baseModuleCfg.size + extHeader.size;
  for (const pin of inputPins) {
    inputPinFormat.encodeInto(pin, out, offset);
    offset += inputPinFormat.size;
  }
  for (const pin of outputPins) {
    outputPinFormat.encodeInto(pin, out, offset);
    offset += outputPinFormat.size;
  }
  return out;
}
