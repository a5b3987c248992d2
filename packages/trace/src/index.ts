export { EventKind, EventLog, type TraceEvent } from "./event-log.js";
export { toLogText } from "./log-text.js";
export { toPerfetto } from "./perfetto.js";
export { TraceRecorder } from "./recorder.js";
