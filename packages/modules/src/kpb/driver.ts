import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { Kpb } from "./kpb.js";

const RATE = 16000;
const MAX_CHANNELS = 6;
const containers = [16, 32];
const validBits = [16, 24, 32];

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  const { samplingFrequency, channelsCount, depth, validBitDepth } = base.audioFmt;
  if (samplingFrequency !== RATE || channelsCount < 1 || channelsCount > MAX_CHANNELS)
    return -EINVAL;
  if (!containers.includes(depth) || !validBits.includes(validBitDepth) || validBitDepth > depth)
    return -EINVAL;
  const kpb = new Kpb(services, base);
  return kpb.complete ? kpb : -ENOMEM;
}

/** Key phrase buffer (SOF's `kpb`). */
export const kpbDriver: ModuleDriver = {
  manifest: {
    name: "KPB",
    uuid: "a8a0cb32-4a77-4db1-85c7-53d7ee07bce6",
    initConfig: "base",
    maxInstances: 1,
    domain: "LL",
    configs: estimatedConfigs("KPB"),
  },
  maxSinks: 2,
  create,
};
