import { describe, expect, it } from "vitest";
import { machine } from "../test/harness.js";

const PAGE = 0xa010_0000;
// kernel rwx = 1 2 4, user rwx = 8 16 32, cached = 64
const KERNEL_RW = 3;
const ALL_RW = 3 + 8 + 16 + 64;
const ALL_RX = 1 + 4 + 8 + 32 + 64;

describe("the MMU", () => {
  function setup() {
    const { mmu } = machine("ptl").soc;
    mmu.map(mmu.kernel, PAGE, 0x4000, KERNEL_RW);
    const space = mmu.createSpace("ll");
    return { mmu, space };
  }

  it("keeps user mode out of what only the kernel's map has", () => {
    const { mmu, space } = setup();
    expect(mmu.check(space, PAGE + 8, 4, "write", false)).toBe(0);
    expect(mmu.check(space, PAGE + 8, 4, "read", true)).toBe(-14);
    expect([mmu.fault, mmu.faultAddress]).toEqual(["privilege", PAGE + 8]);
    expect(mmu.check(space, PAGE + 0x4000, 1, "read", false)).toBe(-14);
    expect(mmu.fault).toBe("unmapped");
  });

  it("gives a space its own pages, which no other space sees", () => {
    const { mmu, space } = setup();
    const other = mmu.createSpace("dp");
    expect(mmu.map(space, PAGE + 0x1000, 0x1000, ALL_RW)).toBe(0);
    expect(mmu.check(space, PAGE + 0x1000, 0x1000, "write", true)).toBe(0);
    expect(mmu.check(other, PAGE + 0x1000, 4, "write", true)).toBe(-14);
    expect(mmu.unmap(space, PAGE + 0x1000, 0x1000)).toBe(0);
    expect(mmu.check(space, PAGE + 0x1000, 4, "read", true)).toBe(-14);
    expect(mmu.check(space, PAGE + 0x1000, 4, "read", false)).toBe(0);
  });

  it("names the first byte refused of an access over several pages", () => {
    const { mmu, space } = setup();
    mmu.map(space, PAGE, 0x2000, ALL_RW);
    expect(mmu.check(space, PAGE + 0xff0, 0x1010, "read", true)).toBe(0);
    expect(mmu.check(space, PAGE + 0xff0, 0x1011, "read", true)).toBe(-14);
    expect(mmu.faultAddress).toBe(PAGE + 0x2000);
  });

  it("tells a missing write right from a missing execute right", () => {
    const { mmu, space } = setup();
    mmu.map(space, PAGE, 0x1000, ALL_RX);
    mmu.map(space, PAGE + 0x1000, 0x1000, ALL_RW);
    expect(mmu.check(space, PAGE, 4, "execute", true)).toBe(0);
    expect(mmu.check(space, PAGE, 4, "write", true)).toBe(-14);
    expect(mmu.fault).toBe("write");
    expect(mmu.check(space, PAGE, 4, "write", false)).toBe(-14);
    expect(mmu.check(space, PAGE + 0x1000, 4, "execute", true)).toBe(-14);
    expect(mmu.fault).toBe("execute");
  });

  it("treats the uncached alias as another page", () => {
    const { mmu, space } = setup();
    mmu.map(space, PAGE, 0x1000, ALL_RW);
    expect(mmu.check(space, 0x4010_0000, 4, "read", true)).toBe(-14);
    expect(mmu.rights(space, PAGE) & 64).toBe(64);
  });

  it("maps whole pages only", () => {
    const { mmu, space } = setup();
    expect(mmu.map(space, PAGE + 4, 0x1000, ALL_RW)).toBe(-22);
    expect(mmu.map(space, PAGE, 0x800, ALL_RW)).toBe(-22);
    expect(mmu.map(space, PAGE, 0, ALL_RW)).toBe(-22);
    expect(mmu.unmap(space, PAGE, 0x801)).toBe(-22);
  });

  it("does not end a space in which a core runs", () => {
    const { mmu, space } = setup();
    mmu.activate(2, space);
    expect(mmu.activeSpace(2)).toBe(space);
    expect(mmu.destroySpace(space)).toBe(-16);
    mmu.activate(2, mmu.kernel);
    expect(mmu.destroySpace(space)).toBe(0);
    expect(mmu.destroySpace(mmu.kernel)).toBe(-22);
  });
});
