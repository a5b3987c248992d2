import { expect, it } from "vitest";
import { base, copier, words } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  type End,
  initInstance,
  setState,
  State,
} from "./protocol/messages.js";

const HDA_LINK_IN = 0x0900;
const PHRASE_DETECTED = 0x1b04_0000;

it("tells the host of a phrase that the image's own detector heard, once", () => {
  const lab = new Lab();
  const detectorId = lab.firmware.directory
    .entries()
    .find(({ driver }) => driver.manifest.name === "KDTEST")?.moduleId;
  expect(detectorId).toBeDefined();
  const [microphone, detector]: [End, End] = [
    [Id.COPIER, 0],
    [detectorId ?? 0, 0],
  ];
  const link = lab.firmware.soc.gateways.get("hda", 0, "capture");
  link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
  let loud = false;
  link.source = {
    read: (into, offset, length) => {
      into.fill(loud ? 0x60 : 0, offset, offset + length);
      return length;
    },
  };
  lab.ok(
    createPipeline(0),
    initInstance(microphone, 0, copier(HDA_LINK_IN, 768)),
    initInstance(detector, 0, words(base)),
    bind(microphone, detector),
    setState(State.PAUSED, 0),
    setState(State.RUNNING, 0),
  );
  const phrases = () =>
    lab
      .notifications()
      .map(({ primary, extension }) => [primary, extension])
      .filter(([primary]) => ((primary ?? 0) & 0xffff_0000) === PHRASE_DETECTED);
  lab.run(20);
  expect(phrases()).toEqual([]);
  loud = true;
  lab.run(20);
  // Word 1 with full score.
  expect(phrases()).toEqual([[PHRASE_DETECTED | 1, 8192]]);
});
