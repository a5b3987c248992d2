import { srcConversion } from "@sof-ts/dsp";
import { ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { parseSrcConfig } from "./config.js";
import { Src } from "./src.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parseSrcConfig(payload);
  if (typeof config === "number") return config;
  const src = new Src(services, config.base, config.sinkRate, srcConversion);
  return src.complete ? src : -ENOMEM;
}

/** Synchronous rate converter with the full matrix of rates (SOF's `src`). */
export const srcDriver: ModuleDriver = {
  manifest: {
    name: "SRC",
    uuid: "e61bb28d-149a-4c1f-b709-46823ef5f5ae",
    initConfig: "base",
    maxInstances: 10,
    domain: "LL",
    configs: estimatedConfigs("SRC"),
  },
  create,
};
