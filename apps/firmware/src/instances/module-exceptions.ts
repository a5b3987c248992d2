import { EFAULT } from "@sof-ts/kit";
import { KernelAssertion, ThreadKilled } from "@sof-ts/kernel";
import type { AudioModule, ModuleDriver, ModuleServices, ThrownHandler } from "@sof-ts/module-api";

/**
 * Lets a report be made of what a module threw, and nothing else: the unwinding of a thread that the kernel has
 * ended, and a broken rule of the kernel, pass.
 */
export function onlyModules(report: ThrownHandler): ThrownHandler {
  return (operation, error) => {
    if (error instanceof ThreadKilled || error instanceof KernelAssertion) throw error;
    report(operation, error);
  };
}

/** A driver's `create`. @returns the instance, or a negative errno: -EFAULT when it threw */
export function createGuarded(
  driver: ModuleDriver,
  services: ModuleServices,
  payload: Uint8Array,
  thrown: ThrownHandler,
): AudioModule | number {
  try {
    return driver.create(services, payload);
  } catch (error) {
    thrown("create", error);
    return -EFAULT;
  }
}
