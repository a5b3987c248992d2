import { ByteWriter } from "@sof-ts/kit";

/** What the firmware tells about itself and its machine; the composition root fills it in. */
export interface FirmwareFacts {
  readonly version: {
    readonly major: number;
    readonly minor: number;
    readonly hotfix: number;
    readonly build: number;
  };
  readonly coreCount: number;
  readonly slowClockHz: number;
  readonly fastClockHz: number;
  readonly xtalHz: number;
  readonly moduleCount: number;
  readonly hpSramBytes: number;
  readonly lpSramBytes: number;
  readonly sspBases: readonly number[];
  readonly gpdmaCount: number;
}

const MAILBOX_BYTES = 4096;
const PAGE_BYTES = 4096;
const MEMORY_BANK_BYTES = 0x2_0000;

/** Reply to FW_CONFIG: TLVs in the order in which the reference emits them (`basefw_config`). */
export function writeFwConfig(facts: FirmwareFacts): Uint8Array {
  const { version } = facts;
  const out = new ByteWriter(512);
  const word = (type: number, value: number): void => {
    out.u32(type).u32(4).u32(value);
  };
  out.u32(0).u32(8).u16(version.major).u16(version.minor).u16(version.hotfix).u16(version.build);
  word(1, 1);
  word(3, facts.fastClockHz);
  word(2, facts.slowClockHz);
  word(6, MAILBOX_BYTES);
  word(7, MAILBOX_BYTES);
  word(8, 0);
  word(9, 32);
  word(10, 0);
  word(11, 8);
  word(13, 256);
  word(14, 16);
  word(15, 8);
  word(16, 16);
  word(12, facts.moduleCount);
  word(17, 16);
  out.u32(18).u32(20).u32(1).u32(1).u32(0).u32(0).u32(0);
  word(29, 0);
  word(33, 2);
  word(5, 0x1_0000);
  return out.finish();
}

/** Reply to HW_CONFIG. */
export function writeHwConfig(facts: FirmwareFacts): Uint8Array {
  const banks = (bytes: number): number => Math.floor(bytes / MEMORY_BANK_BYTES);
  const out = new ByteWriter(256);
  const word = (type: number, value: number): void => {
    out.u32(type).u32(4).u32(value);
  };
  word(1, facts.coreCount);
  word(2, PAGE_BYTES);
  word(3, Math.floor(facts.hpSramBytes / PAGE_BYTES));
  const { sspBases } = facts;
  out
    .u32(4)
    .u32(8 + 4 * sspBases.length)
    .u32(0x4_0000)
    .u32(sspBases.length);
  for (const base of sspBases) out.u32(base);
  word(7, banks(facts.hpSramBytes));
  word(8, banks(facts.lpSramBytes));
  word(9, MEMORY_BANK_BYTES);
  return out.finish();
}
