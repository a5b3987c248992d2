import type { ByteReader, ByteWriter } from "@sof-ts/kit";

/** Resource needs of a module for one pair of buffer sizes (SOF's `sof_man_mod_config`). */
export interface ModuleConfig {
  readonly params: readonly [number, number, number, number];
  /** Bytes of an instance. */
  readonly instanceBytes: number;
  /** Cycles per second. */
  readonly cps: number;
  /** Input and output bytes of one period. */
  readonly ibs: number;
  readonly obs: number;
  readonly moduleFlags: number;
  /** Cycles per period. */
  readonly cpc: number;
  /** Bytes of output that are kept back. */
  readonly obls: number;
}

/** Reads the 44 bytes of a configuration. */
export function readModuleConfig(reader: ByteReader): ModuleConfig {
  return {
    params: [reader.u32(), reader.u32(), reader.u32(), reader.u32()],
    instanceBytes: reader.u32(),
    cps: reader.u32(),
    ibs: reader.u32(),
    obs: reader.u32(),
    moduleFlags: reader.u32(),
    cpc: reader.u32(),
    obls: reader.u32(),
  };
}

/** Writes the 44 bytes of a configuration. */
export function writeModuleConfig(out: ByteWriter, config: ModuleConfig): void {
  for (const param of config.params) out.u32(param);
  out.u32(config.instanceBytes).u32(config.cps).u32(config.ibs).u32(config.obs);
  out.u32(config.moduleFlags).u32(config.cpc).u32(config.obls);
}
