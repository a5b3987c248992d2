import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { streamParamsOf } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { parsePinConfig } from "../common/pin-config.js";
import { SmartAmpTest } from "./smart-amp-test.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parsePinConfig(payload);
  if (typeof config === "number") return config;
  const [source, feedback] = config.inputs;
  const [sink] = config.outputs;
  if (config.inputs.length !== 2 || config.outputs.length !== 1) return -EINVAL;
  if (source === undefined || feedback === undefined || sink === undefined) return -EINVAL;
  const amp = new SmartAmpTest(services, {
    source: streamParamsOf(source.audioFmt),
    feedback: streamParamsOf(feedback.audioFmt),
    sink: streamParamsOf(sink.audioFmt),
  });
  return amp.complete ? amp : -ENOMEM;
}

/** Smart amplifier for tests (SOF's `smart_amp_test`). */
export const smartAmpTestDriver: ModuleDriver = {
  manifest: {
    name: "SMATEST",
    uuid: "167a961e-8ae4-11ea-89f1-000c29ce1635",
    initConfig: "base+ext",
    maxInstances: 1,
    domain: "LL",
    configs: estimatedConfigs("SMATEST"),
  },
  maxSources: 2,
  create,
};
