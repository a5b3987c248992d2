import { EINVAL } from "@sof-ts/kit";
import {
  type AudioModule,
  containerBytes,
  type ModuleDriver,
  type ModuleServices,
} from "@sof-ts/module-api";
import { MAX_CHANNELS, periodFrames, streamParamsOf } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import {
  COPIER_PINS,
  type CopierConfig,
  NO_GATEWAY,
  nodeDirection,
  parseCopierConfig,
} from "./config.js";
import { type Copier, OUT_OF_MEMORY } from "./copier.js";
import { EgressCopier } from "./egress-copier.js";
import { IngressCopier } from "./ingress-copier.js";
import { ModuleCopier } from "./module-copier.js";
import { PIPELINE_REGISTER_SLOTS } from "./pipeline-registers.js";

/** Pipeline id of an instance that belongs to none. */
const NO_PIPELINE = 0xff;

function open(services: ModuleServices, config: CopierConfig): Copier | number {
  const { base, outFormat, nodeId } = config;
  if (nodeId === NO_GATEWAY) return new ModuleCopier(services, config, null);
  const direction = nodeDirection(nodeId);
  if (direction === null || services.pipelineId === NO_PIPELINE) return -EINVAL;
  const dmaType = (nodeId >>> 8) & 0x1f;
  if (dmaType === 0 && (nodeId & 0xff) >= PIPELINE_REGISTER_SLOTS) return -EINVAL;
  const hostSide = dmaType <= 1 || dmaType >= 20;
  const ingress = (direction === "playback") === hostSide;
  const params = streamParamsOf(ingress ? base.audioFmt : outFormat);
  const frames = periodFrames(params.rate, services.periodUs);
  const gateway = services.openGateway({
    nodeId,
    direction,
    dmaBufferBytes: config.dmaBufferBytes,
    periodBytes: frames * params.channels * containerBytes(params.frameFmt),
    config: config.gatewayConfig,
  });
  if (typeof gateway === "number") return gateway;
  return ingress
    ? new IngressCopier(services, config, gateway)
    : new EgressCopier(services, config, gateway);
}

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parseCopierConfig(payload);
  if (typeof config === "number") return config;
  for (const { channelsCount } of [config.base.audioFmt, config.outFormat]) {
    if (channelsCount < 1 || channelsCount > MAX_CHANNELS) return -EINVAL;
  }
  const copier = open(services, config);
  if (typeof copier === "number" || copier.complete) return copier;
  copier.free();
  return OUT_OF_MEMORY;
}

/** Copier: host DMA, DAI, or a format converter between modules (SOF's `copier`). */
export const copierDriver: ModuleDriver = {
  manifest: {
    name: "COPIER",
    uuid: "9ba00c83-ca12-4a83-943c-1fa2e82f9dda",
    initConfig: "base",
    maxInstances: 32,
    domain: "LL",
    configs: estimatedConfigs("COPIER"),
  },
  maxSinks: COPIER_PINS,
  create,
};
