import { writeFileSync } from "node:fs";
import { encodeSession, RecordingStream } from "./recording.js";
import { noise, ServedHost } from "./served-streams.js";

/**
 * Records `playback.session.gz`: a host that boots, plays 10 ms and records 5 ms. Run it when host or protocol
 * change what they send:
 *
 * `tsx --conditions=@sof-ts/source apps/firmware/test/serve/record-session.ts`
 */
const stream = new RecordingStream();
const host = await ServedHost.boot(stream, noise(4800, 99));
await host.play(noise(480));
await host.record(240 * 8);
await host.link.close();
const file = new URL("playback.session.gz", import.meta.url);
writeFileSync(file, encodeSession(stream.parts));
console.log(`${file.pathname}: ${stream.parts.length} parts`);
