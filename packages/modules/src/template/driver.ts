import { EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Template } from "./template.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const channels = base.audioFmt.channelsCount;
  return channels < 1 || channels > MAX_CHANNELS ? -EINVAL : new Template(services, base);
}

/** Template: reverses channels (SOF's `template`). */
export const templateDriver: ModuleDriver = {
  manifest: {
    name: "TEMPLATE",
    uuid: "a62de1af-5964-4e2e-b167-7fdc97279a29",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("TEMPLATE"),
  },
  create,
};
