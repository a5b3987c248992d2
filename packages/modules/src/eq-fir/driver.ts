import { EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { EqFir } from "./eq-fir.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const channels = base.audioFmt.channelsCount;
  return channels < 1 || channels > MAX_CHANNELS ? -EINVAL : new EqFir(services, base);
}

/** FIR equalizer (SOF's `eq_fir`). */
export const eqFirDriver: ModuleDriver = {
  manifest: {
    name: "EQFIR",
    uuid: "43a90ce7-f3a5-41df-ac06-ba98651ae6a3",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("EQFIR"),
  },
  create,
};
