import { words } from "../../payloads.js";
import {
  bind,
  concat,
  createPipeline,
  deletePipeline,
  type End,
  setState,
  State,
  unbind,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";

export const file = casesIn(import.meta.url);
const { protocolCase, unreachableCase } = file;

protocolCase("CREATE_PIPELINE", "core id at or above the core count", (lab) => {
  for (const core of [3, 4, 8, 14]) {
    check(lab.status(createPipeline(1, { core }))).toBe(116);
  }
  // It is the core that is looked at first, not the id.
  lab.ok(createPipeline(1));
  return lab.status(createPipeline(1, { core: 15 }));
});

protocolCase("CREATE_PIPELINE", "core is off", (lab) => {
  lab.ok(createPipeline(1));
  return lab.status(createPipeline(1, { core: 2 }));
});

protocolCase("CREATE_PIPELINE", "id is in use", (lab) => {
  lab.ok(createPipeline(7));
  lab.cores(1);
  check(lab.status(createPipeline(7, { core: 1 }))).toBe(9);
  lab.failAllocation(0);
  return lab.status(createPipeline(7));
});

protocolCase("CREATE_PIPELINE", "no memory", (lab) => {
  const idle = lab.firmware.resources;
  lab.failAllocation(0);
  const status = lab.status(createPipeline(1));
  check(lab.firmware.resources).toEqual(idle);
  lab.ok(createPipeline(1));
  return status;
});

protocolCase("CREATE_PIPELINE", "everything fits", (lab) => {
  const status = lab.status(createPipeline(5, { priority: 3, pages: 12 }));
  check(lab.firmware.graph.pipeline(5)).toMatchObject({
    id: 5,
    priority: 3,
    memoryPages: 12,
    core: 0,
    state: "init",
    memoryRequest: undefined,
  });
  return status;
});

protocolCase("CREATE_PIPELINE", "priority, memory size and id are not checked", (lab) => {
  lab.ok(createPipeline(0xfe, { priority: 31, pages: 2047 }));
  return lab.status(createPipeline(200, { priority: 8, pages: 0 }));
});

/** Header of a payload of so many words, header included, that has objects. */
const header = (totalWords: number, hasObjects = true): Uint8Array =>
  words([totalWords | (hasObjects ? 1 << 24 : 0), 0, 0]);
const object = (id: number, last: boolean, ...data: number[]): Uint8Array =>
  words([(last ? 1 : 0) | (id << 1) | (data.length << 16), ...data]);

protocolCase("CREATE_PIPELINE", "payload with a memory object", (lab) => {
  const payload = concat(header(7), object(1, true, 5, 4096, 8192));
  const status = lab.status(createPipeline(1, { payload }));
  check(lab.firmware.graph.pipeline(1)?.memoryRequest).toEqual({
    domainId: 5,
    stackBytes: 4096,
    heapBytes: 8192,
  });
  lab.ok(createPipeline(2, { payload: header(3, false) }));
  check(lab.firmware.graph.pipeline(2)?.memoryRequest).toBeUndefined();
  return status;
});

protocolCase("CREATE_PIPELINE", "payload that cannot be decoded is dropped", (lab) => {
  const broken = [
    concat(header(2), object(1, true, 5, 4096, 8192)),
    concat(header(2000), object(1, true, 5, 4096, 8192)),
    concat(header(6), object(1, true, 5, 4096, 8192)),
    concat(header(7), object(1, false, 5, 4096, 8192)),
  ];
  const statuses = broken.map((payload, id) => lab.status(createPipeline(id, { payload })));
  check(statuses).toEqual([0, 0, 0, 0]);
  for (let id = 0; id < broken.length; id++)
    check(lab.firmware.graph.pipeline(id)).toMatchObject({ memoryRequest: undefined });
  return 0;
});

protocolCase("CREATE_PIPELINE", "payload object that is too small or unknown is skipped", (lab) => {
  const payload = concat(
    header(12),
    object(1, false, 1, 2),
    object(9, false, 7),
    object(1, true, 3, 512, 1024),
  );
  const status = lab.status(createPipeline(1, { payload }));
  check(lab.firmware.graph.pipeline(1)?.memoryRequest).toMatchObject({ domainId: 3 });
  return status;
});

protocolCase("DELETE_PIPELINE", "id is unknown", (lab) => {
  lab.ok(createPipeline(1));
  return lab.status(deletePipeline(2));
});

protocolCase(
  "DELETE_PIPELINE",
  "a module is not READY: those before it are gone, its own connections too",
  (lab) => {
    const idle = lab.firmware.resources;
    const [from, to] = lab.pairIn("PAUSED");
    const late: End = lab.scripted(9);
    const graph = lab.firmware.graph;
    const status = lab.status(deletePipeline(0));
    check(graph.pipeline(0)).not.toBeNull();
    check(graph.component((from[1] << 16) | from[0])?.sinks).toEqual([]);
    check(graph.component((to[1] << 16) | to[0])?.sources).toHaveLength(1);
    // Those that are READY come first here: the late one was created into a new pipeline of its own order.
    check(graph.component((late[1] << 16) | late[0])).not.toBeNull();
    lab.ok(setState(State.RESET, 0), deletePipeline(0));
    check(lab.firmware.resources).toEqual(idle);
    return status;
  },
);

unreachableCase(
  "DELETE_PIPELINE",
  "freeing the pipeline fails",
  "A pipeline is freed by its own core's thread, which does not run while a task of that core does; all modules being READY, no task of the pipeline is left to wait for.",
);

protocolCase("DELETE_PIPELINE", "all modules are READY", (lab) => {
  const idle = lab.firmware.resources;
  lab.pairIn("RUNNING");
  lab.pair(1);
  lab.ok(setState(State.RESET, 0));
  check(lab.status(deletePipeline(1))).toBe(0);
  const status = lab.status(deletePipeline(0));
  check(lab.firmware.resources).toEqual(idle);
  return status;
});

protocolCase(
  "DELETE_PIPELINE",
  "a connection to another pipeline survives without its end",
  (lab) => {
    const idle = lab.firmware.resources;
    const [, outer] = lab.pair(0);
    const [inner] = lab.pair(1);
    lab.ok(bind([outer[0], outer[1], 1], [inner[0], inner[1], 1]));
    const status = lab.status(deletePipeline(0));
    const left = lab.firmware.graph.component((inner[1] << 16) | inner[0]);
    check(left?.sources).toHaveLength(1);
    check(left?.sources[0]).toMatchObject({ source: null });
    check(lab.status(unbind(outer, inner))).toBe(9);
    lab.ok(deletePipeline(1));
    check(lab.firmware.resources).toEqual(idle);
    return status;
  },
);
