import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Drc } from "./drc.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const { channelsCount } = base.audioFmt;
  if (channelsCount < 1 || channelsCount > MAX_CHANNELS) return -EINVAL;
  const drc = new Drc(services, base);
  if (drc.complete) return drc;
  drc.free();
  return -ENOMEM;
}

/** Dynamic range compressor (SOF's `drc`). */
export const drcDriver: ModuleDriver = {
  manifest: {
    name: "DRC",
    uuid: "b36ee4da-006f-47f9-a06d-fecbe2d8b6ce",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("DRC"),
  },
  create,
};
