import { EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { MUX_STREAMS, type MuxConfig, parseMuxConfig } from "./config.js";
import { Demux } from "./demux.js";
import { Mux } from "./mux.js";

function creator(make: (services: ModuleServices, config: MuxConfig) => AudioModule) {
  return (services: ModuleServices, payload: Uint8Array): AudioModule | number => {
    const config = parseMuxConfig(payload);
    if (typeof config === "number") return config;
    const { channelsCount } = config.base.audioFmt;
    if (channelsCount < 1 || channelsCount > MAX_CHANNELS) return -EINVAL;
    return make(services, config);
  };
}

/** Mux: joins the channels of two streams (SOF's `mux`). */
export const muxDriver: ModuleDriver = {
  manifest: {
    name: "MUX",
    uuid: "64ce6e35-857a-4878-ace8-e2a2f42e3069",
    initConfig: "base",
    maxInstances: 15,
    domain: "LL",
    configs: estimatedConfigs("MUX"),
  },
  maxSources: MUX_STREAMS,
  create: creator((services, config) => new Mux(services, config)),
};

/** Demux: copies a stream (SOF's `demux`). */
export const demuxDriver: ModuleDriver = {
  manifest: {
    name: "DEMUX",
    uuid: "c4b26868-1430-470e-a089-15d1c77f851a",
    initConfig: "base",
    maxInstances: 15,
    domain: "LL",
    configs: estimatedConfigs("DEMUX"),
  },
  maxSinks: MUX_STREAMS,
  create: creator((services, config) => new Demux(services, config)),
};
