import { ByteReader, EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { BASE_CONFIG_BYTES, MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Aria } from "./aria.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const { channelsCount, depth } = base.audioFmt;
  if (channelsCount < 1 || channelsCount > MAX_CHANNELS || depth < 8) return -EINVAL;
  if (payload.length < BASE_CONFIG_BYTES + 4) return -EINVAL;
  // A host that sends pin formats here makes this word large, which counts as the highest attenuation.
  const reader = new ByteReader(payload.subarray(BASE_CONFIG_BYTES), "aria configuration");
  return new Aria(services, base, reader.u32());
}

/** Automatic level (SOF's `aria`). */
export const ariaDriver: ModuleDriver = {
  manifest: {
    name: "ARIA",
    uuid: "99f7166d-372c-43ef-81f6-22007aa15f03",
    initConfig: "base+ext",
    maxInstances: 8,
    domain: "LL",
    configs: estimatedConfigs("ARIA"),
  },
  create,
};
