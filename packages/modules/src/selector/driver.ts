import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { parseSelectorConfig } from "./config.js";
import { Selector } from "./selector.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parseSelectorConfig(payload);
  return typeof config === "number" ? config : new Selector(services, config);
}

/** Selector, also known as mic select (SOF's `selector`). */
export const selectorDriver: ModuleDriver = {
  manifest: {
    name: "MICSEL",
    uuid: "32fe92c1-1e17-4fc2-9758-c7f3542e980a",
    initConfig: "base+ext",
    maxInstances: 8,
    domain: "LL",
    configs: estimatedConfigs("MICSEL"),
  },
  create,
};
