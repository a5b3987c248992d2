import { ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Asrc } from "./asrc.js";
import { parseAsrcConfig } from "./config.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parseAsrcConfig(payload);
  if (typeof config === "number") return config;
  const asrc = new Asrc(services, config);
  return asrc.complete ? asrc : -ENOMEM;
}

/** Asynchronous rate converter (SOF's `asrc`). */
export const asrcDriver: ModuleDriver = {
  manifest: {
    name: "ASRC",
    uuid: "66b4402d-b468-42f2-81a7-b37121863dd4",
    initConfig: "base",
    maxInstances: 10,
    domain: "LL",
    configs: estimatedConfigs("ASRC"),
  },
  create,
};
