import { defaultCosts } from "@sof-ts/kernel";
import { describePlatform, operationCycles, platformNames } from "@sof-ts/soc";
import { describe, expect, it } from "vitest";
import { Firmware } from "../src/index.js";

describe.each(platformNames)("the firmware on %s", (platform) => {
  it("runs by the cores, the clock and the costs of the platform's description", () => {
    const { kernel, soc } = new Firmware({ config: { platform } });
    const description = describePlatform(platform);
    expect(soc.platform).toBe(description);
    expect(kernel.cpus.length).toBe(description.coreCount);
    expect(kernel.cyclesPerSecond).toBe(description.coreClockHz);
    expect(kernel.costs).toEqual(operationCycles(description.costs));
  });

  it("has a cost for each operation of the kernel; the default's, as long as nobody measured this one", () => {
    expect(operationCycles(describePlatform(platform).costs)).toEqual(defaultCosts);
  });
});
