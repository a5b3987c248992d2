import { srcLiteConversion } from "@sof-ts/dsp";
import { ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseSrcConfig } from "../src/config.js";
import { Src } from "../src/src.js";
import { estimatedConfigs } from "../common/manifest-costs.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parseSrcConfig(payload);
  if (typeof config === "number") return config;
  const src = new Src(services, config.base, config.sinkRate, srcLiteConversion);
  return src.complete ? src : -ENOMEM;
}

/** Synchronous rate converter with the few rates of a small image (SOF's `src_lite`). */
export const srcLiteDriver: ModuleDriver = {
  manifest: {
    name: "SRC_LITE",
    uuid: "33441051-44cd-466a-83a3-178478708aea",
    initConfig: "base",
    maxInstances: 10,
    domain: "LL",
    configs: estimatedConfigs("SRC_LITE"),
  },
  create,
};
