import {
  type AudioFormat,
  type BaseModuleCfg,
  decodeBaseModuleCfgExt,
  hasBaseModuleCfgExt,
} from "@sof-ts/ipc4";
import { parseBaseConfig } from "./base-config.js";

/** Base configuration with the format of each pin. */
export interface PinConfig {
  readonly base: BaseModuleCfg;
  /** Formats in the order of the payload; empty when it is a bare base configuration. */
  readonly inputs: readonly { readonly pinIndex: number; readonly audioFmt: AudioFormat }[];
  readonly outputs: readonly { readonly pinIndex: number; readonly audioFmt: AudioFormat }[];
}

/**
 * Reads an INIT_INSTANCE payload of a module whose manifest asks for base and pin formats.
 *
 * @returns the configuration, or -EINVAL when not even the base configuration is there
 */
export function parsePinConfig(payload: Uint8Array): PinConfig | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  if (!hasBaseModuleCfgExt(payload)) return { base, inputs: [], outputs: [] };
  const { inputPins, outputPins } = decodeBaseModuleCfgExt(payload);
  return { base, inputs: inputPins, outputs: outputPins };
}
