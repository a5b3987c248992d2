/** When the firmware sends a notification, and what it writes into its window. */
export const events = {
  "any notification": {
    "waits until the host has taken the last message": "sent",
    "is overtaken by a reply": "sent",
    "is the ninth that waits": "not sent",
    "waits when core 0 goes down": "not sent",
  },
  FW_READY: {
    "core 0 is up": "sent",
  },
  "RESOURCE_EVENT, gateway xrun": {
    "playback link runs dry": "sent",
    "capture link runs over": "sent",
    "the episode goes on": "not sent",
    "another episode after a clean one": "sent",
    "pool is exhausted: again at a later tick": "sent",
    "masked by the host": "not sent",
    "build without xrun notifications": "not sent",
  },
  "RESOURCE_EVENT, DMA chain xrun": {
    "playback link runs dry": "sent",
    "capture link runs over": "sent",
    "the episode goes on while the other end is well": "not sent",
    "masked by the host": "not sent",
  },
  "RESOURCE_EVENT, mixer underrun": {
    "a mixin has nothing to mix": "sent",
    "the stream has ended": "sent",
    "again before the period is over": "not sent",
    "masked by the host": "not sent",
  },
  "RESOURCE_EVENT, process data error": {
    "a module's process fails: its pipeline stops": "sent",
    "everything is masked by the host": "sent",
  },
  PHRASE_DETECTED: {
    "a detector heard its phrase": "sent",
  },
  MODULE_NOTIFICATION: {
    "a module tells of a changed control": "sent",
    "data that no mailbox holds": "not sent",
  },
  LOG_BUFFER_STATUS: {
    "the log is not enabled": "not sent",
    "a line is old": "sent",
    "space runs low": "sent",
  },
  EXCEPTION_CAUGHT: {
    "a privileged thread faults: ahead of what waits": "sent",
    "an LL thread without privileges faults": "sent",
  },
  WATCHDOG_TIMEOUT: {
    "a core misses its ticks": "sent",
    "it stays away": "sent",
    "it comes back": "not sent",
  },
  "window 0, pipeline_regs": {
    "copier is made": "written",
    "START with a running link": "written",
    "START without": "written",
    "PAUSE and RELEASE": "written",
    "PAUSE and RELEASE while the link goes on": "written",
    "RELEASE with a period buffered before the link": "written",
    RESET: "written",
  },
  "window 0, llp_reading_slot": {
    "copier of a link without registers is made": "written",
    "each copy": "written",
    "pipeline is reset": "written",
    "copier is freed": "written",
    "group of SoundWire endpoints": "written",
    "HD-A links and host streams have none": "written",
  },
  "window 0, peak_vol_regs": {
    "peak volume reports": "written",
  },
  "window 0, status": {
    boot: "written",
    "pipelines run": "written",
    "secondary cores are on": "written",
    "a fault": "written",
    "core 0 goes down": "written",
  },
} as const;
