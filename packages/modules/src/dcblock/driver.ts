import { EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { DcBlock } from "./dcblock.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const channels = base.audioFmt.channelsCount;
  return channels < 1 || channels > MAX_CHANNELS ? -EINVAL : new DcBlock(services, base);
}

/** DC blocker (SOF's `dcblock`). */
export const dcBlockDriver: ModuleDriver = {
  manifest: {
    name: "DCBLOCK",
    uuid: "b809efaf-5681-42b1-9ed6-04bb012dd384",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("DCBLOCK"),
  },
  create,
};
