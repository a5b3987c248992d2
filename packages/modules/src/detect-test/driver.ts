import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { parseBaseConfig } from "../common/base-config.js";
import { estimatedConfigs } from "../common/manifest-costs.js";
import { DetectTest } from "./detect-test.js";

function create(services: ModuleServices, payload: Uint8Array): AudioModule | number {
  const base = parseBaseConfig(payload);
  return typeof base === "number" ? base : new DetectTest(services, base);
}

/** Key phrase detector for tests (SOF's `detect_test`). */
export const detectTestDriver: ModuleDriver = {
  manifest: {
    name: "KDTEST",
    uuid: "eba8d51f-7827-47b5-82ee-de6e7743af67",
    initConfig: "base",
    maxInstances: 1,
    domain: "LL",
    configs: estimatedConfigs("KDTEST"),
  },
  maxSinks: 0,
  create,
};
