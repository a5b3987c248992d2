import { decodeBaseModuleCfgExt, hasBaseModuleCfgExt } from "@sof-ts/ipc4";
import { EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { phaseStep, Tone } from "./tone.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const { channelsCount, depth, samplingFrequency } = base.audioFmt;
  const step = phaseStep(samplingFrequency);
  if (depth !== 32 || step === null || channelsCount < 1 || channelsCount > MAX_CHANNELS)
    return -EINVAL;
  const pins = hasBaseModuleCfgExt(payload) ? decodeBaseModuleCfgExt(payload).inputPins.length : 0;
  return new Tone(services, base, step, pins > 0);
}

/** Tone: a sine of 997 Hz (SOF's `tone`). */
export const toneDriver: ModuleDriver = {
  manifest: {
    name: "TONE",
    uuid: "04e3f894-2c5c-4f2e-8dc1-694eeaab53fa",
    initConfig: "base",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("TONE"),
  },
  create,
};
