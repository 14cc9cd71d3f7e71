import { BOOT_MANAGER_CAUSES, type BootManagerCauseId } from './boot-manager.js';
import type { CauseKind } from './cause-kind.js';
import { CRASH_CAUSES, type CrashCauseId } from './crash.js';
import { DATA_CAUSES, type DataCauseId } from './data.js';
import { FIRMWARE_CAUSES, type FirmwareCauseId } from './firmware.js';
import { IMAGE_CAUSES, type ImageCauseId } from './image.js';
import { KERNEL_CAUSES, type KernelCauseId } from './kernel.js';
import { LOADER_CAUSES, type LoaderCauseId } from './loader.js';
import { LOGON_CAUSES, type LogonCauseId } from './logon.js';
import { RULE_KIND } from './rule-kind.js';
import { SESSION_CAUSES, type SessionCauseId } from './session.js';

export type {
  BootManagerCauseId,
  CrashCauseId,
  DataCauseId,
  FirmwareCauseId,
  ImageCauseId,
  KernelCauseId,
  LoaderCauseId,
  LogonCauseId,
  SessionCauseId,
};

/** Causes that deadbox itself knows; docs/causes.md describes each. */
export type KnownCauseId =
  | ImageCauseId
  | FirmwareCauseId
  | BootManagerCauseId
  | LoaderCauseId
  | KernelCauseId
  | CrashCauseId
  | SessionCauseId
  | LogonCauseId
  | DataCauseId;

/** A known cause, or what a rule file found. */
export type CauseId = KnownCauseId | `rule:${string}`;

/** Every known cause, in the order of the start. */
export const CAUSE_KINDS: Readonly<Record<KnownCauseId, CauseKind>> = {
  ...IMAGE_CAUSES,
  ...FIRMWARE_CAUSES,
  ...BOOT_MANAGER_CAUSES,
  ...LOADER_CAUSES,
  ...KERNEL_CAUSES,
  ...CRASH_CAUSES,
  ...SESSION_CAUSES,
  ...LOGON_CAUSES,
  ...DATA_CAUSES,
};

/** Whether `id` is a known cause, not a rule's. */
export function isKnownCause(id: CauseId): id is KnownCauseId {
  return Object.hasOwn(CAUSE_KINDS, id);
}

/** What every finding of `id` shares. */
export function kindOf(id: CauseId): CauseKind {
  return isKnownCause(id) ? CAUSE_KINDS[id] : RULE_KIND;
}
