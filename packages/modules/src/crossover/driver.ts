import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { parsePinConfig } from "../common/pin-config.js";
import { CROSSOVER_MAX_BANDS } from "./config.js";
import { Crossover } from "./crossover.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parsePinConfig(payload);
  if (typeof config === "number") return config;
  if (config.inputs.length !== 1 || config.outputs.length > CROSSOVER_MAX_BANDS) return -EINVAL;
  const crossover = new Crossover(services, config);
  return crossover.complete ? crossover : -ENOMEM;
}

/** Crossover: splits a stream into bands (SOF's `crossover`). */
export const crossoverDriver: ModuleDriver = {
  manifest: {
    name: "XOVER",
    uuid: "948c9ad1-806a-4131-ad6c-b2bda9e35a9f",
    initConfig: "base+ext",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("XOVER"),
  },
  maxSinks: CROSSOVER_MAX_BANDS,
  create,
};
