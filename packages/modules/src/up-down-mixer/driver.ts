import { ByteReader, EINVAL } from "@sof-ts/kit";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { BASE_CONFIG_BYTES, MAX_CHANNELS, parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { mixCoefficients } from "./coefficients.js";
import { UpDownMixer } from "./up-down-mixer.js";

const PAYLOAD_BYTES = BASE_CONFIG_BYTES + 44;

/** Choice of coefficients and channel map (SOF's `enum ipc4_up_down_mixer_coefficients_select`). */
const Select = { DEFAULT: 0, CUSTOM: 1, DEFAULT_WITH_MAP: 2, CUSTOM_WITH_MAP: 3 } as const;

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  if (typeof base === "number") return base;
  if (payload.length < PAYLOAD_BYTES) return -EINVAL;
  const reader = new ByteReader(payload.subarray(BASE_CONFIG_BYTES), "up/down mixer configuration");
  const output = reader.u32();
  const select = reader.u32();
  // Custom coefficients would replace ones of an earlier configuration, and there is none.
  reader.take(32);
  const map = reader.u32();
  const { audioFmt } = base;
  const { channelsCount, depth, chCfg } = audioFmt;
  if (select > Select.CUSTOM_WITH_MAP || (depth !== 16 && depth !== 32)) return -EINVAL;
  if (channelsCount < 1 || channelsCount > MAX_CHANNELS) return -EINVAL;
  const ownMap = select === Select.DEFAULT_WITH_MAP || select === Select.CUSTOM_WITH_MAP;
  const rows = mixCoefficients({
    input: chCfg,
    output,
    short: depth === 16,
    channelMap: ownMap ? map : audioFmt.chMap,
    inputChannels: channelsCount,
  });
  return rows === null ? -EINVAL : new UpDownMixer(services, base, rows);
}

/** Up/down mixer (SOF's `up_down_mixer`). */
export const upDownMixerDriver: ModuleDriver = {
  manifest: {
    name: "UPDWMIX",
    uuid: "42f8060c-832f-4dbf-b247-51e961997b34",
    initConfig: "base",
    maxInstances: 15,
    domain: "LL",
    configs: estimatedConfigs("UPDWMIX"),
  },
  create,
};
