import { ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Dts } from "./dts.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const dts = new Dts(services, base);
  return dts.complete ? dts : -ENOMEM;
}

/** DTS effects, without the vendor's library. */
export const dtsDriver: ModuleDriver = {
  manifest: {
    name: "DTS",
    uuid: "d95fc34f-370f-4ac7-bc86-bfdc5be241e6",
    initConfig: "base",
    maxInstances: 5,
    domain: "LL",
    configs: estimatedConfigs("DTS"),
  },
  placeholder: "passes audio through; the DTS library is not part of open firmware",
  create,
};
