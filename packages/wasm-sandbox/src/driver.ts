import type { AudioModule, ModuleDriver, ModuleManifest, ModuleServices } from "@sof-ts/module-api";
import { IsolatedModule, type IsolationOptions } from "./isolated-module.js";
import type { IsolatedProgram } from "./program.js";

/**
 * Budgets that hold unless others are asked for: 10 million units of fuel for a period, which is some 3 ms
 * of host time, and five times that for a control operation. A 48-tap FIR on stereo takes about 25,000.
 */
export const defaultIsolation: IsolationOptions = {
  maxSources: 1,
  maxSinks: 1,
  processFuel: 10_000_000,
  controlFuel: 50_000_000,
};

/**
 * A kind of module whose instances run isolated: to the firmware a driver like any other.
 *
 * @param options what differs from {@link defaultIsolation}
 */
export function isolatedDriver(
  program: IsolatedProgram,
  manifest: ModuleManifest,
  options: Partial<IsolationOptions> = {},
): ModuleDriver {
  const all = { ...defaultIsolation, ...options };
  return {
    manifest,
    isolated: true,
    maxSources: all.maxSources,
    maxSinks: all.maxSinks,
    create: (services: ModuleServices, payload: Uint8Array): AudioModule | number =>
      IsolatedModule.create(program, services, payload, all),
  };
}
