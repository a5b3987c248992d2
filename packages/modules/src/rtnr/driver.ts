import { ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Rtnr } from "./rtnr.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const rtnr = new Rtnr(services, base);
  return rtnr.complete ? rtnr : -ENOMEM;
}

/** Realtek noise reduction, without the vendor's library. */
export const rtnrDriver: ModuleDriver = {
  manifest: {
    name: "RTNR",
    uuid: "5c7ca334-e15d-11eb-ba80-0242ac130004",
    initConfig: "base",
    maxInstances: 1,
    domain: "LL",
    configs: estimatedConfigs("RTNR"),
  },
  placeholder: "passes audio through; the Realtek library is not part of open firmware",
  create,
};
