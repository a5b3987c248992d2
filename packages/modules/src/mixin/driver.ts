import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { MIXIN_SINKS } from "./config.js";
import { Mixin } from "./mixin.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  return typeof base === "number" ? base : new Mixin(services, base);
}

/** Mixin: adds a stream to mixes (SOF's `mixin`). */
export const mixinDriver: ModuleDriver = {
  manifest: {
    name: "MIXIN",
    uuid: "39656eb2-3b71-4049-8d3f-f92cd5c43c09",
    initConfig: "base",
    maxInstances: 30,
    domain: "LL",
    configs: estimatedConfigs("MIXIN"),
  },
  maxSinks: MIXIN_SINKS,
  create,
};
