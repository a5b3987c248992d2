import { words } from "../../payloads.js";
import { RawHost, type Received } from "../../raw-host.js";
import { base40, Id, Lab, wordsOf } from "../lab.js";
import {
  bind,
  chainDma,
  configSet,
  createPipeline,
  initInstance,
  largeSet,
  setDx,
  setState,
  setStates,
  State,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { HostRing, play, record } from "../streams.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const RESOURCE_EVENT = 0x1b05_0000;
const UNDERRUN = 6;
const OVERRUN = 7;
const MIXER = 1;

/** The resource events among some notifications: resource type, id, event, and three words of data. */
const events = (notifications: readonly Received[]): number[][] =>
  notifications
    .filter(({ primary }) => primary === RESOURCE_EVENT)
    .map((one) => {
      const [type, id, event, reserved, ...data] = wordsOf(one, 7) as [
        number,
        number,
        number,
        number,
        number,
      ];
      check(reserved).toBe(0);
      return [type, id, event, ...data];
    });

const sentIf = (condition: boolean): "sent" | "not sent" => (condition ? "sent" : "not sent");

/** Masks events of the host's choice. */
const mask = (bits: number) => largeSet([0, 0], 3, words([bits, 0]));

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

// ---- xruns --------------------------------------------------------------------------------------

const GATEWAY = "RESOURCE_EVENT, gateway xrun";

protocolCase(GATEWAY, "playback link runs dry", (lab) => {
  play(lab).feed(20);
  lab.run(15);
  check(lab.notifications()).toEqual([]);
  lab.run(30);
  const [event] = events(lab.notifications());
  check(event).toEqual([1, 0, UNDERRUN, 0, 0, 0]);
  return "sent";
});
protocolCase(GATEWAY, "capture link runs over", (lab) => {
  record(lab);
  lab.run(30);
  const [event] = events(lab.notifications());
  check(event).toEqual([1, 1, OVERRUN, 0, 0, 0]);
  return "sent";
});
protocolCase(GATEWAY, "the episode goes on", (lab) => {
  play(lab).feed(20);
  lab.run(120);
  return sentIf(events(lab.notifications()).length > 1);
});
protocolCase(GATEWAY, "another episode after a clean one", (lab) => {
  const ring = play(lab);
  ring.feed(20);
  lab.run(40);
  ring.feed(20);
  lab.run(40);
  const heard = events(lab.notifications());
  check(heard.map(([, , event]) => event)).toEqual([UNDERRUN, UNDERRUN]);
  return "sent";
});
protocolCase(GATEWAY, "pool is exhausted: again at a later tick", (lab) => {
  play(lab).feed(20);
  lab.pairIn("RUNNING", 5);
  lab.say((services) => {
    for (let i = 0; i < 9; i++) services.notify(0xa15a_00c8, Uint8Array.of(i));
  });
  lab.run(60);
  check(lab.firmware.outbox.dropped).toBeGreaterThan(0);
  const heard = lab.notifications();
  check(events(heard.slice(0, 9))).toEqual([]);
  lab.run(5);
  return sentIf(events([...heard, ...lab.notifications()]).length === 1);
});
protocolCase(GATEWAY, "masked by the host", (lab) => {
  lab.ok(mask(0x1));
  const ring = play(lab);
  ring.feed(20);
  record(lab);
  lab.run(60);
  // Overruns are not masked.
  check(events(lab.notifications()).map(([, , event]) => event)).toEqual([OVERRUN]);
  // Events that the host wants again are sent from the next episode on.
  lab.ok(largeSet([0, 0], 3, words([0x1, 0x1])));
  lab.run(20);
  const again = events(lab.notifications());
  ring.feed(10);
  lab.run(30);
  check(events(lab.notifications()).map(([, , event]) => event)).toEqual([UNDERRUN]);
  return sentIf(again.length > 0);
});
protocolCase(GATEWAY, "build without xrun notifications", (lab) => {
  const other = lab.with({ config: { CONFIG_XRUN_NOTIFICATIONS_ENABLE: false } });
  play(other).feed(20);
  other.run(60);
  return sentIf(other.notifications().length > 0);
});

const CHAIN = "RESOURCE_EVENT, DMA chain xrun";

/** A chain on host stream and link 0 with the host's ring before it. */
function chain(lab: Lab, direction: "playback" | "capture"): HostRing {
  const ring = new HostRing(lab, direction);
  const link = lab.firmware.soc.gateways.get("hda", 0, direction);
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
  const id = direction === "playback" ? 0 : 9;
  lab.ok(chainDma(id, id, { allocate: true, enable: true }));
  return ring;
}

protocolCase(CHAIN, "playback link runs dry", (lab) => {
  const ring = chain(lab, "playback");
  ring.stream.start();
  ring.feed(20);
  lab.run(40);
  check(events(lab.notifications())).toEqual([[2, 0x0800, UNDERRUN, 0, 0, 0]]);
  return "sent";
});
protocolCase(CHAIN, "capture link runs over", (lab) => {
  chain(lab, "capture");
  lab.run(40);
  check(events(lab.notifications())).toEqual([[2, 0x0900, OVERRUN, 0, 0, 0]]);
  return "sent";
});
protocolCase(CHAIN, "the episode goes on while the other end is well", (lab) => {
  const ring = chain(lab, "playback");
  ring.stream.start();
  ring.feed(20);
  lab.run(200);
  const first = events(lab.notifications());
  // A new episode is told of again.
  ring.feed(20);
  lab.run(60);
  check(events(lab.notifications())).toHaveLength(1);
  return sentIf(first.length > 1);
});
protocolCase(CHAIN, "masked by the host", (lab) => {
  lab.ok(mask(0xf));
  const ring = chain(lab, "playback");
  ring.stream.start();
  ring.feed(20);
  lab.run(60);
  return sentIf(lab.notifications().length > 0);
});

const UNDERRUNS = "RESOURCE_EVENT, mixer underrun";

/** Scripted source, mixin and mixout in pipeline 0; the source stops giving when the test says so. */
function mix(lab: Lab): void {
  lab.ok(createPipeline(0));
  const source = lab.scripted(0);
  const sink = lab.scripted(1);
  lab.ok(
    initInstance([Id.MIXIN, 0], 0, base40),
    initInstance([Id.MIXOUT, 0], 0, base40),
    bind(source, [Id.MIXIN, 0]),
    bind([Id.MIXIN, 0], [Id.MIXOUT, 0]),
    bind([Id.MIXOUT, 0], sink),
    setState(State.PAUSED, 0),
    setState(State.RUNNING, 0),
  );
}

protocolCase(UNDERRUNS, "a mixin has nothing to mix", (lab) => {
  mix(lab);
  lab.run(3);
  const [event] = events(lab.notifications());
  check(event?.slice(0, 5)).toEqual([1, 0, MIXER, 0, 0]);
  check(event?.[5]).toBe(384);
  return "sent";
});
protocolCase(UNDERRUNS, "the stream has ended", (lab) => {
  mix(lab);
  lab.ok(setState(State.EOS, 0));
  lab.notifications();
  lab.run(20);
  const [event] = events(lab.notifications());
  check(event?.slice(0, 4)).toEqual([1, 0, MIXER, 1]);
  return "sent";
});
protocolCase(UNDERRUNS, "again before the period is over", (lab) => {
  mix(lab);
  lab.ok(configSet([Id.MIXIN, 0], 0, 100));
  lab.run(90);
  return sentIf(events(lab.notifications()).length > 1);
});
protocolCase(UNDERRUNS, "masked by the host", (lab) => {
  lab.ok(mask(0x2));
  mix(lab);
  lab.run(30);
  return sentIf(lab.notifications().length > 0);
});

const ERRORS = "RESOURCE_EVENT, process data error";

protocolCase(ERRORS, "a module's process fails: its pipeline stops", (lab) => {
  const [end] = lab.pairIn("RUNNING", 2);
  lab.pairIn("RUNNING", 3);
  const { periods } = lab.firmware.graph.component((end[1] << 16) | end[0]) ?? { periods: 0 };
  lab.script.process = -61;
  lab.run(1);
  // No data is no failure.
  check(lab.stateOf(2)).toBe("active");
  lab.script.process = -5;
  lab.run(5);
  lab.script.process = 0;
  const heard = events(lab.notifications());
  check(heard).toEqual([
    [0, (end[1] << 16) | end[0], 3, -5 >>> 0, 0, 0],
    [0, ((end[1] + 2) << 16) | end[0], 3, -5 >>> 0, 0, 0],
  ]);
  check([lab.stateOf(2), lab.stateOf(3)]).toEqual(["ready", "ready"]);
  const after = lab.firmware.graph.component((end[1] << 16) | end[0])?.periods ?? 0;
  check(after).toBeLessThan(periods + 6);
  // Recovery is the host's: the pipelines start again.
  lab.ok(setStates(State.PAUSED, 2, 3), setStates(State.RUNNING, 2, 3));
  return sentIf(heard.length === 2);
});
protocolCase(ERRORS, "everything is masked by the host", (lab) => {
  lab.ok(mask(0xffff_ffff));
  lab.pairIn("RUNNING");
  lab.script.process = -5;
  lab.run(5);
  return sentIf(events(lab.notifications()).length === 1);
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
