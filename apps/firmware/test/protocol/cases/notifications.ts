import { words } from "../../payloads.js";
import { RawHost, type Received } from "../../raw-host.js";
import { type Lab, wordsOf } from "../lab.js";
import { createPipeline, largeSet, setDx, setState, State } from "../messages.js";
import { sentIf } from "../notified.js";
import { casesIn, check } from "../protocol-case.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

// ---- the pool -----------------------------------------------------------------------------------

/** Has a running module say so many things while the host takes nothing. */
function flood(lab: Lab, count: number): void {
  lab.pairIn("RUNNING");
  lab.say((services) => {
    for (let i = 0; i < count; i++) services.notify(0xa15a_00c8, Uint8Array.of(i));
  });
}

protocolCase("any notification", "waits until the host has taken the last message", (lab) => {
  flood(lab, 5);
  lab.run(200);
  const heard = lab.notifications();
  check(heard.map(({ payload }) => payload[12])).toEqual([0, 1, 2, 3, 4]);
  return sentIf(heard.length === 5);
});
protocolCase("any notification", "is overtaken by a reply", (lab) => {
  flood(lab, 5);
  // The doorbell holds the first one while the request is executed.
  const [primary, extension] = createPipeline(9);
  lab.host.post(primary, extension);
  const order = lab
    .notifications()
    .map((one) => (one.primary & (1 << 29) ? "reply" : one.payload[12]));
  check(order).toEqual([0, "reply", 1, 2, 3, 4]);
  return sentIf(order.length === 6);
});
protocolCase("any notification", "is the ninth that waits", (lab) => {
  flood(lab, 12);
  const heard = lab.notifications();
  check(heard.map(({ payload }) => payload[12])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  check(lab.firmware.outbox.dropped).toBe(3);
  return sentIf(heard.length > 9);
});
protocolCase("any notification", "waits when core 0 goes down", (lab) => {
  flood(lab, 5);
  lab.ok(setState(State.PAUSED, 0));
  lab.host.notifications.length = 0;
  const reply = lab.send(setDx(1, 0));
  check(reply.primary).toBe(0x6700_0000);
  // One was in the doorbell when the message came; the four behind it are not sent any more.
  const heard = lab.host.notifications.length;
  lab.run(5);
  check(lab.host.take()).toBeNull();
  return sentIf(heard > 1);
});
protocolCase("FW_READY", "core 0 is up", () => {
  const host = new RawHost();
  const ready = host.boot();
  check(ready).toMatchObject({ primary: 0x1b08_0000, extension: 0 });
  host.run(20);
  check(host.take()).toBeNull();
  return "sent";
});

// ---- modules, log, faults -----------------------------------------------------------------------

protocolCase("PHRASE_DETECTED", "a detector heard its phrase", (lab) => {
  lab.pairIn("RUNNING");
  lab.say((services) => services.reportPhrase?.(7, 8000));
  check(lab.notifications()).toMatchObject([{ primary: 0x1b04_0007, extension: 8000 }]);
  return "sent";
});
protocolCase("MODULE_NOTIFICATION", "a module tells of a changed control", (lab) => {
  const [end] = lab.pairIn("RUNNING", 1);
  const control = words([1 << 16, 0, 0, 0, 0, 0, 1]);
  lab.say((services) => services.notify(0xa15a_00c8, control));
  const [heard] = lab.notifications() as [Received];
  check(heard.primary).toBe(0x1b0c_0000);
  const [who, event, size] = wordsOf(heard, 3);
  check([who, event, size]).toEqual([end[1] | (end[0] << 16), 0xa15a_00c8, 28]);
  check(heard.payload.subarray(12, 40)).toEqual(control);
  return "sent";
});
protocolCase("MODULE_NOTIFICATION", "data that no mailbox holds", (lab) => {
  lab.pairIn("RUNNING");
  lab.say((services) => services.notify(1, new Uint8Array(5000)));
  return sentIf(lab.notifications().length > 0);
});

const LOG_STATUS = 0x1b06_0000;
const enableLogs = (agingMs: number) =>
  largeSet([0, 0], 6, words([agingMs, 0, 1, 0x1f, ...Array.from({ length: 15 }, () => 0)]));

protocolCase("LOG_BUFFER_STATUS", "the log is not enabled", (lab) => {
  for (let i = 0; i < 60; i++) lab.status(createPipeline(i));
  lab.run(2000);
  return sentIf(lab.notifications().length > 0);
});
protocolCase("LOG_BUFFER_STATUS", "a line is old", (lab) => {
  // Less than 100 ms is 100 ms.
  lab.ok(enableLogs(10), createPipeline(1));
  lab.run(90);
  check(lab.notifications()).toEqual([]);
  lab.run(20);
  check(lab.notifications()).toMatchObject([{ primary: LOG_STATUS, extension: 0 }]);
  return "sent";
});
protocolCase("LOG_BUFFER_STATUS", "space runs low", (lab) => {
  lab.ok(enableLogs(60_000));
  for (let i = 0; i < 40; i++) lab.status(createPipeline(i));
  return sentIf(lab.notifications().some(({ primary }) => primary === LOG_STATUS));
});
protocolCase("EXCEPTION_CAUGHT", "a privileged thread faults: ahead of what waits", (shared) => {
  const lab = shared.with({ config: { locking: "kernel-ll" } });
  lab.cores(1);
  lab.pairIn("RUNNING", 0, 1);
  const fault = () => {
    throw new TypeError("wild pointer");
  };
  lab.script.once = (services) => {
    for (let i = 0; i < 5; i++) services.notify(1, new Uint8Array(4));
    fault();
  };
  check(() => lab.run(3)).toThrow("the firmware halted");
  check(lab.host.take()).toMatchObject({ primary: 0x1b0a_0000, extension: 1 });
  return "sent";
});

protocolCase("EXCEPTION_CAUGHT", "an LL thread without privileges faults", (lab) => {
  lab.cores(1);
  lab.pairIn("RUNNING", 0, 1);
  lab.script.once = () => {
    throw new TypeError("wild pointer");
  };
  lab.run(3);
  check(lab.notifications()).toMatchObject([{ primary: 0x1b0a_0000, extension: 1 }]);
  lab.ok(createPipeline(3));
  return "sent";
});

/** Core 1's tick does not come any more. */
function stopTick(lab: Lab): void {
  lab.cores(1);
  lab.run(5);
  lab.firmware.soc.cores[1]?.timer.stop();
}

protocolCase("WATCHDOG_TIMEOUT", "a core misses its ticks", (lab) => {
  stopTick(lab);
  lab.run(220);
  check(lab.notifications()).toMatchObject([{ primary: 0x1b0f_0011, extension: 0 }]);
  return "sent";
});
protocolCase("WATCHDOG_TIMEOUT", "it stays away", (lab) => {
  stopTick(lab);
  lab.run(1000);
  const heard = lab.notifications().map(({ primary }) => primary);
  check(heard).toEqual([0x1b0f_0011, 0x1b0f_0001]);
  return "sent";
});
protocolCase("WATCHDOG_TIMEOUT", "it comes back", (lab) => {
  stopTick(lab);
  lab.run(50);
  lab.firmware.soc.cores[1]?.timer.start(1000);
  lab.run(500);
  lab.ok(setDx(2, 0));
  lab.run(500);
  return sentIf(lab.notifications().length > 0);
});
