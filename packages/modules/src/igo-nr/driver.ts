import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { IgoNr } from "./igo-nr.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  return typeof base === "number" ? base : new IgoNr(services, base);
}

/** Intelligo noise reduction, without the vendor's library. */
export const igoNrDriver: ModuleDriver = {
  manifest: {
    name: "IGO_NR",
    uuid: "696ae2bc-2877-11eb-adc1-0242ac120002",
    initConfig: "base",
    maxInstances: 1,
    domain: "LL",
    configs: estimatedConfigs("IGO_NR"),
  },
  placeholder:
    "passes audio through, the active channel in 16 bits, or silent when switched on; the Intelligo library is not part of open firmware",
  create,
};
