import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { MultibandDrc } from "./multiband-drc.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const { channelsCount } = base.audioFmt;
  if (channelsCount < 1 || channelsCount > MAX_CHANNELS) return -EINVAL;
  const multiband = new MultibandDrc(services, base);
  if (multiband.complete) return multiband;
  multiband.free();
  return -ENOMEM;
}

/** Multiband dynamic range compressor (SOF's `multiband_drc`). */
export const multibandDrcDriver: ModuleDriver = {
  manifest: {
    name: "MB_DRC",
    uuid: "0d9f2256-8e4f-47b3-8448-239a334f1191",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("MB_DRC"),
  },
  create,
};
