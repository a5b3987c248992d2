import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { readInitialVolumes } from "./config.js";
import { Gain } from "./gain.js";

/** Slots for meters in the firmware registers: an instance id selects one. */
const METER_SLOTS = 16;

function creator(metered: boolean) {
  return (services: ModuleServices, payload: Uint8Array): AudioModule | number => {
    const base = parseBaseConfig(payload);
    if (typeof base === "number") return base;
    const channels = base.audioFmt.channelsCount;
    if (services.instanceId >= METER_SLOTS || channels < 1 || channels > MAX_CHANNELS)
      return -EINVAL;
    const volumes = readInitialVolumes(payload, channels);
    if (typeof volumes === "number") return volumes;
    const gain = new Gain(services, base, volumes, metered);
    return gain.complete ? gain : -ENOMEM;
  };
}

/** Cycles that shipped firmware states for its gain, by bytes of a period. */
const configs = [
  { ibs: 1536, obs: 1536, cpc: 12100 },
  { ibs: 384, obs: 384, cpc: 10183 },
  { ibs: 512, obs: 512, cpc: 8192 },
  { ibs: 128, obs: 128, cpc: 10091 },
  { ibs: 768, obs: 768, cpc: 5908 },
];

/** Gain: volume with ramps and mute (SOF's `gain`). */
export const gainDriver: ModuleDriver = {
  manifest: {
    name: "GAIN",
    uuid: "61bca9a8-18d0-4a18-8e7b-2639219804b7",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs,
  },
  create: creator(false),
};

/** Peak volume: gain that also publishes peak meters (SOF's `peakvol`). */
export const peakVolumeDriver: ModuleDriver = {
  manifest: {
    name: "PEAKVOL",
    uuid: "8a171323-94a3-4e1d-afe9-fe5dbaa4c393",
    initConfig: "base",
    maxInstances: 10,
    domain: "LL",
    configs,
  },
  create: creator(true),
};
