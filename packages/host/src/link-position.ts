import {
  FwRegisterCount,
  fwRegisters,
  llpGpdmaOffset,
  type LlpReadingSlot,
  llpReadingSlot,
  llpSndwOffset,
  MemoryWindow,
  NODE_ID_MASK,
  pipelineRegisters,
  pipelineRegistersOffset,
} from "@sof-ts/ipc4";
import type { HostLink } from "./ports.js";

/** Start offset of a stream that the firmware has not started. */
const NOT_STARTED = 0xffff_ffff_ffff_ffffn;

/**
 * Reads how far a link has come from the firmware's registers: the slot of its gateway, first among those of
 * general-purpose DMA, then SoundWire, then the one of voice activity detection.
 *
 * @returns bytes since the link's start, null when no slot has the gateway
 */
export function readLinkPosition(link: HostLink, nodeId: number): number | null {
  const wanted = nodeId & NODE_ID_MASK;
  for (const offset of slotOffsets()) {
    const slot = readSlot(link, offset);
    if (slot.nodeId === wanted && !isFree(slot)) return slot.llpHigh * 2 ** 32 + slot.llpLow;
  }
  return null;
}

/**
 * Reads the link position at which a host stream began to be heard.
 *
 * @param index stream tag - 1
 * @returns bytes, null while the stream has not started or has no register
 */
export function readStreamStart(link: HostLink, index: number): number | null {
  if (index >= FwRegisterCount.PIPELINES) return null;
  const bytes = link.readWindow(
    MemoryWindow.FW_REGISTERS.window,
    MemoryWindow.FW_REGISTERS.offset + pipelineRegistersOffset(index),
    pipelineRegisters.size,
  );
  const { streamStartOffset } = pipelineRegisters.decode(bytes);
  return streamStartOffset === NOT_STARTED ? null : Number(streamStartOffset);
}

function* slotOffsets(): Generator<number, void, void> {
  for (let i = 0; i < FwRegisterCount.LLP_GPDMA; i++) yield llpGpdmaOffset(i);
  for (let i = 0; i < FwRegisterCount.LLP_SNDW; i++) yield llpSndwOffset(i);
  yield fwRegisters.offsets.llpEvad;
}

function readSlot(link: HostLink, offset: number): LlpReadingSlot {
  const { window, offset: base } = MemoryWindow.FW_REGISTERS;
  return llpReadingSlot.decode(link.readWindow(window, base + offset, llpReadingSlot.size));
}

/** A slot that is not in use is all zero; node 0 is a host gateway and never has a slot. */
const isFree = (slot: LlpReadingSlot): boolean => slot.nodeId === 0;
