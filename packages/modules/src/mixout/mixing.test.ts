import { describe, expect, it } from "vitest";
import { create, drain, feed, format, payload, ring, TestServices, words } from "../../test/kit.js";
import { Mixer, type MixerInput } from "../../test/mixer.js";
import { crc, encodeSamples, integerFormats, noise, quantize } from "../../test/signals.js";
import { mixinDriver } from "../mixin/driver.js";

const constant = (value: number, frames: number) => Array.from({ length: frames * 2 }, () => value);

describe("mixin and mixout", () => {
  it("add streams exactly", () => {
    const sums = { s16: "ce6233b5", s24: "01366ff5", s32: "444dcc06" };
    for (const name of integerFormats) {
      const samples = quantize(noise(960), name);
      const reversed = samples.map((_, i) => samples[2 * (479 - (i >> 1)) + (i & 1)] as number);
      const mixer = new Mixer(name, 2);
      const mode = words(1, 0, 0, 0, 0, 777);
      expect(mixer.inputs[1]?.module.setConfiguration?.(1, "single", mode.length, mode)).toBe(0);
      const out: number[] = [];
      for (let at = 0; at < 960; at += 96) {
        mixer.feed(0, samples.subarray(at, at + 96));
        mixer.feed(1, reversed.subarray(at, at + 96));
        mixer.mix(0, 1);
        out.push(...mixer.out());
      }
      if (name === "s32") expect(out.slice(0, 2)).toEqual([167658448, 1683604777]);
      expect(`${name} ${crc(encodeSamples(out, name))}`).toBe(`${name} ${sums[name]}`);
    }
  });

  it("add what comes from another core exactly, whichever core ticks first", () => {
    const sums = { s16: "ce6233b5", s24: "01366ff5", s32: "444dcc06" };
    for (const name of integerFormats) {
      for (const order of ["mixin first", "mixout first", "in turns"]) {
        const samples = quantize(noise(960), name);
        const reversed = samples.map((_, i) => samples[2 * (479 - (i >> 1)) + (i & 1)] as number);
        const mixer = new Mixer(name, 0);
        const inputs = [mixer.add(true), mixer.add(true)];
        const mode = words(1, 0, 0, 0, 0, 777);
        expect(inputs[1]?.module.setConfiguration?.(1, "single", mode.length, mode)).toBe(0);
        const out: number[] = [];
        for (let tick = 0; tick < 14; tick++) {
          const late = order === "mixout first" || (order === "in turns" && tick % 3 === 1);
          if (late) out.push(...mixer.out());
          if (tick < 10) {
            const at = tick * 96;
            mixer.feed(0, samples.subarray(at, at + 96));
            mixer.feed(1, reversed.subarray(at, at + 96));
            mixer.mix(0, 1);
          } else for (const { link } of inputs) link.producerActive = false;
          if (!late) out.push(...mixer.out());
        }
        const begin = out.findIndex((sample) => sample !== 0);
        const mix = encodeSamples(out.slice(begin, begin + 960), name);
        expect(`${order} ${name} ${crc(mix)}`).toBe(`${order} ${name} ${sums[name]}`);
        expect(begin).toBe(order === "mixin first" ? 96 : 192);
      }
    }
  });

  it("do not hold a stream back for one of another core that is late, and lose nothing of that one", () => {
    const mixer = new Mixer("s32", 1);
    const remote = mixer.add(true);
    const out: number[] = [];
    for (let tick = 0; tick < 20; tick++) {
      mixer.feed(0, constant(1000, 48));
      if (tick < 12) mixer.feed(1, constant(tick + 1, 48));
      else remote.link.producerActive = false;
      mixer.mix(0);
      // The other core is overloaded for three periods and makes up for them.
      if (tick < 5 || (tick > 7 && tick < 15)) mixer.mix(1);
      const period = mixer.out();
      expect(period).toHaveLength(96);
      out.push(...period);
    }
    const heard = out.map((sample) => sample - 1000).filter((sample) => sample !== 0);
    expect(heard.every((value, i) => i === 0 || value - (heard[i - 1] as number) <= 1)).toBe(true);
    expect(heard[0]).toBe(1);
    expect(heard.length / 2).toBe(12 * 48);
  });

  it("saturate the sum", () => {
    const mixer = new Mixer("s16", 2);
    mixer.feed(0, [30000, -30000]);
    mixer.feed(1, [5000, -5000]);
    mixer.mix(0, 1);
    expect(mixer.out()).toEqual([32767, -32768]);
  });

  it("commit only what every mixin has reached, and keep the rest", () => {
    const mixer = new Mixer("s32", 2);
    mixer.feed(0, constant(1, 48));
    mixer.feed(1, constant(10, 30));
    mixer.mix(0, 1);
    expect(mixer.out()).toEqual(constant(11, 30));
    mixer.feed(1, constant(20, 48));
    mixer.mix(1);
    expect(mixer.out()).toEqual(constant(21, 18));
  });

  it("give silence while no mixin has anything", () => {
    const mixer = new Mixer("s32", 1);
    mixer.sink.memory.u8.fill(0xff, mixer.sink.start, mixer.sink.end);
    (mixer.inputs[0] as MixerInput).link.producerActive = false;
    expect(mixer.out()).toEqual(constant(0, 48));
  });

  it("give silence for a stream that has run dry, not for the others", () => {
    const mixer = new Mixer("s32", 2);
    for (let period = 0; period < 3; period++) {
      mixer.feed(0, constant(7, 48));
      mixer.mix(1, 0);
      expect(mixer.out()).toEqual(constant(7, 48));
    }
    const { services } = mixer.inputs[1] as MixerInput;
    expect(services.log).toEqual(["mixer underrun 0/384"]);
  });

  it("report a dry stream every tenth period, or as often as they are told", () => {
    const mixer = new Mixer("s32", 1);
    const { services, module } = mixer.inputs[0] as MixerInput;
    const run = (periods: number) => {
      services.log.length = 0;
      for (let i = 0; i < periods; i++) {
        mixer.mix(0);
        mixer.out();
      }
      return services.log.length;
    };
    expect(run(21)).toBe(3);
    expect(module.setConfigParam?.(0, 1)).toBe(0);
    mixer.feed(0, constant(1, 48));
    expect(run(5)).toBe(4);
    expect([
      module.setConfigParam?.(0, 0),
      module.setConfigParam?.(1, 1),
      module.getConfigParam?.(0),
    ]).toEqual([-22, -22, 1]);
  });

  it("lose and repeat nothing of a stream while others start, pause and stop", () => {
    // The second mixin's pipeline runs after the mixout, the third's before.
    const mixer = new Mixer("s32", 3);
    const [, second, third] = mixer.inputs as [MixerInput, MixerInput, MixerInput];
    second.link.producerActive = false;
    third.link.producerActive = false;
    const out: number[] = [];
    let frame = 0;
    for (let period = 0; period < 40; period++) {
      const starts = (input: MixerInput, at: number) =>
        (input.link.producerActive ||= period === at);
      starts(second, 5);
      starts(third, 9);
      if (period === 20) second.link.producerActive = false;
      if (period === 25) second.link.producerActive = true;
      if (period === 30) third.link.producerActive = false;
      mixer.feed(
        0,
        Array.from({ length: 96 }, () => ++frame),
      );
      if (third.link.producerActive) mixer.mix(2);
      mixer.mix(0);
      out.push(...mixer.out());
      if (second.link.producerActive) mixer.mix(1);
    }
    // The others are silent: what is heard is the first stream.
    expect(out).toEqual(Array.from({ length: 40 * 96 }, (_, i) => i + 1));
  });

  it("wait one period for a mixin whose tick comes late, and no longer", () => {
    const mixer = new Mixer("s32", 2, 192);
    const tick = (...which: number[]) => {
      which.forEach((index) => mixer.feed(index, constant(index + 1, 48)));
      mixer.mix(...which);
      return mixer.out();
    };
    expect(tick(0, 1)).toEqual(constant(3, 48));
    expect(tick(0)).toEqual([]);
    expect(tick(0, 1)).toEqual(constant(3, 48));
    expect(tick(0)).toEqual([]);
    expect(tick(0)).toEqual(constant(1, 144));
    expect(tick(0)).toEqual(constant(1, 48));
  });

  it("forget what only an unbound mixin had reached", () => {
    const mixer = new Mixer("s32", 2);
    const { module, link } = mixer.inputs[1] as MixerInput;
    mixer.feed(1, constant(9, 48));
    mixer.mix(1);
    module.unbind?.({ side: "source", queueId: 0, stream: link, peer: mixer.mixout });
    mixer.mixout.unbind?.({ side: "sink", queueId: 1, stream: link, peer: module });
    mixer.feed(0, constant(1, 48));
    mixer.mix(0);
    expect(mixer.out()).toEqual(constant(1, 48));
  });

  it("stop at the room that the sink had when the period began", () => {
    const mixer = new Mixer("s32", 2, 60);
    mixer.feed(0, constant(1, 48));
    mixer.feed(1, constant(2, 48));
    feed(mixer.sink, new Uint8Array(20 * 8));
    mixer.mix(0);
    drain(mixer.sink);
    mixer.mix(1);
    expect(mixer.out()).toEqual(constant(3, 40));
    expect(mixer.inputs.map(({ source }) => source.available)).toEqual([64, 64]);
  });

  it("feed several mixouts from one mixin at the pace of the fullest that is active", () => {
    const one = new Mixer("s32", 1);
    const two = new Mixer("s32", 0);
    const { module, source, link } = one.inputs[0] as MixerInput;
    const other = ring(two.services.heap, 64);
    other.producerActive = true;
    expect(module.bind?.({ side: "source", queueId: 1, stream: other, peer: two.mixout })).toBe(0);
    two.mixout.bind?.({ side: "sink", queueId: 0, stream: other, peer: module });
    feed(source, encodeSamples(constant(5, 48), "s32"));
    module.process([source], [link, other]);
    expect(one.out()).toEqual(constant(5, 48));
    other.consumerActive = true;
    feed(source, encodeSamples(constant(6, 48), "s32"));
    feed(two.sink, new Uint8Array(66 * 8));
    module.process([source], [link, other]);
    expect(source.available).toBe(18 * 8);
    expect(one.out()).toEqual(constant(6, 30));
  });

  it("refuse a ninth mixin, a fourth mixout, and a peer that is no mixout", () => {
    const mixer = new Mixer("s32", 8);
    const link = ring(mixer.services.heap, 64);
    expect(mixer.mixout.bind?.({ side: "sink", queueId: 8, stream: link, peer: null })).toBe(-12);
    const { module } = mixer.inputs[0] as MixerInput;
    expect(module.bind?.({ side: "source", queueId: 3, stream: link, peer: mixer.mixout })).toBe(
      -22,
    );
    expect(module.bind?.({ side: "source", queueId: 1, stream: link, peer: module })).toBe(-22);
    expect(module.bind?.({ side: "source", queueId: 1, stream: link, peer: null })).toBe(-22);
  });

  it("fail where an active mixout has no stream, and with formats that cannot be mixed", () => {
    const mixer = new Mixer("s32", 1);
    mixer.mixout.reset();
    expect(mixer.mix(0)).toEqual([-22]);
    const float = format("float");
    const services = new TestServices();
    const module = create(mixinDriver, services, payload(float));
    expect(module.prepare([mixer.sink], [mixer.sink])).toBe(-22);
  });
});
