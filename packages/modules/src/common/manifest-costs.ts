import type { ModuleManifest } from "@sof-ts/module-api";
import { costs } from "../generated/costs.js";

/**
 * Configurations of a module's manifest entry (SOF's `sof_man_mod_config`): for the usual buffer sizes the cycles of
 * a period, as `estimateCycles` counts them with the usual tuning. No reference publishes figures for these modules.
 */
export const estimatedConfigs = (name: keyof typeof costs): ModuleManifest["configs"] =>
  costs[name].map(([ibs, obs, cpc]) => ({ ibs, obs, cpc }));
