import { ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { streamParamsOf } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { parsePinConfig } from "../common/pin-config.js";
import { Tdfb } from "./tdfb.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parsePinConfig(payload);
  if (typeof config === "number") return config;
  const [input, ...moreInputs] = config.inputs;
  const [output, ...moreOutputs] = config.outputs;
  const paired = moreInputs.length === 0 && moreOutputs.length === 0;
  const tdfb =
    input !== undefined && output !== undefined && paired
      ? new Tdfb(services, streamParamsOf(input.audioFmt), streamParamsOf(output.audioFmt))
      : new Tdfb(services, null, null);
  return tdfb.complete ? tdfb : -ENOMEM;
}

/** Time-domain fixed beamformer (SOF's `tdfb`). */
export const tdfbDriver: ModuleDriver = {
  manifest: {
    name: "TDFB",
    uuid: "dd511749-d9fa-455c-b3a7-13585693f1af",
    initConfig: "base+ext",
    maxInstances: 40,
    domain: "LL",
    configs: estimatedConfigs("TDFB"),
  },
  create,
};
