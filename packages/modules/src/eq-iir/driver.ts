import { EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { EqIir } from "./eq-iir.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const channels = base.audioFmt.channelsCount;
  return channels < 1 || channels > MAX_CHANNELS ? -EINVAL : new EqIir(services, base);
}

/** IIR equalizer (SOF's `eq_iir`). */
export const eqIirDriver: ModuleDriver = {
  manifest: {
    name: "EQIIR",
    uuid: "5150c0e6-27f9-4ec8-8351-c705b642d12f",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("EQIIR"),
  },
  create,
};
