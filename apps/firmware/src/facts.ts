import type { FirmwareFacts } from "@sof-ts/ipc4-helper";
import type { PlatformDescription } from "@sof-ts/soc";

const DEBUG_SLOT_BYTES = 4096;

/** What this firmware tells about itself and its machine. */
export function firmwareFacts(platform: PlatformDescription, hasLog: boolean): FirmwareFacts {
  const { memory, dai } = platform;
  return {
    version: { major: 2, minor: 14, hotfix: 99, build: 1 },
    coreCount: platform.coreCount,
    slowClockHz: platform.wallClockHz,
    fastClockHz: platform.coreClockHz,
    hpSramBytes: memory.hpsram.size,
    lpSramBytes: memory.lpsram.size,
    sspBases: Array.from({ length: dai.ssp }, (_, index) => index * 0x1000),
    hasAlwaysRunningTimer: platform.hasAlwaysRunningTimer,
    micPrivacyVersion: platform.micPrivacyVersion,
    traceBytes: hasLog ? DEBUG_SLOT_BYTES : 0,
  };
}
