import { createPipeline, deletePipeline, setD0ix, setDx, setState, State } from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { withLibraries } from "../scripted-libraries.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

// ---- SET_DX -------------------------------------------------------------------------------------

protocolCase("SET_DX", "module or instance id is not zero", (lab) => {
  check(lab.status(setDx(0xffff, 0, [1, 0]))).toBe(9);
  return lab.status(setDx(0xffff, 0, [0, 1]));
});
protocolCase("SET_DX", "mask has cores that there are not", (lab) => {
  check(lab.status(setDx(0xffff_ffff, 0))).toBe(1);
  // That is looked at before core 0's wish.
  return lab.status(setDx(0b1001, 0b1));
});
protocolCase("SET_DX", "core 0 is to go on", (lab) => {
  const status = lab.status(setDx(0b111, 0b111));
  // Nothing was done: the other cores are still off.
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([false, false]);
  return status;
});
protocolCase("SET_DX", "a core does not come up", (lab) => {
  // A core that the machine has powered already: the firmware cannot start it.
  lab.firmware.soc.cores[1]?.powerUp(() => {});
  lab.run(1);
  return lab.status(setDx(0b110, 0b110));
});
protocolCase("SET_DX", "a core that is in use is to go down", (lab) => {
  lab.cores(1, 2);
  lab.ok(createPipeline(0, { core: 1 }));
  check(lab.status(setDx(0b10, 0))).toBe(6);
  lab.ok(deletePipeline(0));
  // An instance on a core whose pipelines are elsewhere keeps it on as well.
  lab.ok(createPipeline(1));
  lab.scripted(0, 1, 1);
  const status = lab.status(setDx(0b10, 0));
  lab.ok(deletePipeline(1), setDx(0b110, 0));
  return status;
});
protocolCase("SET_DX", "core 0 is to go down while another is on", (lab) => {
  lab.cores(1, 2);
  check(lab.status(setDx(0b001, 0))).toBe(4);
  // The secondary cores of the message go down first.
  const status = lab.status(setDx(0b011, 0));
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([false, true]);
  return status;
});
protocolCase("SET_DX", "core 0 is to go down while a pipeline runs", (lab) => {
  lab.pairIn("RUNNING");
  const status = lab.status(setDx(1, 0));
  lab.ok(setState(State.PAUSED, 0));
  return status;
});
protocolCase("SET_DX", "core 0 cannot go down", (lab) => {
  const { lab: other, libraries } = withLibraries(lab);
  libraries.rc = -5;
  const status = other.status(setDx(1, 0));
  // The firmware goes on.
  check(other.status(createPipeline(0))).toBe(0);
  return status;
});
protocolCase("SET_DX", "core 0 goes down", (lab) => {
  lab.pairIn("PAUSED", 0);
  lab.playback(3);
  const status = lab.status(setDx(1, 0));
  lab.run(5);
  check(lab.firmware.soc.cores[0]?.state).toBe("off");
  check(lab.firmware.soc.dma.inUse).toBe(0);
  check(lab.host.link.read32(lab.host.link.registers.tdr) >>> 31).toBe(0);
  return status;
});
protocolCase("SET_DX", "secondary cores on and off", (lab) => {
  const idle = lab.firmware.resources;
  const status = lab.status(setDx(0b110, 0b110));
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([true, true]);
  // Bits outside of the mask do not count.
  lab.ok(setDx(0b010, 0b101));
  check([1, 2].map((core) => lab.firmware.coreEnabled(core))).toEqual([false, true]);
  lab.ok(setDx(0b110, 0));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});
protocolCase("SET_DX", "core is as asked for already", (lab) => {
  lab.ok(setDx(0b110, 0), setDx(0b110, 0b110));
  check(lab.status(setDx(0, 0b111))).toBe(0);
  return lab.status(setDx(0b110, 0b110));
});

// ---- SET_D0IX -----------------------------------------------------------------------------------

protocolCase("SET_D0IX", "module or instance id is not zero", (lab) => {
  check(lab.status(setD0ix(0, [4, 0]))).toBe(9);
  return lab.status(setD0ix(4, [0, 1]));
});
protocolCase("SET_D0IX", "power gating prevented and allowed", (lab) => {
  const status = lab.status(setD0ix(0b0100));
  check(lab.firmware.powerGatingPrevented).toBe(true);
  lab.ok(setD0ix(0b1011));
  check(lab.firmware.powerGatingPrevented).toBe(false);
  return status;
});
