import { words } from "../../payloads.js";
import { base40, Id, type Lab } from "../lab.js";
import {
  bind,
  chainDma,
  configSet,
  createPipeline,
  initInstance,
  largeSet,
  setState,
  setStates,
  State,
} from "../messages.js";
import { events, mask, sentIf } from "../notified.js";
import { casesIn, check } from "../protocol-case.js";
import { HostRing, play, record } from "../streams.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const UNDERRUN = 6;
const OVERRUN = 7;
const MIXER = 1;

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
