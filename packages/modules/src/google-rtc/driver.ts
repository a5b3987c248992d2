import { EINVAL, ENOMEM } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { MAX_CHANNELS, streamParamsOf } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { parsePinConfig } from "../common/pin-config.js";
import { GoogleRtc } from "./google-rtc.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const config = parsePinConfig(payload);
  if (typeof config === "number") return config;
  const base = streamParamsOf(config.base.audioFmt);
  const input = (index: number) => {
    const pin = config.inputs.find(({ pinIndex }) => pinIndex === index);
    return pin === undefined ? base : streamParamsOf(pin.audioFmt);
  };
  const output = config.outputs[0];
  const outputParams = output === undefined ? base : streamParamsOf(output.audioFmt);
  if (outputParams.channels < 1 || outputParams.channels > MAX_CHANNELS) return -EINVAL;
  const module = new GoogleRtc(services, input(0), input(1), outputParams);
  return module.complete ? module : -ENOMEM;
}

/** Google's real-time communication processing, without the vendor's library. */
export const googleRtcDriver: ModuleDriver = {
  manifest: {
    name: "RTC_AEC",
    uuid: "b780a0a6-269f-466f-b477-23dfa05af758",
    initConfig: "base+ext",
    maxInstances: 1,
    domain: "DP",
    configs: estimatedConfigs("RTC_AEC"),
  },
  placeholder:
    "passes the microphones through with the delay of a 10 ms block and drops the echo reference; Google's library is not part of open firmware",
  maxSources: 2,
  create,
};
