import { copier, words } from "../../payloads.js";
import { Id, type Lab } from "../lab.js";
import { bind, createPipeline, initInstance, ipcGateway, setState, State } from "../messages.js";
import { casesIn, check } from "../protocol-case.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

const GET_DATA = 1;
const SET_DATA = 2;
const FLUSH_DATA = 3;
const IPC_OUTPUT = 0x1400;
const IPC_INPUT = 0x1500;
const RING = 1536;

/** A copier whose gateway the host serves by messages; its blob asks for a ring of {@link RING} bytes. */
function ipcCopier(nodeId: number): Uint8Array {
  const payload = new Uint8Array(100);
  payload.set(copier(nodeId, 0));
  payload.set(words([5, 0, RING, 0, 0, 0]), 76);
  return payload;
}

/** Host to DSP by messages, through a gain, and back by messages. */
function loop(lab: Lab): void {
  lab.ok(
    createPipeline(0),
    initInstance([Id.COPIER, 0], 0, ipcCopier(IPC_INPUT)),
    initInstance([Id.COPIER, 1], 0, ipcCopier(IPC_OUTPUT)),
  );
}

protocolCase("IPCGATEWAY_CMD", "build without IPC gateways", (lab) =>
  lab.with({ config: { CONFIG_IPC4_GATEWAY: false } }).status(ipcGateway(GET_DATA, 0, 0)),
);
protocolCase("IPCGATEWAY_CMD", "no gateway of this node id", (lab) => {
  lab.playback(0);
  // A host stream is a gateway, but none of this kind.
  check(lab.status(ipcGateway(GET_DATA, 0, 16))).toBe(6);
  return lab.status(ipcGateway(GET_DATA, IPC_OUTPUT, 16));
});
protocolCase("IPCGATEWAY_CMD", "command is unknown", (lab) => {
  loop(lab);
  for (const command of [0, 4, 0xff_ffff])
    check(lab.status(ipcGateway(command, IPC_OUTPUT, 16))).toBe(6);
  return 6;
});
protocolCase("IPCGATEWAY_CMD", "gateway is not bound: no bytes", (lab) => {
  loop(lab);
  const taken = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 16, new Uint8Array(16)));
  check([taken.extension, taken.payload[0]]).toEqual([4, 0]);
  const given = lab.send(ipcGateway(GET_DATA, IPC_OUTPUT, 16));
  check([given.extension, given.payload[0]]).toEqual([4, 0]);
  return given.primary & 0xff_ffff;
});

const samples = (from: number, bytes: number): Uint8Array =>
  new Uint8Array(Int32Array.from({ length: bytes / 4 }, (_, i) => from + i).buffer);
const wordAt = (bytes: Uint8Array, offset: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);

protocolCase("IPCGATEWAY_CMD", "SET_DATA", (lab) => {
  loop(lab);
  lab.ok(bind([Id.COPIER, 0], [Id.COPIER, 1]));
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  const reply = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 768, samples(1, 768)));
  check([reply.extension, wordAt(reply.payload, 0)]).toEqual([4, 768]);
  // More than there is room for is taken in part.
  const more = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 4000, samples(193, 4000)));
  check(wordAt(more.payload, 0)).toBeLessThanOrEqual(RING);
  check(wordAt(more.payload, 0)).toBeGreaterThan(0);
  return reply.primary & 0xff_ffff;
});
protocolCase("IPCGATEWAY_CMD", "GET_DATA", (lab) => {
  loop(lab);
  lab.ok(bind([Id.COPIER, 0], [Id.COPIER, 1]));
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  let sent = 0;
  let heard = 0;
  let status = -1;
  for (let round = 0; round < 20; round++) {
    const taken = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 400, samples(1 + sent / 4, 400)));
    sent += wordAt(taken.payload, 0);
    lab.run(1);
    const given = lab.send(ipcGateway(GET_DATA, IPC_OUTPUT, 1 << 20));
    const bytes = given.extension - 4;
    for (let at = 0; at < bytes; at += 4)
      check(wordAt(given.payload, 4 + at)).toBe(1 + (heard + at) / 4);
    heard += bytes;
    status = given.primary & 0xff_ffff;
    check(wordAt(given.payload, 0)).toBe(0);
  }
  check(heard).toBeGreaterThan(5000);
  // The word says what is left behind what was given.
  lab.run(3);
  lab.ok(ipcGateway(GET_DATA, IPC_OUTPUT, 1 << 20));
  lab.ok(ipcGateway(SET_DATA, IPC_INPUT, 384, samples(1, 384)));
  lab.run(3);
  const some = lab.send(ipcGateway(GET_DATA, IPC_OUTPUT, 100));
  check([some.extension, wordAt(some.payload, 0)]).toEqual([104, 284]);
  return status;
});
protocolCase("IPCGATEWAY_CMD", "FLUSH_DATA", (lab) => {
  loop(lab);
  lab.ok(bind([Id.COPIER, 0], [Id.COPIER, 1]));
  lab.ok(ipcGateway(SET_DATA, IPC_INPUT, 384, samples(1, 384)));
  const reply = lab.send(ipcGateway(FLUSH_DATA, IPC_INPUT, 0));
  check(reply.extension).toBe(0);
  const all = lab.send(ipcGateway(SET_DATA, IPC_INPUT, 4000, samples(1, 4000)));
  check(wordAt(all.payload, 0)).toBe(RING);
  return reply.primary & 0xff_ffff;
});
