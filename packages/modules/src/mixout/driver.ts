import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Mixout, MIXOUT_SOURCES } from "./mixout.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  return typeof base === "number" ? base : new Mixout(services, base);
}

/** Mixout: the mix of up to eight mixins (SOF's `mixout`). */
export const mixoutDriver: ModuleDriver = {
  manifest: {
    name: "MIXOUT",
    uuid: "3c56505a-24d7-418f-bddc-c1f5a3ac2ae0",
    initConfig: "base",
    maxInstances: 30,
    domain: "LL",
    configs: estimatedConfigs("MIXOUT"),
  },
  maxSources: MIXOUT_SOURCES,
  create,
};
