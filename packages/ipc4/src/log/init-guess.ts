import { InputError } from "@sof-ts/kit";
import {
  type BaseModuleCfg,
  baseModuleCfg,
  type BaseModuleCfgExt,
  decodeBaseModuleCfgExt,
  hasBaseModuleCfgExt,
} from "../base-module-cfg.js";
import { type CopierConfig, decodeCopierConfig } from "../payload/copier.js";
import { decodeGainConfig, type GainConfig } from "../payload/gain.js";
import { type AsrcConfig, asrcConfig, type SrcConfig, srcConfig } from "../payload/module-init.js";

/** What an init payload looks like. */
export type InitPayload =
  | { readonly kind: "base"; readonly base: BaseModuleCfg }
  | {
      readonly kind: "base-with-pins";
      readonly base: BaseModuleCfg;
      readonly config: BaseModuleCfgExt;
    }
  | { readonly kind: "copier"; readonly base: BaseModuleCfg; readonly config: CopierConfig }
  | { readonly kind: "gain"; readonly base: BaseModuleCfg; readonly config: GainConfig }
  | { readonly kind: "src"; readonly base: BaseModuleCfg; readonly config: SrcConfig }
  | { readonly kind: "asrc"; readonly base: BaseModuleCfg; readonly config: AsrcConfig }
  /** Base configuration and bytes that only the module knows. */
  | { readonly kind: "base-with-data"; readonly base: BaseModuleCfg; readonly data: Uint8Array };

/**
 * Guesses what an init payload is from its length and what must agree inside it: messages name modules by
 * their index in a manifest, which a log does not have.
 *
 * @param payload the module's own payload, without an extended init header
 * @returns undefined when it is shorter than a base configuration
 */
export function guessInitPayload(payload: Uint8Array): InitPayload | undefined {
  if (payload.length < baseModuleCfg.size) return undefined;
  const base = baseModuleCfg.decode(payload);
  if (payload.length === baseModuleCfg.size) return { kind: "base", base };
  if (hasBaseModuleCfgExt(payload)) {
    const config = attempt(() => decodeBaseModuleCfgExt(payload));
    if (config !== undefined) return { kind: "base-with-pins", base, config };
  }
  const copier = attempt(() => decodeCopierConfig(payload));
  if (copier !== undefined && copier.tail === undefined) {
    return { kind: "copier", base, config: copier };
  }
  const gain = attempt(() => decodeGainConfig(payload));
  if (gain !== undefined && gain.tail === undefined && plausibleGain(gain)) {
    return { kind: "gain", base, config: gain };
  }
  if (payload.length === srcConfig.size) {
    return { kind: "src", base, config: srcConfig.decode(payload) };
  }
  if (payload.length === asrcConfig.size) {
    return { kind: "asrc", base, config: asrcConfig.decode(payload) };
  }
  return { kind: "base-with-data", base, data: payload.slice(baseModuleCfg.size) };
}

function plausibleGain({ entries }: GainConfig): boolean {
  return entries.every(
    ({ channelId, targetVolume, curveType }) =>
      (channelId < 8 || channelId === 0xffff_ffff) && targetVolume <= 0x7fff_ffff && curveType <= 5,
  );
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
