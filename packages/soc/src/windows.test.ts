import { describe, expect, it } from "vitest";
import { BusError } from "./index.js";
import { machine } from "../test/harness.js";

describe.each([
  { name: "tgl", host: [0x80000, 0xa0000, 0xc0000, 0xe0000], dsp: 0x9e00_4000, trace: 0x1000 },
  { name: "mtl", host: [0x180000, 0x188000, 0x190000], dsp: 0x4002_4000, trace: 0 },
  { name: "lnl", host: [0x180000, 0x188000, 0x190000], dsp: 0x4002_4000, trace: 0 },
  { name: "ptl", host: [0x180000, 0x188000, 0x190000], dsp: 0x4002_4000, trace: 0 },
])("memory windows of $name", ({ name, host, dsp, trace }) => {
  it("shows the host the same bytes as the DSP", () => {
    const { soc } = machine(name);
    const [registers, downlink, debug] = host as [number, number, number];
    soc.windows.registers.setUint32(0, 0x8000_0005, true);
    soc.windows.uplink.set([1, 2, 3, 4]);
    soc.windows.debug.set([5, 6, 7, 8], 0xf000);
    expect(soc.hostBus.read32(registers)).toBe(0x8000_0005);
    expect(soc.hostBus.read32(registers + 0x1000)).toBe(0x0403_0201);
    expect(soc.hostBus.read32(debug + 0xf000)).toBe(0x0807_0605);
    soc.hostBus.write32(downlink + 0xffc, 0xdead_beef);
    expect([...soc.windows.downlink.subarray(0xffc, 0x1000)]).toEqual([0xef, 0xbe, 0xad, 0xde]);
  });

  it("refuses the host's writes to the status registers", () => {
    const { soc } = machine(name);
    expect(() => soc.hostBus.write32(host[0] as number, 1)).toThrow(BusError);
    expect(soc.hostBus.read32(host[0] as number)).toBe(0);
  });

  it("lies in the DSP's uncached memory, one window after the other", () => {
    const { soc } = machine(name);
    expect(soc.windows.all.map((window) => window.dspAddress)).toEqual([
      dsp,
      dsp + 0x2000,
      dsp + 0x4000,
      dsp + 0x14000,
    ]);
    expect(soc.windows.trace.length).toBe(trace);
    expect(soc.windows.uplink.length).toBe(0x1000);
  });

  it("answers nowhere else", () => {
    const { soc } = machine(name);
    expect(() => soc.hostBus.read32((host[1] as number) + 0x2000)).toThrow("unmapped read");
    expect(() => soc.hostBus.read32((host[1] as number) + 2)).toThrow("unaligned read");
  });
});
