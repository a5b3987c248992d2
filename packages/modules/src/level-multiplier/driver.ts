import { EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { LevelMultiplier } from "./level-multiplier.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const channels = base.audioFmt.channelsCount;
  return channels < 1 || channels > MAX_CHANNELS ? -EINVAL : new LevelMultiplier(services, base);
}

/** Level multiplier (SOF's `level_multiplier`). */
export const levelMultiplierDriver: ModuleDriver = {
  manifest: {
    name: "LEVELMUL",
    uuid: "30397456-4661-4644-97e5-39a9e5ab1778",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("LEVELMUL"),
  },
  create,
};
