/** What the protocol and the firmware have room for. */
export const Ipc4Limit = {
  /** Libraries, the base firmware included. */
  LIBRARIES: 16,
  /** Pipelines that the firmware advertises; ids have eight bits and 0xFF means none. */
  PIPELINES: 32,
  /** Instances of one module. */
  INSTANCES: 256,
  /** Priorities of pipelines; the field has five bits. */
  PRIORITIES: 8,
  /** Queues on either side of a module. */
  QUEUES: 8,
  /** Channels of a stream. */
  CHANNELS: 8,
  /** Tasks of one priority in the low-latency domain. */
  LL_TASKS_PER_PRIORITY: 16,
  /** Tasks in the data-processing domain. */
  DP_TASKS: 16,
  /** Inputs of a mixout. */
  MIXOUT_INPUTS: 8,
  /** Notifications that wait for the host. */
  PENDING_NOTIFICATIONS: 8,
  /** Large parameter that the firmware's module adapter takes, in bytes. */
  MODULE_BLOB_BYTES: 8192,
} as const;
