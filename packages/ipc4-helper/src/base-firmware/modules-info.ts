import { ByteWriter, parseUuid } from "@sof-ts/kit";
import type { ModuleDriver } from "@sof-ts/module-api";
import type { ModuleDirectory } from "../ports.js";

const LOW_LATENCY = 1 << 5;
const DATA_PROCESSING = 1 << 6;
const INIT_CONFIG_BASE_EXT = 1 << 8;
const ENTRY_BYTES = 116;

/** Reply to MODULES_INFO: a count and the manifest entries, their first word replaced by module id and flags. */
export function writeModulesInfo(directory: ModuleDirectory): Uint8Array {
  const entries = directory.entries();
  const out = new ByteWriter(4 + ENTRY_BYTES * entries.length).u32(entries.length);
  for (const { moduleId, driver } of entries) writeEntry(out, moduleId, driver);
  return out.finish();
}

function writeEntry(out: ByteWriter, moduleId: number, driver: ModuleDriver): void {
  const { manifest } = driver;
  const type =
    (manifest.domain === "DP" ? DATA_PROCESSING : LOW_LATENCY) |
    (manifest.initConfig === "base+ext" ? INIT_CONFIG_BASE_EXT : 0);
  const name = new Uint8Array(8);
  new TextEncoder().encodeInto(manifest.name, name);
  out.u16(moduleId).u16(0).bytes(name).bytes(parseUuid(manifest.uuid)).u32(type);
  // Hash, entry point and segments belong to code that is loaded; built-in modules have none.
  out.zeros(32).u32(0).u16(0).u16(manifest.configs.length).u32(0xffff_ffff);
  out.u16(manifest.maxInstances).u16(0).zeros(36);
}
