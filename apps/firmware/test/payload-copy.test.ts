import type { ModuleDriver } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { defaultModules } from "../src/modules.js";
import { words } from "./payloads.js";
import { base40 } from "./protocol/lab.js";
import { createPipeline, initInstance, largeSet } from "./protocol/messages.js";
import { Scripted, ScriptedModules } from "./protocol/scripted-module.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { setCore } from "./stream.js";

/** A host that writes the next payload into the mailbox while a module still reads the one before. */
function hasty(locking: (typeof strategies)[number]): { host: RawHost; read: number[][] } {
  const read: number[][] = [];
  const drivers = new ScriptedModules().drivers.map(([id, driver]): [number, ModuleDriver] => [
    id,
    {
      ...driver,
      create(services, payload) {
        const module = driver.create(services, payload);
        if (typeof module === "number") return module;
        return Object.assign(module, {
          setConfiguration(_param: number, _position: string, _size: number, bytes: Uint8Array) {
            const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
            const before = view.getUint32(0, true);
            host.link.writeWindow(1, 0, words([0xdead_beef]));
            read.push([before, view.getUint32(0, true)]);
            return 0;
          },
        });
      },
    },
  ]);
  const host = new RawHost({
    modules: new Map([...defaultModules(), ...drivers]),
    config: { locking },
  });
  host.boot();
  setCore(host, 1, true);
  return { host, read };
}

describe.each(strategies)("the payload of a message with %s", (locking) => {
  it.each([0, 1])("is what it was when the message came, for a module on core %i", (core) => {
    const { host, read } = hasty(locking);
    const end: [number, number] = [Scripted.OBEDIENT, 0];
    for (const message of [createPipeline(0, { core }), initInstance(end, 0, base40, { core })])
      expect(host.status(...message)).toBe(0);
    expect(host.status(...largeSet(end, 1, words([0x1234])))).toBe(0);
    expect(read).toEqual([[0x1234, 0x1234]]);
  });
});
